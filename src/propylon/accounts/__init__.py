"""Portal users, organizations, roles, personal access tokens."""
