"""The ID token of the bank's provider: OpenID Connect Core 1.0, 3.1.3.7, each rule by a token that breaks it."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from propylon.customers.directory_errors import LoginRefused
from propylon.customers.id_token import Expected, UnknownKey, check_id_token

NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256", {"kid": "k1"})
KEYS = KeySet([KEY])
EXPECTED = Expected("https://login.example", "propylon", "nonce-1", ("ES256", "PS256"), NOW)
CLAIMS = {
    "iss": "https://login.example",
    "aud": "propylon",
    "sub": "maja",
    "exp": NOW + 60,
    "iat": NOW,
    "nonce": "nonce-1",
}


def _token(key: Any = KEY, alg: str = "ES256", kid: str | None = "k1", **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    header = {"alg": alg} | ({"kid": kid} if kid else {})
    return jwt.encode(header, claims, key, algorithms=[alg])


def _with_public_key_as_secret() -> str:
    """By hand: the library that made the others refuses to."""
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","kid":"k1"}').decode().rstrip("=")
    said = f"{header}.{_token().split('.')[1]}"
    mac = hmac.digest(KEY.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.mark.parametrize("changes", [{}, {"aud": ["propylon"]}, {"aud": ["propylon", "b"], "azp": "propylon"}])
def test_oidc_core_3_1_3_7_a_right_token_is_believed(changes: dict[str, Any]) -> None:
    assert check_id_token(_token(**changes), KEYS, EXPECTED)["sub"] == "maja"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": ["propylon", "b"]},
        {"azp": "another"},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW - 700},
        {"iat": NOW + 90},
        {"iat": None},
        {"nonce": "nonce-2"},
        {"nonce": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": 7},
    ],
)
def test_oidc_core_3_1_3_7_a_token_that_breaks_a_rule_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(LoginRefused):
        check_id_token(_token(**changes), KEYS, EXPECTED)


def test_oidc_core_3_1_3_7_signatures_of_others_and_none_are_refused() -> None:
    stranger = ECKey.generate_key("P-256", {"kid": "k1"})
    for forged in (
        _token(stranger),
        _token(RSAKey.generate_key(2048, {"kid": "k1"}), "RS256"),  # not offered by this provider
        _token(OctKey.generate_key(256, {"kid": "k1"}), "HS256"),  # the client secret as a shared one, perhaps
        _with_public_key_as_secret(),
        _token().rsplit(".", 1)[0] + ".",
        "eyJhbGciOiJub25lIn0." + _token().split(".")[1] + ".",
        "",
        "a.b.c",
    ):
        with pytest.raises(LoginRefused):
            check_id_token(forged, KEYS, EXPECTED)


def test_a_key_that_is_not_known_is_told_apart_so_that_new_ones_are_read() -> None:
    with pytest.raises(UnknownKey):
        check_id_token(_token(ECKey.generate_key("P-256"), kid="k2"), KEYS, EXPECTED)
