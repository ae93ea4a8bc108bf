"""The authorization server's core: requests, checks, grants, client authentication, tokens. Pure.

Times are seconds since the epoch and, like every random value, arguments.
"""
