"""Keys at an address of the client's own, each rule by itself: RFC 7591, 2; RFC 7517; FAPI 2.0, 5.4.2."""

from __future__ import annotations

import json
from typing import Any

import pytest

from oauth.assertions import assertion
from oauth.proofs import KEY, key_for
from propylon.oauth.client_keys import NotSigned, read_keys, signed_with
from propylon.oauth.errors import OAuthError
from propylon.oauth.key_address import KeysUnusable, address_problem, names_unknown_key, read_document
from propylon.oauth.registration import read_registration

HERE = "https://app.example/jwks"
PUBLIC: dict[str, Any] = KEY.as_dict(private=False)
SENT = {"client_name": "Ledger", "contacts": ["dev@partner.example"], "redirect_uris": ["https://app.example/cb"]}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        (f"{HERE}/{'x' * 500}", "500 characters"),
        ("https://bänk.example/jwks", "500 characters"),
        (f"{HERE}\x01", "500 characters"),
        (f"{HERE}/a b", "500 characters"),
        ("http://app.example/jwks", "https://"),
        ("https:///jwks", "a host"),
        ("https://app.example:0/jwks", "a host"),
        ("https://app.example:port/jwks", "no address"),
        ("https://me@app.example/jwks", "user name"),
        (f"{HERE}#one", "fragment"),
        ("https://app.example/a\\b", "fragment"),
    ],
)
def test_an_address_of_keys_is_plain_https_fapi2_5_4_2(address: str, reason: str) -> None:
    assert reason in address_problem(address)
    assert address_problem(HERE) == ""


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"7", "no JWK Set"),
        (b"[]", "no JWK Set"),
        (b'{"keys": {}}', "no JWK Set"),
        (b'{"keys": []}', "no key that is accepted"),
        (b'{"keys": [{"kty": "oct", "k": "x"}]}', "no key that is accepted"),
        (json.dumps({"keys": [PUBLIC, PUBLIC]}).encode(), "kid of its own"),
    ],
)
def test_a_document_holds_keys_that_verify_rfc7517_5(document: bytes, reason: str) -> None:
    with pytest.raises(KeysUnusable, match=reason):
        read_document(document)
    assert len(read_document(json.dumps({"keys": [PUBLIC, {"kty": "XYZ"}]}).encode())) == 1


def made(**header: object) -> str:
    return assertion(KEY, "cl_1", issuer="https://bank.example", now=0, header=header)


def test_a_jwt_names_its_algorithm_and_its_key_rfc7515_4_1() -> None:
    assert signed_with(made(kid="one")) == ("ES256", "one")
    assert signed_with(made()) == ("ES256", None)
    for header in ({"alg": "HS256"}, {"alg": None}, {"kid": 7}, {"kid": ["one"]}):
        with pytest.raises(NotSigned, match="no algorithm and key"):
            signed_with(made(**header))


def test_only_an_unknown_key_is_asked_for_rfc7517_4_5() -> None:
    known = read_keys([{**PUBLIC, "kid": "one"}])[0]
    assert names_unknown_key(made(kid="two"), known)
    assert not names_unknown_key(made(kid="one"), known)
    assert not names_unknown_key(made(), known)
    assert names_unknown_key(made(), read_keys([key_for("PS256").as_dict(private=False)])[0])
    for text in ("", "a.b.c", made(alg="HS256")):
        assert not names_unknown_key(text, known)


def test_keys_are_given_in_one_way_rfc7591_2() -> None:
    method = {"token_endpoint_auth_method": "private_key_jwt"}
    assert read_registration(SENT | method | {"jwks_uri": HERE}).key_address == HERE
    assert read_registration(SENT | method | {"jwks": {"keys": [PUBLIC]}}).key_address == ""
    for wrong in ({"jwks_uri": HERE, "jwks": {"keys": [PUBLIC]}}, {"jwks_uri": "http://app.example/jwks"}):
        with pytest.raises(OAuthError) as caught:
            read_registration(SENT | method | wrong)
        assert caught.value.code == "invalid_client_metadata"
