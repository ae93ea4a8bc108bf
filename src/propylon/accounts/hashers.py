"""How passwords are hashed: Argon2id, RFC 9106."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2id(Argon2PasswordHasher):
    """The first parameters of OWASP's Password Storage Cheat Sheet.

    Django's own cost 100 MB and eight threads for each sign-in: a handful at the same time would fill a small machine.
    """

    time_cost = 2
    memory_cost = 19 * 1024  # KiB
    parallelism = 1
