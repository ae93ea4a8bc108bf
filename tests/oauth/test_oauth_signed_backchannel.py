"""Signed requests of CIBA, CIBA Core 7.1.1: every claim is there and right, and each counts once."""

from __future__ import annotations

from typing import Any

import pytest

from oauth.assertions import signed
from oauth.test_oauth_conversations import ISSUER, NOW, client
from oauth.test_oauth_refusals import OTHER, OWN, SIGNER
from propylon.oauth.errors import OAuthError
from propylon.oauth.request_object import SignedBackchannel, signed_backchannel, signed_parameters


def request(key: Any = OWN, **changes: Any) -> str:
    usual = {"iss": "cl_1", "aud": ISSUER, "nbf": NOW, "iat": NOW, "exp": NOW + 300, "jti": "one"}
    return signed(key, {**usual, "scope": "openid accounts", "login_hint": "199001019876", **changes})


def read(text: str, now: int = NOW) -> SignedBackchannel:
    return signed_backchannel(text, SIGNER, issuer=ISSUER, now=now)


def test_what_it_asks_for_is_read_and_the_jwts_own_members_are_not_ciba_7_1_1() -> None:
    found = read(request(client_id="cl_1", binding_message="", requested_expiry=60))
    assert found.parameters == {
        "scope": "openid accounts",
        "login_hint": "199001019876",
        "requested_expiry": "60",
    }, "what has no value counts as omitted"
    assert found.used.expires_at == NOW + 300


def test_it_is_remembered_by_its_client_and_identifier_ciba_7_1_1() -> None:
    first, again, second = read(request()), read(request(scope="openid")), read(request(jti="two"))
    assert first.used.digest == again.used.digest
    assert first.used.digest != second.used.digest


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"client_id": "cl_2"}, "client_id is another"),
        ({"client_id": ""}, "client_id is another"),
        ({"iss": "cl_2"}, "iss and client_id"),
        ({"sub": "cl_1"}, "has a sub"),
        ({"aud": "https://other.example"}, "aud"),
        ({"iat": None}, "no iat"),
        ({"iat": "now"}, "no iat"),
        ({"iat": NOW + 11}, "iat is in the future"),
        ({"nbf": None}, "no nbf"),
        ({"exp": None}, "no exp"),
        ({"jti": None}, "jti is missing"),
        ({"jti": ""}, "jti is missing"),
        ({"jti": 1}, "jti is missing"),
        ({"jti": ["one"]}, "jti is missing"),
        ({"jti": "j" * 257}, "jti is missing or too long"),
        ({"scope": True}, "scope is neither text"),
        ({"key": OTHER}, "signature"),
    ],
)
def test_each_claim_is_there_and_right_ciba_7_1_1(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(OAuthError) as caught:
        read(request(**changes))
    assert caught.value.code == "invalid_request", "CIBA Core, 13 has no other code for it"
    assert reason in caught.value.description


def test_clocks_may_differ_by_ten_seconds_fapi2_5_3_2_1_13() -> None:
    assert read(request(iat=NOW + 10, nbf=NOW + 10))


def test_who_has_no_key_signs_nothing_ciba_7_1_1() -> None:
    with pytest.raises(OAuthError, match="no public key"):
        signed_backchannel(request(), client("web"), issuer=ISSUER, now=NOW)


def test_a_request_that_began_more_than_an_hour_ago_is_told_so_message_signing_5_3_1() -> None:
    text = signed(OWN, {"iss": "cl_1", "client_id": "cl_1", "aud": ISSUER, "nbf": NOW - 3601, "exp": NOW - 1})
    with pytest.raises(OAuthError, match="more than an hour ago"):
        signed_parameters(text, SIGNER, issuer=ISSUER, now=NOW)
