"""Each rule of the authorization endpoint by itself, and where its refusal goes: shown, or sent back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from oauth.test_oauth_conversations import CALLBACK, ISSUER, NOW, REQUEST, client
from oauth.test_oauth_legacy import IMPLICIT, legacy
from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_request import REDIRECTED_RULES, SHOWN_RULES, SentBack, check_authorization
from propylon.oauth.authorization_response import WayBack, answer_address
from propylon.oauth.dpop import Proof
from propylon.oauth.errors import OAuthError

PROOF = Proof("t" * 43, "jti-1")
FAPI = client("web", "fapi2", auth_method="private_key_jwt")


def attempt(record: Any = None, parameters: dict[str, str] | None = None, **more: Any) -> AuthorizationAttempt:
    """A good one; "" leaves a parameter out."""
    sent = {name: value for name, value in (REQUEST | (parameters or {})).items() if value}
    return AuthorizationAttempt(record or client("spa"), sent, **({"is_pushed": False} | more))


_DETAILS = '[{"type": "nobody_knows"}]'
_TOKEN = {"response_type": "token", **IMPLICIT}

# rule: a request with one thing wrong, and the code for it
SHOWN: dict[str, tuple[AuthorizationAttempt, str]] = {
    "check_identity_once": (attempt(repeated=frozenset({"redirect_uri"})), "invalid_request"),
    "check_may_authorize": (attempt(client("spa", is_active=False)), "unauthorized_client"),
    "check_redirect_uri": (attempt(parameters={"redirect_uri": f"{CALLBACK}/"}), "invalid_request"),
}
SENT_BACK: dict[str, tuple[AuthorizationAttempt, str]] = {
    "check_each_once": (attempt(repeated=frozenset({"scope"})), "invalid_request"),
    "check_pushed": (attempt(FAPI), "invalid_request"),
    "check_request_signed": (attempt(client("spa", requires_signed_requests=True)), "invalid_request"),
    "check_response_type": (attempt(parameters={"response_type": "token"}), "unsupported_response_type"),
    "check_implicit": (attempt(legacy("spa"), _TOKEN | {"dpop_jkt": "A" * 43}), "invalid_request"),
    "check_code_challenge": (attempt(parameters={"code_challenge": ""}), "invalid_request"),
    "check_key_named": (attempt(parameters={"dpop_jkt": "A" * 42}), "invalid_request"),
    "check_nonce": (attempt(parameters={"nonce": "n" * 256}), "invalid_request"),
    "check_scope_asked": (attempt(parameters={"scope": "loans"}), "invalid_scope"),
    "check_details_asked": (
        attempt(parameters={"authorization_details": _DETAILS}),
        "invalid_authorization_details",
    ),
    "check_sign_in_wish": (attempt(parameters={"prompt": "create"}), "invalid_request"),
}


@pytest.mark.parametrize("rule", [rule.__name__ for rule in SHOWN_RULES])
def test_what_must_not_be_redirected_is_shown_rfc9700_4_11(rule: str) -> None:
    wrong, code = SHOWN[rule]
    with pytest.raises(OAuthError) as caught:
        check_authorization(wrong)
    assert caught.value.code == code


@pytest.mark.parametrize("rule", [rule.__name__ for rule in REDIRECTED_RULES])
def test_each_other_refusal_is_sent_back_rfc6749_4_1_2_1(rule: str) -> None:
    wrong, code = SENT_BACK[rule]
    assert refused(wrong).code == code


def sent_back(wrong: AuthorizationAttempt) -> SentBack:
    with pytest.raises(SentBack) as caught:
        check_authorization(wrong)
    return caught.value


def refused(wrong: AuthorizationAttempt) -> OAuthError:
    return sent_back(wrong).error


# ── each rule's other refusals, and what is right ──


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "request"])
def test_who_asks_is_said_once_rfc6749_3_1(name: str) -> None:
    with pytest.raises(OAuthError):
        check_authorization(attempt(repeated=frozenset({name})))


def test_only_types_with_customers_send_them_here_rfc6749_4_1_2_1() -> None:
    with pytest.raises(OAuthError) as caught:
        check_authorization(attempt(client("server")))
    assert caught.value.code == "unauthorized_client"


def test_the_redirect_uri_is_always_said_rfc9700_2_1() -> None:
    with pytest.raises(OAuthError, match="redirect_uri is missing"):
        check_authorization(attempt(parameters={"redirect_uri": ""}))


@pytest.mark.parametrize("uri", [f"{CALLBACK}/evil", f"{CALLBACK}?x=1", CALLBACK[:-1], CALLBACK.upper()])
def test_no_part_of_an_address_is_enough_rfc9700_2_1(uri: str) -> None:
    with pytest.raises(OAuthError, match="not registered"):
        check_authorization(attempt(parameters={"redirect_uri": uri}))


def test_fapi2_requests_are_pushed_and_then_right_fapi2_5_3_2_2() -> None:
    assert check_authorization(attempt(FAPI, is_pushed=True)).redirect_uri == CALLBACK


def test_who_signs_its_requests_signs_each_rfc9101_10_5() -> None:
    signer = client("spa", requires_signed_requests=True)
    assert check_authorization(attempt(signer, is_signed=True)).is_signed
    assert not check_authorization(attempt()).is_signed


def test_no_request_holds_the_address_of_another_rfc9126_2_1() -> None:
    assert refused(attempt(parameters={"request_uri": "urn:x"})).code == "invalid_request"


def test_response_type_and_mode_are_said_rightly_rfc6749_4_1_2_1() -> None:
    assert refused(attempt(parameters={"response_type": ""})).code == "invalid_request"
    assert refused(attempt(parameters={"response_mode": "fragment"})).code == "invalid_request"
    assert check_authorization(attempt(parameters={"response_mode": "jwt"})).response_mode == "jwt"


def test_nothing_of_the_implicit_flow_is_bound_to_a_key_rfc9449_5() -> None:
    assert refused(attempt(legacy("spa"), _TOKEN, proof=PROOF)).code == "invalid_request"


def test_rich_requests_are_for_the_code_flow_rfc9396_3() -> None:
    told = refused(attempt(legacy("spa"), _TOKEN | {"authorization_details": _DETAILS}))
    assert (told.code, "response_type=code" in told.description) == ("invalid_request", True)


def test_a_challenge_is_the_hash_of_a_verifier_rfc7636_4_2() -> None:
    assert "is missing" in refused(attempt(parameters=IMPLICIT)).description
    for wrong in ("A" * 42, "A" * 44, "A" * 42 + "="):
        assert refused(attempt(parameters={"code_challenge": wrong})).code == "invalid_request"
    for method in ("", "plain", "s256"):  # without a method it would be plain (4.3)
        assert refused(attempt(parameters={"code_challenge_method": method})).code == "invalid_request"


def test_a_named_key_is_the_one_that_was_proven_rfc9449_10() -> None:
    assert check_authorization(attempt(parameters={"dpop_jkt": "A" * 43})).dpop_jkt == "A" * 43
    named = {"dpop_jkt": PROOF.thumbprint}
    assert check_authorization(attempt(parameters=named, proof=PROOF)).dpop_jkt == PROOF.thumbprint
    assert check_authorization(attempt(proof=PROOF)).dpop_jkt == PROOF.thumbprint, "10.1: a proof alone binds, too"
    assert refused(attempt(parameters={"dpop_jkt": "A" * 43}, proof=PROOF)).code == "invalid_dpop_proof"


def test_a_nonce_may_be_long_but_not_endless_oidc_core_3_1_2_1() -> None:
    assert len(check_authorization(attempt(parameters={"nonce": "n" * 255})).nonce) == 255


def test_a_scope_is_said_unless_details_are_rfc9396_3() -> None:
    told = refused(attempt(parameters={"scope": ""}))
    assert (told.code, "is missing" in told.description) == ("invalid_scope", True)
    wrong = refused(attempt(parameters={"scope": "", "authorization_details": _DETAILS}))
    assert wrong.code == "invalid_authorization_details", "the scope is not what is wrong"
    beside = refused(attempt(parameters={"scope": "loans", "authorization_details": _DETAILS}))
    assert beside.code == "invalid_scope", "a scope beside details is looked at"


def test_a_scope_has_a_bound_rfc6749_3_3() -> None:
    told = refused(attempt(parameters={"scope": " ".join(["accounts"] * 112)}))
    assert (told.code, "1000" in told.description) == ("invalid_scope", True)
    assert check_authorization(attempt(parameters={"scope": " ".join(["accounts"] * 111)})).scope == ("accounts",)


# ── where a refusal goes ──


def test_a_state_that_came_twice_does_not_come_back_rfc6749_4_1_2_1() -> None:
    assert sent_back(attempt(repeated=frozenset({"state"}))).back.state == ""
    assert sent_back(attempt(repeated=frozenset({"scope"}))).back.state == "x"


def test_an_answer_keeps_the_query_that_was_registered_rfc6749_3_1_2() -> None:
    back = WayBack("cl_1", f"{CALLBACK}?tenant=7", "x")
    address = answer_address(back, {"code": "c"}, issuer=ISSUER, now=NOW, sign=str)
    assert parse_qs(urlsplit(address).query) == {"tenant": ["7"], "code": ["c"], "state": ["x"], "iss": [ISSUER]}


def test_a_signed_answer_says_who_it_is_from_for_whom_and_until_when_jarm_2_1() -> None:
    told: list[dict[str, Any]] = []
    back = WayBack("cl_1", CALLBACK, "x", "jwt")

    def sign(claims: dict[str, Any]) -> str:
        told.append(claims)
        return "j.w.t"

    address = answer_address(back, {"code": "c"}, issuer=ISSUER, now=NOW, sign=sign)
    assert address == f"{CALLBACK}?response=j.w.t"
    assert told == [{"iss": ISSUER, "aud": "cl_1", "exp": NOW + 600, "code": "c", "state": "x"}]
    answer_address(replace(back, state=""), {"code": "c"}, issuer=ISSUER, now=NOW, sign=sign)
    assert "state" not in told[1]
