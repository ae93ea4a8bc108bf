"""Tools that need no application: certificates without openssl."""
