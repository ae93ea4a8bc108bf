"""The partner's site: documentation, applications, account. Pages only; what they change is done by the rooms below."""
