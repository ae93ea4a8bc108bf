"""The simulated bank: an upstream like any other, reached only through the gateway."""
