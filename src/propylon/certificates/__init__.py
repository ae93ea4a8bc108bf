"""Certificate orders, single-use downloads, revocation, the internal CA."""
