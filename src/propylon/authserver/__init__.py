"""The HTTP face of the oauth engine: token, authorize, login, consent, metadata."""
