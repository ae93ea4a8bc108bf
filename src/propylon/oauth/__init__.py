"""The authorization-server core: pure, no IO, no clock, no randomness."""
