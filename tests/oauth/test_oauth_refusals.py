"""Each refusal of the engine by itself: signed requests, client authentication, tokens that are shown, scopes."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oauth.assertions import signed
from oauth.proofs import key_for, proof, thumbprint
from oauth.test_oauth_conversations import CALLBACK, CERTIFICATE, ISSUER, NOW, REQUEST, client
from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_request import SentBack, check_authorization
from propylon.oauth.bearer import InvalidToken, Presentation, check_binding, read_token
from propylon.oauth.client_authentication import authenticate, read_presented
from propylon.oauth.client_keys import read_keys
from propylon.oauth.errors import OAuthError
from propylon.oauth.form import LONGEST_BODY, parse_form
from propylon.oauth.request_object import signed_parameters

ADDRESS = f"{ISSUER}/oauth/userinfo"
OWN, OTHER = key_for("ES256"), key_for("ES256")
SIGNER = client("web", auth_method="private_key_jwt", keys=read_keys([OWN.as_dict(private=False)])[0])

# ── signed requests ──


def _request(key: Any = OWN, header: dict[str, Any] | None = None, **changes: Any) -> str:
    usual = {"iss": "cl_1", "client_id": "cl_1", "aud": ISSUER, "nbf": NOW, "exp": NOW + 300}
    claims = {**usual, "scope": "accounts", "max_age": 60, "claims": {"id_token": {}}, "jti": "1", **changes}
    return signed(key, claims, header=header)


def test_a_signed_request_is_its_parameters_as_a_form_has_them_rfc9101_4() -> None:
    found = signed_parameters(_request(), SIGNER, issuer=ISSUER, now=NOW)
    assert found == {"client_id": "cl_1", "scope": "accounts", "max_age": "60", "claims": json.dumps({"id_token": {}})}
    assert signed_parameters(_request(aud=[ISSUER, "x"]), SIGNER, issuer=ISSUER, now=NOW) == found
    for times in ({"nbf": NOW - 3600, "exp": NOW + 0.5}, {"nbf": NOW + 10, "exp": NOW + 3610}):
        if times["exp"] > NOW + 1:
            assert signed_parameters(_request(**times), SIGNER, issuer=ISSUER, now=NOW) == found


WRONG_REQUESTS: dict[str, tuple[dict[str, Any], str]] = {
    "of another issuer": ({"iss": "cl_2"}, "iss and client_id"),
    "for another client": ({"client_id": "cl_2"}, "iss and client_id"),
    "10.8: that could be an assertion": ({"sub": "cl_1"}, "has a sub"),
    "for another server": ({"aud": "https://other.example"}, "aud"),
    "for a list of others": ({"aud": ["https://other.example"]}, "aud"),
    "for nobody": ({"aud": None}, "aud"),
    "without beginning": ({"nbf": None}, "no nbf"),
    "without end": ({"exp": None}, "no exp"),
    "that begins in words": ({"nbf": "now"}, "no nbf"),
    "that begins with true": ({"nbf": True}, "no nbf"),
    "that ends never": ({"exp": 1e400}, "no exp"),
    "Message Signing, 5.3.1: older than an hour": ({"nbf": NOW - 3601, "exp": NOW + 1}, "nbf"),
    "of the future": ({"nbf": NOW + 11, "exp": NOW + 60}, "nbf"),
    "that has ended": ({"nbf": NOW - 60, "exp": NOW}, "exp"),
    "Message Signing, 5.3.1: for more than an hour": ({"exp": NOW + 3601}, "exp"),
    "4: with another request inside": ({"request": "x"}, "another request"),
    "4: with an address inside": ({"request_uri": "urn:x"}, "another request"),
    "with a member that no form has": ({"prompt": True}, "neither text"),
    "with a broken number": ({"max_age": 1.5}, "neither text"),
    "signed by another key": ({"key": OTHER}, "signature"),
    "that is an access token": ({"header": {"typ": "at+jwt"}}, "typ"),
}


@pytest.mark.parametrize("case", WRONG_REQUESTS)
def test_a_signed_request_is_refused_rfc9101(case: str) -> None:
    changes, reason = WRONG_REQUESTS[case]
    with pytest.raises(OAuthError, match="signed request") as refused:
        signed_parameters(_request(**changes), SIGNER, issuer=ISSUER, now=NOW)
    assert refused.value.code == "invalid_request_object"
    assert reason in refused.value.description


def test_who_has_no_key_signs_nothing_rfc9101_6_2() -> None:
    with pytest.raises(OAuthError, match="no public key"):
        signed_parameters(_request(), client("web"), issuer=ISSUER, now=NOW)


# ── client authentication ──


def _basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


ASSERTION = {
    "client_assertion": "a.b.c",
    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
}
UNREADABLE: dict[str, tuple[dict[str, str], str, str]] = {
    "nobody": ({}, "", "invalid_client"),
    "2.3: a secret in two places": ({"client_id": "cl_1", "client_secret": "s"}, _basic("cl_1:s"), "invalid_request"),
    "two clients": ({"client_id": "cl_2"}, _basic("cl_1:s"), "invalid_request"),
    "an assertion beside Basic": (ASSERTION, _basic("cl_1:s"), "invalid_request"),
    "an assertion beside a secret": ({**ASSERTION, "client_secret": "s"}, "", "invalid_request"),
    "an assertion of no type": ({"client_assertion": "a.b.c"}, "", "invalid_client"),
    "another scheme": ({}, "Bearer x", "invalid_client"),
    "Basic without a colon": ({}, _basic("cl_1"), "invalid_client"),
    "Basic without a name": ({}, _basic(":s"), "invalid_client"),
    "Basic without a secret": ({}, _basic("cl_1:"), "invalid_client"),
    "Basic that is no Base64": ({}, "Basic ***", "invalid_client"),
    "Basic that is no UTF-8": ({}, f"Basic {base64.b64encode(b'a:' + bytes([255])).decode()}", "invalid_client"),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_who_asks_must_be_said_once_rfc6749_2_3(case: str) -> None:
    form, authorization, code = UNREADABLE[case]
    with pytest.raises(OAuthError) as refused:
        read_presented(form, authorization)
    assert refused.value.code == code


def test_basic_values_are_form_encoded_rfc6749_2_3_1() -> None:
    found = read_presented({}, _basic("cl%3A1:a%2Fb+c"))
    assert (found.client_id, found.secret) == ("cl:1", "a/b c")


WEB, SERVER, SPA = client("web"), client("server"), client("spa")
STRANGER = replace(CERTIFICATE, fingerprint="cd" * 32)
UNPROVEN: dict[str, tuple[Any, dict[str, str], str, Any]] = {
    "a wrong secret": (WEB, {}, _basic("cl_1:wrong"), None),
    "no secret": (WEB, {"client_id": "cl_1"}, "", None),
    "another method than the registered one": (WEB, {"client_id": "cl_1", "client_secret": "secret"}, "", None),
    "not approved": (replace(WEB, is_active=False), {}, _basic("cl_1:secret"), None),
    "unknown": (None, {}, _basic("cl_1:secret"), None),
    "a stranger's certificate beside a secret": (WEB, {}, _basic("cl_1:secret"), STRANGER),
    "an ended certificate beside a secret": (
        replace(WEB, certificates={CERTIFICATE.fingerprint: NOW}),
        {},
        _basic("cl_1:secret"),
        CERTIFICATE,
    ),
    "no certificate": (SERVER, {"client_id": "cl_1"}, "", None),
    "another name in the certificate": (SERVER, {"client_id": "cl_1"}, "", replace(CERTIFICATE, common_name="x")),
    "a secret instead of a certificate": (SERVER, {"client_id": "cl_1", "client_secret": "s"}, "", CERTIFICATE),
    "a public client with a secret": (SPA, {"client_id": "cl_1", "client_secret": "s"}, "", None),
    "an assertion of nobody's key": (SIGNER, {**ASSERTION, "client_id": "cl_1"}, "", None),
}


@pytest.mark.parametrize("case", UNPROVEN)
def test_one_answer_for_every_client_that_is_not_proven_rfc6749_5_2(case: str) -> None:
    record, form, authorization, certificate = UNPROVEN[case]
    with pytest.raises(OAuthError) as refused:
        authenticate(record, read_presented(form, authorization), certificate, NOW, issuer=ISSUER)
    assert (refused.value.code, refused.value.status) == ("invalid_client", 401)
    with pytest.raises(OAuthError) as unknown:
        authenticate(None, read_presented({"client_id": "x"}, ""), None, NOW, issuer=ISSUER)
    assert refused.value.body() == unknown.value.body()


def test_a_certificate_beside_a_secret_is_no_second_method_rfc8705_3() -> None:
    assert authenticate(WEB, read_presented({}, _basic("cl_1:secret")), CERTIFICATE, NOW, issuer=ISSUER).client is WEB


# ── tokens that the server itself is shown ──


def _shown(scheme: str = "Bearer", certificate: Any = None, text: str = "") -> Presentation:
    return Presentation(scheme, "token", certificate, text, "GET", ADDRESS, NOW)


BY_CERTIFICATE = {"cnf": {"x5t#S256": CERTIFICATE.x5t_s256}}
BY_KEY = {"cnf": {"jkt": thumbprint()}}


def _proof(**changes: Any) -> str:
    return proof(**{"address": ADDRESS, "now": NOW, "token": "token", **changes})


def test_whoever_a_token_is_bound_to_may_use_it_rfc8705_3_rfc9449_7() -> None:
    assert check_binding({}, _shown()) is None
    assert check_binding(BY_CERTIFICATE, _shown(certificate=CERTIFICATE)) is None
    used = check_binding(BY_KEY, _shown("DPoP", text=_proof(jti="one")))
    assert used is not None
    assert used.identifier == "one"


NOT_BOUND: dict[str, tuple[dict[str, Any], Presentation, str]] = {
    "another certificate": (BY_CERTIFICATE, _shown(certificate=STRANGER), "invalid_token"),
    "no certificate": (BY_CERTIFICATE, _shown(), "invalid_token"),
    "a plain token as DPoP": ({}, _shown("DPoP", text=_proof()), "invalid_token"),
    "7.2: a bound token as Bearer": (BY_KEY, _shown(text=_proof()), "invalid_token"),
    "no proof": (BY_KEY, _shown("DPoP"), "invalid_dpop_proof"),
    "another key's proof": (BY_KEY, _shown("DPoP", text=_proof(key=OTHER)), "invalid_dpop_proof"),
    "a proof for another token": (BY_KEY, _shown("DPoP", text=_proof(token="x")), "invalid_dpop_proof"),
    "both bound, the key alone": (
        {"cnf": {**BY_KEY["cnf"], **BY_CERTIFICATE["cnf"]}},
        _shown("DPoP", text=_proof()),
        "invalid_token",
    ),
}


@pytest.mark.parametrize("case", NOT_BOUND)
def test_nobody_else_may_use_a_bound_token_rfc8705_3_rfc9449_7(case: str) -> None:
    claims, shown, code = NOT_BOUND[case]
    with pytest.raises(InvalidToken) as refused:
        check_binding(claims, shown)
    assert refused.value.code == code
    assert f'error="{code}"' in refused.value.challenge()
    assert ("algs=" in refused.value.challenge()) == (refused.value.scheme == "DPoP")


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer  ", "token"])
def test_without_a_token_nothing_is_said_of_an_error_rfc6750_3_1(header: str) -> None:
    with pytest.raises(InvalidToken) as refused:
        read_token(header)
    assert (refused.value.code, refused.value.challenge()) == ("", "Bearer")


# ── forms and scopes ──

FORM = "application/x-www-form-urlencoded"
NO_FORM: dict[str, tuple[str, bytes, bytes, int]] = {
    "another type": ("application/json", b"", b"{}", 400),
    "another character set": (f"{FORM}; charset=latin-1", b"", b"a=b", 400),
    "parameters in the address": (FORM, b"a=b", b"", 400),
    "a body that is too long": (FORM, b"", b"a=" + b"b" * LONGEST_BODY, 413),
    "a parameter twice": (FORM, b"", b"a=b&a=c", 400),
    "a parameter twice, once empty": (FORM, b"", b"a=b&a=", 400),
    "too many": (FORM, b"", b"&".join(b"a%d=b" % number for number in range(70)), 400),
    "no name": (FORM, b"", b"=b", 400),
    "no equals sign": (FORM, b"", b"a", 400),
    "a broken escape": (FORM, b"", b"a=%zz", 400),
    "no UTF-8 behind the escapes": (FORM, b"", b"a=%ff", 400),
    "no ASCII": (FORM, b"", "a=é".encode(), 400),
    "a control character": (FORM, b"", b"a=%00", 400),
}


@pytest.mark.parametrize("case", NO_FORM)
def test_what_is_not_one_form_is_refused_rfc6749_3_2(case: str) -> None:
    content_type, query, body, status = NO_FORM[case]
    with pytest.raises(OAuthError) as refused:
        parse_form(content_type=content_type, query=query, body=body)
    assert (refused.value.code, refused.value.status) == ("invalid_request", status)


@given(
    st.dictionaries(
        st.sampled_from([*REQUEST, "prompt", "dpop_jkt", "request_uri", "request", "max_age", "claims"]),
        st.one_of(
            st.sampled_from(["", "code", "token", "none", CALLBACK, "https://evil.example"]), st.text(max_size=30)
        ),
        max_size=6,
    ),
    st.sampled_from(["spa", "web", "native"]),
)
def test_no_request_leads_to_an_address_that_is_not_registered_rfc9700_4_11(
    changes: dict[str, str], type_: str
) -> None:
    parameters = {name: value for name, value in {**REQUEST, **changes}.items() if value}
    try:
        checked = check_authorization(AuthorizationAttempt(client(type_), parameters, is_pushed=False))
        address, scope = checked.redirect_uri, set(checked.scope)
    except SentBack as answer:
        address, scope = answer.back.redirect_uri, set()
    except OAuthError:
        return
    assert address == CALLBACK
    assert scope <= {"openid", "accounts", "payments"}
