"""private_key_jwt: OpenID Connect Core section 9, RFC 7523 section 3, FAPI 2.0 section 5.3.2.1."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc.jwk import ECKey, OKPKey, RSAKey

from oauth.assertions import assertion, signed
from oauth.proofs import key_for
from propylon.oauth.client_assertion import AssertionRefused, check_assertion, named_client
from propylon.oauth.client_keys import ClientKey, read_keys

ISSUER, CLIENT, NOW = "https://bank.example", "cl_1", 1_800_000_000
KEYS = {alg: key_for(alg) for alg in ("ES256", "PS256", "Ed25519")}
OTHER = key_for("ES256")


def registered(*jwks: dict[str, Any]) -> tuple[ClientKey, ...]:
    keys, errors = read_keys(list(jwks))
    assert not errors
    return keys


PUBLIC = registered(*({**key.as_dict(private=False), "kid": alg} for alg, key in KEYS.items()))


def check(text: str, keys: tuple[ClientKey, ...] = PUBLIC) -> Any:
    return check_assertion(text, client_id=CLIENT, keys=keys, issuer=ISSUER, now=NOW)


def made(alg: str = "ES256", **changes: Any) -> str:
    usual = {"issuer": ISSUER, "now": NOW, "alg": alg, "header": {"kid": alg}}
    return assertion(KEYS[alg], CLIENT, **{**usual, **changes})


@pytest.mark.parametrize("alg", KEYS)
def test_fapi2_5_4_1_every_allowed_algorithm_authenticates(alg: str) -> None:
    used = check(made(alg))
    assert used.expires_at == NOW + 60
    assert named_client(made(alg)) == CLIENT


def test_a_single_key_needs_no_kid_several_do() -> None:
    one = registered(KEYS["ES256"].as_dict(private=False))
    assert check(made(header={}), one)
    two = registered({**KEYS["ES256"].as_dict(private=False), "kid": "a"}, {**OTHER.as_dict(private=False), "kid": "b"})
    assert check(made(header={"kid": "a"}), two)
    with pytest.raises(AssertionRefused, match="kid"):
        check(made(header={}), two)


WRONG = {
    "5.3.2.1-8: the audience as a list": ({"aud": [ISSUER]}, "aud"),
    "5.3.2.1-8: the token endpoint as audience": ({"aud": ISSUER + "/oauth/token"}, "aud"),
    "no audience": ({"aud": None}, "aud"),
    "of another issuer of the assertion": ({"iss": "cl_2"}, "iss and sub"),
    "about another client": ({"sub": "cl_2"}, "iss and sub"),
    "without end": ({"exp": None}, "exp"),
    "ended": ({"exp": NOW}, "exp"),
    "with an end a day ahead": ({"exp": NOW + 86_400}, "exp"),
    "with an end that is no number": ({"exp": "soon"}, "exp"),
    "with an end that is true": ({"exp": True}, "exp"),
    "with an endless end": ({"exp": 1e400}, "exp"),
    "5.3.2.1-13: issued more than 60 seconds ahead": ({"iat": NOW + 61}, "iat"),
    "5.3.2.1-13: good only more than 60 seconds ahead": ({"nbf": NOW + 61}, "nbf"),
    "without identifier": ({"jti": None}, "jti"),
    "with a long identifier": ({"jti": "x" * 257}, "jti"),
    "with an unknown kid": ({"header": {"kid": "other"}}, "kid"),
    "with another algorithm's kid": ({"header": {"kid": "PS256"}}, "kid"),
    "that asks for extensions": ({"header": {"kid": "ES256", "crit": ["exp"]}}, "crit"),
    "that is an access token": ({"header": {"kid": "ES256", "typ": "at+jwt"}}, "typ"),
    "that is a proof": ({"header": {"kid": "ES256", "typ": "dpop+jwt"}}, "typ"),
    "that says its algorithm is none": ({"header": {"kid": "ES256", "alg": "none"}}, "alg"),
    "RFC 8725, 3.1: that says HS256": ({"header": {"kid": "ES256", "alg": "HS256"}}, "alg"),
    "5.4.1: that says RS256": ({"header": {"kid": "ES256", "alg": "RS256"}}, "alg"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_assertion_is_refused(case: str) -> None:
    changes, reason = WRONG[case]
    with pytest.raises(AssertionRefused, match=reason):
        check(made(**changes))


@pytest.mark.parametrize("name", ["iat", "nbf"])
def test_5_3_2_1_13_a_clock_that_is_ten_seconds_ahead_is_accepted(name: str) -> None:
    assert check(made(**{name: NOW + 10}))


def test_another_key_and_a_changed_text_are_refused() -> None:
    with pytest.raises(AssertionRefused, match="signature"):
        check(assertion(OTHER, CLIENT, issuer=ISSUER, now=NOW, header={"kid": "ES256"}))
    header, _, signature = made().split(".")
    other = signed(OTHER, {"iss": CLIENT, "sub": CLIENT, "aud": ISSUER, "jti": "x", "exp": NOW + 60}).split(".")[1]
    with pytest.raises(AssertionRefused, match="signature"):
        check(f"{header}.{other}.{signature}")


@pytest.mark.parametrize("text", ["", ".", "..", "a.b.c", "é.b.c", "e30.e30.", "W10.e30.AA", "x" * 20_000, "a.b.c.d.e"])
def test_what_is_no_jwt_is_refused(text: str) -> None:
    assert named_client(text) == ""
    with pytest.raises(AssertionRefused):
        check(text)


def test_a_key_in_the_header_leads_nowhere() -> None:
    header = {"kid": "ES256", "jwk": OTHER.as_dict(private=False), "jku": "https://evil.example/keys"}
    with pytest.raises(AssertionRefused, match="signature"):
        check(assertion(OTHER, CLIENT, issuer=ISSUER, now=NOW, header=header))


def test_without_registered_keys_nothing_authenticates() -> None:
    with pytest.raises(AssertionRefused, match="no public key"):
        check(made(), ())


# ── what can be registered ──

EC, RSA, OKP = (KEYS[alg].as_dict(private=False) for alg in ("ES256", "PS256", "Ed25519"))
UNFIT = {
    "no object": ("text", "JSON Web Key"),
    "a private key": (KEYS["ES256"].as_dict(private=True), "private key"),
    "a symmetric key": ({"kty": "oct", "k": "AAAA"}, "private key"),
    "an unknown type": ({"kty": "XYZ"}, "kty"),
    "another curve": (ECKey.generate_key("P-384").as_dict(private=False), "crv"),
    "a curve for encryption": (OKPKey.generate_key("X25519").as_dict(private=False), "crv"),
    "a point that is not on the curve": ({**EC, "x": EC["y"]}, "public key"),
    "a short RSA key (FAPI 2.0, 5.4.1-2)": (RSAKey.generate_key(1024).as_dict(private=False), "bits"),
    "an RSA key with another exponent": ({**RSA, "e": "AQ"}, "e"),
    "a key without members": ({"kty": "EC", "crv": "P-256"}, "x"),
    "a key for encryption": ({**EC, "use": "enc"}, "use"),
    "a key for RS256": ({**RSA, "alg": "RS256"}, "alg"),
    "a kid that is a number": ({**EC, "kid": 1}, "kid"),
    "a kid that is too long": ({**EC, "kid": "k" * 257}, "kid"),
}


@pytest.mark.parametrize("case", UNFIT)
def test_an_unfit_key_is_named_with_its_place(case: str) -> None:
    jwk, reason = UNFIT[case]
    keys, errors = read_keys([OKP, jwk])
    assert [each.field for each in errors] == ["keys.1"], errors
    assert reason in errors[0].reason
    assert len(keys) == 1


def test_several_keys_need_names_of_their_own() -> None:
    for first, second in ((EC, RSA), ({**EC, "kid": "a"}, {**RSA, "kid": "a"})):
        assert [each.field for each in read_keys([first, second])[1]] == ["keys"]
    assert not read_keys([{**EC, "kid": "a"}, {**RSA, "kid": "b"}])[1]


@pytest.mark.parametrize("keys", [None, {}, "x", [EC] * 11])
def test_what_is_no_short_list_is_refused(keys: object) -> None:
    assert read_keys(keys)[1]


def test_only_what_defines_the_key_is_kept() -> None:
    key = registered({**EC, "kid": "a", "alg": "ES256", "x5u": "https://evil.example", "note": "x"})[0]
    assert key.jwk == {**{name: EC[name] for name in ("kty", "crv", "x", "y")}, "kid": "a"}
