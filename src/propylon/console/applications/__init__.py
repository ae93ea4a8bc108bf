"""Applications and clients of all partners."""
