"""What a password's hash costs; all other tests have a cheaper one (tests/quick_hasher.py)."""

from __future__ import annotations

from propylon.accounts.hashers import Argon2id
from propylon.project.settings import PASSWORD_HASHERS


def test_a_password_is_hashed_by_argon2id_with_the_first_parameters_of_owasp_rfc9106() -> None:
    assert [f"{Argon2id.__module__}.{Argon2id.__name__}"] == PASSWORD_HASHERS
    encoded = Argon2id().encode("three quiet harbours", Argon2id().salt())
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert Argon2id().verify("three quiet harbours", encoded)
