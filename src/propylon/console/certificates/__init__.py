"""Orders and certificates."""
