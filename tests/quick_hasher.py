"""What a password's hash costs is the point of none but a few tests, and thousands are made."""

from __future__ import annotations

from propylon.accounts.hashers import Argon2id


class QuickArgon2id(Argon2id):
    """The smallest that there is; what either made, both verify."""

    time_cost = 1
    memory_cost = 8
