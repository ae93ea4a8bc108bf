"""`propylon demo`: a partner's whole journey against the running system, over HTTP only, narrated."""
