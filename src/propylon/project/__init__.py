"""Settings, addresses, the one mapping from errors to HTTP, the demonstration."""
