"""The bank's customer at their own consents: what was allowed, how it is used, and taking it back (FEATURES O8)."""
