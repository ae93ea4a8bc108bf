"""What strangers send has bounds and one form: JWTs, keys, times, secrets, media types, scopes, wishes."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from oauth.assertions import ASSERTION_TYPE, assertion
from oauth.proofs import KEY, encoded, key_for, proof
from oauth.test_oauth_conversations import CERTIFICATE, ISSUER, NOW, client
from propylon.oauth.acr import ACR_VALUES
from propylon.oauth.bearer import InvalidToken, Presentation, check_binding
from propylon.oauth.client_assertion import AssertionRefused, UsedAssertion, check_assertion, named_client
from propylon.oauth.client_authentication import Presented, authenticate, challenge, read_presented
from propylon.oauth.client_keys import read_keys
from propylon.oauth.compact_jws import decoded
from propylon.oauth.dpop import Occasion, ProofRefused, check_proof, normalised
from propylon.oauth.errors import OAuthError, invalid_client, invalid_request
from propylon.oauth.form import parse_form
from propylon.oauth.registration import read_registration
from propylon.oauth.scopes import parse_scope
from propylon.oauth.sign_in_wish import SignInWish, read_sign_in_wish

PUBLIC: dict[str, Any] = KEY.as_dict(private=False)
KEYS = read_keys([PUBLIC])[0]
ADDRESS = f"{ISSUER}/oauth/userinfo"
OCCASION = Occasion("GET", ADDRESS, NOW)


def check(text: str, client_id: str = "cl_1") -> UsedAssertion:
    return check_assertion(text, client_id=client_id, keys=KEYS, issuer=ISSUER, now=NOW)


def made(client_id: str = "cl_1", **changes: Any) -> str:
    return assertion(KEY, client_id, issuer=ISSUER, now=NOW, **changes)


def refused_proof(text: str, occasion: Occasion = OCCASION) -> str:
    with pytest.raises(ProofRefused) as caught:
        check_proof(text, occasion)
    return str(caught.value)


# ── JWTs ──


@pytest.mark.parametrize("part", ["", "a+b", "a/b", "YQ==", "Y Q", "YQ\n", "YQ!", "é"])
def test_base64url_has_one_form_rfc7515_2(part: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        decoded(part)
    assert decoded("YQ") == b"a"


def test_a_good_assertion_with_more_behind_it_is_none_rfc7515_7_1() -> None:
    assert check(made())
    for text in (f"{made()}.x", f"{made()}."):
        with pytest.raises(AssertionRefused, match="not one signed JWT"):
            check(text)
        assert named_client(text) == ""


def test_an_endless_assertion_is_not_looked_at_rfc8725_2_4() -> None:
    text = made(more="x" * 16_000)
    assert named_client(text) == ""
    with pytest.raises(AssertionRefused, match="not one signed JWT"):
        check(text)


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS256", "ES384", None, ["ES256"]])
def test_the_algorithms_are_named_to_who_uses_another_fapi2_5_4_1(algorithm: object) -> None:
    with pytest.raises(AssertionRefused, match="its alg is none of"):
        check(made(header={"alg": algorithm}))


@pytest.mark.parametrize("name", ["iat", "nbf", "exp"])
def test_a_time_that_is_true_is_none_rfc7519_2(name: str) -> None:
    with pytest.raises(AssertionRefused, match=f"{name} is not a time"):
        check(made(**{name: True}))


def test_what_is_remembered_is_of_one_client_and_one_identifier_rfc7523_3_7() -> None:
    found = {
        check(made(client_id, jti=jti), client_id).digest for client_id in ("cl_1", "cl_2") for jti in ("one", "two")
    }
    assert len(found) == 4
    assert check(made(jti="one", exp=NOW + 70)).digest in found


# ── keys ──


def test_ten_keys_can_be_registered_and_no_more_rfc7517_5() -> None:
    jwks = [{**PUBLIC, "kid": str(number)} for number in range(11)]
    keys, errors = read_keys(jwks[:10])
    assert (len(keys), errors) == (10, [])
    keys, errors = read_keys(jwks)
    assert (keys, [each.field for each in errors]) == ((), ["keys"])


def test_a_kid_is_one_line_rfc7517_4_5() -> None:
    errors = read_keys([{**PUBLIC, "kid": "a\nb"}])[1]
    assert [each.field for each in errors] == ["keys.0"]


# ── proofs ──


def test_a_good_proof_with_more_behind_it_is_none_rfc9449_4_3() -> None:
    good = proof(ADDRESS, now=NOW)
    assert check_proof(good, OCCASION)
    for text in (f"{good}.x", f"{good}."):
        assert refused_proof(text) == "it is not one signed JWT"


def test_an_endless_proof_is_not_looked_at_rfc9449_11() -> None:
    assert refused_proof(proof(ADDRESS, now=NOW, more="x" * 4000)) == "it is not one signed JWT"


def test_members_of_a_proofs_key_are_text_rfc7518_6_2_1() -> None:
    assert "x does not fit" in refused_proof(proof(ADDRESS, now=NOW, header={"jwk": {**PUBLIC, "x": 5}}))


def test_a_proofs_time_that_is_true_is_none_rfc7519_2() -> None:
    assert refused_proof(proof(ADDRESS, now=NOW, iat=True)) == "it has no iat"


def test_the_query_of_the_address_does_not_count_rfc9449_4_3() -> None:
    asked = replace(OCCASION, address=f"{ADDRESS}?limit=5#top")
    assert check_proof(proof(ADDRESS, now=NOW), asked)
    assert check_proof(proof(f"{ADDRESS}?limit=9", now=NOW), asked)


@pytest.mark.parametrize("address", ["https:///a", "https://", "https://:443/a"])
def test_an_address_has_a_host_rfc3986_6_2_2(address: str) -> None:
    assert normalised(address) == ""


def test_a_shown_token_may_need_a_proof_with_a_nonce_rfc9449_9() -> None:
    claims = {"cnf": {"jkt": KEY.thumbprint()}}
    for nonce, code in ((None, "use_dpop_nonce"), ("old", "use_dpop_nonce"), ("n", "")):
        text = proof(ADDRESS, now=NOW, token="t", nonce=nonce)
        shown = Presentation("DPoP", "t", None, text, "GET", ADDRESS, NOW, nonces=("n",))
        if not code:
            assert check_binding(claims, shown)
            continue
        with pytest.raises(InvalidToken) as caught:
            check_binding(claims, shown)
        assert (caught.value.code, caught.value.scheme) == (code, "DPoP")


# ── client authentication ──


def test_half_an_assertion_is_one_and_no_public_client_rfc7521_4_2() -> None:
    with pytest.raises(OAuthError) as caught:
        read_presented({"client_id": "cl_1", "client_assertion": "a.b.c"}, "")
    assert caught.value.code == "invalid_client"
    typed = read_presented({"client_id": "cl_1", "client_assertion_type": ASSERTION_TYPE}, "")
    assert typed == Presented("cl_1", "private_key_jwt", "")


@pytest.mark.parametrize("scheme", ["Bearer", "Digest", ""])
def test_the_scheme_is_basic_rfc7617_2(scheme: str) -> None:
    credentials = base64.b64encode(b"cl_1:secret").decode()
    with pytest.raises(OAuthError) as caught:
        read_presented({}, f"{scheme} {credentials}")
    assert caught.value.code == "invalid_client"
    assert read_presented({}, f"bASIC {credentials}").secret == "secret"


def test_an_empty_secret_proves_nothing_whatever_is_stored_rfc6749_2_3_1() -> None:
    record = client("web", auth_method="client_secret_post", secret_digest=hashlib.sha256(b"").hexdigest())
    for method in ("", "client_secret_post"):
        with pytest.raises(OAuthError) as caught:
            authenticate(record, Presented("cl_1", method, ""), CERTIFICATE, NOW, issuer=ISSUER)
        assert caught.value.code == "invalid_client"


def test_a_challenge_answers_who_tried_http_authentication_rfc6749_5_2() -> None:
    basic = 'Basic realm="propylon", charset="UTF-8"'
    assert challenge(invalid_client("x"), "Basic x") == basic
    assert challenge(invalid_client("x"), "") == ""
    assert challenge(invalid_request("x"), "Basic x") == ""


# ── forms, scopes, wishes ──


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", "", "multipart/form-data; boundary=x"])
def test_a_form_says_that_it_is_one_rfc6749_3_2(content_type: str) -> None:
    with pytest.raises(OAuthError, match="invalid_request"):
        parse_form(content_type=content_type, query=b"", body=b"a=b")


@pytest.mark.parametrize("said", ["", ";charset=utf-8", '; charset="UTF-8"'])
def test_a_form_may_name_its_characters_rfc6749_b(said: str) -> None:
    media_type = f"Application/X-WWW-Form-Urlencoded{said}"
    assert parse_form(content_type=media_type, query=b"", body=b"a=b") == {"a": "b"}


@pytest.mark.parametrize("text", ["", " ", "a  b", " a", "a ", "a\tb", 'a"b', "a\\b", "ä"])
def test_a_scope_is_names_with_one_space_between_rfc6749_3_3(text: str) -> None:
    with pytest.raises(OAuthError) as caught:
        parse_scope(text)
    assert caught.value.code == "invalid_scope"


def test_a_name_that_comes_twice_counts_once_rfc6749_3_3() -> None:
    assert parse_scope("b a b") == ("b", "a")


def test_essential_without_a_value_asks_for_nothing_oidc_core_5_5_1_1() -> None:
    claims = json.dumps({"id_token": {"acr": {"essential": True}}})
    assert read_sign_in_wish({"claims": claims}) == SignInWish()
    assert read_sign_in_wish({"claims": claims, "acr_values": ACR_VALUES[0]}).is_essential is False


@pytest.mark.parametrize("text", ["00000000007", "9" * 5000, "9999999999"])
def test_an_age_has_at_most_ten_digits_and_fits_oidc_core_3_1_2_1(text: str) -> None:
    with pytest.raises(OAuthError, match="max_age"):
        read_sign_in_wish({"max_age": text})
    assert read_sign_in_wish({"max_age": str(2**31)}).max_age == 2**31


# ── registration ──

SENT = {"client_name": "Ledger", "contacts": ["dev@partner.example"], "redirect_uris": ["https://app.example/cb"]}
SIGNED = {"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [PUBLIC]}}


@pytest.mark.parametrize(
    "changes",
    [
        {"response_types": ["code"]}, {"id_token_signed_response_alg": "ES256"},
        SIGNED | {"token_endpoint_auth_signing_alg": "PS256", "require_signed_request_object": True},
        {"tls_client_certificate_bound_access_tokens": True}, {"tls_client_certificate_bound_access_tokens": False},
        {"tls_client_certificate_bound_access_tokens": None},
    ],
)  # fmt: skip
def test_what_holds_here_anyway_may_be_asked_for_rfc7591_2(changes: dict[str, Any]) -> None:
    found = read_registration(SENT | changes)
    assert found.binds_tokens is bool(changes.get("tls_client_certificate_bound_access_tokens"))
    assert found.requires_signed_requests is ("require_signed_request_object" in changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"grant_types": ["authorization_code", "password"]},
        {"grant_types": ["authorization_code", "client_credentials"], "token_endpoint_auth_method": "tls_client_auth",
         "redirect_uris": None},
        {"jwks": "keys"}, {"jwks": ["keys"]}, {"tls_client_certificate_bound_access_tokens": "true"},
        {"tls_client_certificate_bound_access_tokens": 1},
    ],
)  # fmt: skip
def test_nothing_else_is_let_in_beside_what_is_right_rfc7591_3_2_2(changes: dict[str, Any]) -> None:
    with pytest.raises(OAuthError) as caught:
        read_registration(SENT | changes)
    assert caught.value.code == "invalid_client_metadata"


def test_another_signature_does_not_stand_for_the_right_one_rfc7515_5_2() -> None:
    head, body, signature = made().split(".")
    raw = decoded(signature)
    for wrong in (raw[:-1], raw + b"\0", bytes(len(raw)), raw[32:] + raw[:32]):
        with pytest.raises(AssertionRefused, match="signature"):
            check(f"{head}.{body}.{encoded(wrong)}")
    with pytest.raises(AssertionRefused, match="signature"):
        check(assertion(key_for("ES256"), "cl_1", issuer=ISSUER, now=NOW))
