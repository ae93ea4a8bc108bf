"""API products, versions, operations, scopes, plans, environments."""
