"""DPoP proofs (RFC 9449): good ones name their key, and every wrong one is refused with a reason."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from oauth.proofs import KEY, encoded, key_for, proof, thumbprint
from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.dpop import (
    AHEAD_SECONDS,
    OLDEST_SECONDS,
    Occasion,
    ProofRefused,
    check_proof,
    normalised,
)

NOW = 1_800_000_000
ADDRESS = "https://bank.example/api/accounts/v1/accounts"
TOKEN = "eyJ.the.token"
OCCASION = Occasion("GET", ADDRESS, NOW, TOKEN)


def _proof(**changes: Any) -> str:
    return proof(**{"address": ADDRESS, "now": NOW, "token": TOKEN, **changes})


def _refusal(text: str, occasion: Occasion = OCCASION) -> str:
    with pytest.raises(ProofRefused) as caught:
        check_proof(text, occasion)
    return str(caught.value)


@pytest.mark.parametrize("algorithm", PROOF_ALGORITHMS)
def test_a_proof_names_its_key_rfc9449_6_1(algorithm: str) -> None:
    key = key_for(algorithm)
    held = check_proof(_proof(key=key, alg=algorithm, jti="one"), OCCASION)
    assert (held.thumbprint, held.identifier) == (key.thumbprint(), "one")


def test_the_token_endpoint_asks_for_no_ath_rfc9449_5() -> None:
    occasion = Occasion("POST", "https://bank.example/oauth/token", NOW)
    text = proof("https://bank.example/oauth/token", "POST", now=NOW)
    assert check_proof(text, occasion).thumbprint == thumbprint()


def test_what_is_remembered_is_of_one_key_and_one_identifier_rfc9449_11_1() -> None:
    other = key_for("ES256")
    digests = {check_proof(_proof(jti=jti, key=key), OCCASION).digest for jti in ("one", "two") for key in (KEY, other)}
    assert len(digests) == 4
    assert check_proof(_proof(jti="one", iat=NOW - 1), OCCASION).digest in digests


WRONG_HEADERS = {
    "the type of another JWT": ({"typ": "at+jwt"}, "typ"),
    "no type": ({"typ": None}, "typ"),
    "no algorithm": ({"alg": None}, "alg"),
    "alg none": ({"alg": "none"}, "alg"),
    "a symmetric alg": ({"alg": "HS256"}, "alg"),
    "RSA PKCS 1, which FAPI forbids": ({"alg": "RS256"}, "alg"),
    "the alg of another curve": ({"alg": "ES384"}, "alg"),
    "an alg that is no text": ({"alg": ["ES256"]}, "alg"),
    "no key": ({"jwk": None}, "jwk"),
    "a key that is text": ({"jwk": "KEY"}, "jwk"),
    "the private key": ({"jwk": KEY.as_dict(private=True)}, "public key alone"),
    "a symmetric key": ({"jwk": OctKey.generate_key().as_dict(private=True)}, "public key alone"),
    "a key of another type": ({"jwk": key_for("EdDSA").as_dict(private=False)}, "kty"),
    "a key on another curve": ({"jwk": ECKey.generate_key("P-384").as_dict(private=False)}, "crv"),
    "a coordinate that is no base64url": ({"jwk": {**KEY.as_dict(private=False), "x": "a+b="}}, "x does not fit"),
    "a point that is not on the curve": ({"jwk": {**KEY.as_dict(private=False), "x": "AAAA"}}, "malformed"),
    "another's key": ({"jwk": key_for("ES256").as_dict(private=False)}, "does not verify"),
    "a critical extension": ({"crit": ["b64"], "b64": False}, "crit"),
}


@pytest.mark.parametrize("case", WRONG_HEADERS)
def test_a_header_that_proves_nothing_rfc9449_4_3(case: str) -> None:
    header, reason = WRONG_HEADERS[case]
    assert reason in _refusal(_proof(header=header))


WRONG_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "another method": ({"htm": "POST"}, "htm"),
    "the method in small letters": ({"htm": "get"}, "htm"),
    "no method": ({"htm": None}, "htm"),
    "another path": ({"htu": ADDRESS + "/1"}, "htu"),
    "another host": ({"htu": "https://other.example/api/accounts/v1/accounts"}, "htu"),
    "another port": ({"htu": "https://bank.example:8443/api/accounts/v1/accounts"}, "htu"),
    "without TLS": ({"htu": "http://bank.example/api/accounts/v1/accounts"}, "htu"),
    "a path alone": ({"htu": "/api/accounts/v1/accounts"}, "htu"),
    "somebody in the address": ({"htu": "https://me@bank.example/api/accounts/v1/accounts"}, "htu"),
    "an address that is none": ({"htu": "https://[bank"}, "htu"),
    "no address": ({"htu": None}, "htu"),
    "a list of addresses": ({"htu": [ADDRESS]}, "htu"),
    "too old": ({"iat": NOW - OLDEST_SECONDS - 1}, "iat"),
    "from the future": ({"iat": NOW + AHEAD_SECONDS + 1}, "iat"),
    "no time": ({"iat": None}, "iat"),
    "a time in words": ({"iat": str(NOW)}, "iat"),
    "a time that is true": ({"iat": True}, "iat"),
    "the hash of another token": ({"ath": "x" * 43}, "ath"),
    "no hash": ({"ath": None}, "ath"),
    "no identifier": ({"jti": None}, "jti"),
    "an empty identifier": ({"jti": ""}, "jti"),
    "a number as identifier": ({"jti": 1}, "jti"),
    "an endless identifier": ({"jti": "j" * 257}, "jti"),
}


@pytest.mark.parametrize("case", WRONG_CLAIMS)
def test_claims_of_another_request_rfc9449_4_3(case: str) -> None:
    claims, reason = WRONG_CLAIMS[case]
    assert reason in _refusal(_proof(**claims))


@pytest.mark.parametrize("iat", [NOW - OLDEST_SECONDS, NOW + AHEAD_SECONDS, NOW - 0.5])
def test_the_ends_of_the_window_are_inside(iat: float) -> None:
    assert check_proof(_proof(iat=iat), OCCASION)


def test_an_rsa_key_is_neither_weak_nor_costly() -> None:
    weak = RSAKey.generate_key(2048).as_dict(private=False)
    assert "bits" in _refusal(_proof(header={"alg": "PS256", "jwk": {**weak, "n": encoded(b"\xff" * 128)}}))
    assert "bits" in _refusal(_proof(header={"alg": "PS256", "jwk": {**weak, "n": encoded(b"\xff" * 1024)}}))
    assert "e does not fit" in _refusal(_proof(header={"alg": "PS256", "jwk": {**weak, "e": "Aw"}}))


def test_a_nonce_that_was_given_out_comes_back_rfc9449_8() -> None:
    asked = dataclasses.replace(OCCASION, nonces=("n-2", "n-1"))
    assert check_proof(_proof(nonce="n-1"), asked)
    for given_nonce in (None, "n-3", "", 1):
        assert "nonce" in _refusal(_proof(nonce=given_nonce), asked)


def test_what_is_signed_cannot_be_changed() -> None:
    head, body, signature = _proof().split(".")
    _, other_body, _ = _proof().split(".")
    assert "verify" in _refusal(f"{head}.{other_body}.{signature}")
    assert "verify" in _refusal(f"{head}.{body}.{encoded(bytes(64))}")
    assert "verify" in _refusal(f"{head}.{body}.{signature[:40]}")


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "..", "a" * 5000, "{}.{}.{}", "bnVsbA.bnVsbA.bnVsbA", "é.é.é"])
def test_what_is_no_jwt_at_all(text: str) -> None:
    assert "JWT" in _refusal(text)


def test_depth_brings_nothing_down() -> None:
    deep = encoded(b"[" * 3000)
    assert "JWT" in _refusal(f"{deep[:3000]}.{deep[:500]}.{deep[:86]}")


@given(st.text(max_size=300))
def test_no_text_brings_the_check_down(text: str) -> None:
    with pytest.raises(ProofRefused):
        check_proof(text, OCCASION)


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_no_parts_bring_the_check_down(head: bytes, body: bytes, signature: bytes) -> None:
    with pytest.raises(ProofRefused):
        check_proof(f"{encoded(head)}.{encoded(body)}.{encoded(signature)}", OCCASION)


SAME = [
    ("https://BANK.example:443/a", "https://bank.example/a"),
    ("HTTPS://bank.example/a?x=1#f", "https://bank.example/a"),
    ("https://bank.example", "https://bank.example/"),
    ("https://bank.example/%7ea%2fb", "https://bank.example/~a%2Fb"),
    ("https://bank.example/a/./b/../c", "https://bank.example/a/c"),
    ("https://bank.example/a/%2e%2e/c", "https://bank.example/c"),
    ("https://bank.example/../a/.", "https://bank.example/a/"),
    ("https://[::1]:8443/a", "https://[::1]:8443/a"),
]


@pytest.mark.parametrize(("written", "meant"), SAME)
def test_addresses_are_compared_as_rfc3986_6_2_says(written: str, meant: str) -> None:
    assert normalised(written) == normalised(meant) == meant


@given(st.text(alphabet="abc./%2eEF:@?#[]", max_size=40))
def test_normalising_twice_changes_nothing(rest: str) -> None:
    once = normalised("https://bank.example/" + rest)
    assert normalised(once) == once
