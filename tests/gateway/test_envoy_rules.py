"""What an operation asks of a token beside its scopes: role, plan, authentication. One word among others."""

from __future__ import annotations

import time

import pytest

BASE = "/sandbox/accounts/v1"


@pytest.mark.parametrize(
    ("path", "claims"),
    [
        ("/gold", {"plan": "gold"}),
        ("/gold", {"plan": "gold+"}),
        ("/role", {"psd2": "PSP_AI"}),
        ("/role", {"psd2": "PSP_IC PSP_PI PSP_AS"}),
        ("/strong", {"acr": "urn:bank:sca"}),
    ],
)
def test_a_token_that_says_what_is_asked_passes(gateway, path, claims):
    assert gateway.call(BASE + path, token=gateway.token(**claims)).status == 200


@pytest.mark.parametrize(
    ("path", "claims", "status", "code"),
    [
        ("/gold", {}, 403, "gateway.plan.excluded"),
        ("/gold", {"plan": None}, 403, "gateway.plan.excluded"),
        ("/gold", {"plan": "golden"}, 403, "gateway.plan.excluded"),
        ("/gold", {"plan": "goldd"}, 403, "gateway.plan.excluded"),
        ("/gold", {"plan": "gold", "scope": "other"}, 403, "gateway.scope.missing"),
        ("/role", {}, 401, "gateway.role.missing"),
        ("/role", {"psd2": "XPSP_AI PSP_PIX"}, 401, "gateway.role.missing"),
        ("/strong", {}, 401, "gateway.authentication.insufficient"),
        ("/strong", {"acr": "urn:bank:scal"}, 401, "gateway.authentication.insufficient"),
        ("/strong", {"acr": "urn:bank:sca", "plan": "tiny"}, 403, "gateway.plan.excluded"),
    ],
)
def test_a_token_that_does_not_is_refused_with_the_rule(gateway, path, claims, status, code):
    forged = {"X-Propylon-Plan": "gold", "X-Propylon-Psd2-Roles": "PSP_AI", "X-Propylon-Acr": "urn:bank:sca"}
    answer = gateway.call(BASE + path, token=gateway.token(**claims), **forged)
    assert (answer.status, answer.json()["code"]) == (status, code)


def test_what_to_ask_the_customer_for_stands_in_the_answer_rfc9470_3(gateway):
    answer = gateway.call(f"{BASE}/strong", token=gateway.token())
    assert 'error="insufficient_user_authentication"' in answer.headers["www-authenticate"]
    assert 'acr_values="urn:bank:sca"' in answer.headers["www-authenticate"]
    assert "PSP_AI PSP_PI" in gateway.call(f"{BASE}/role", token=gateway.token()).json()["message"]


def _signed_in(seconds_ago):
    return int(time.time()) - seconds_ago


@pytest.mark.parametrize("path", ["/recent", "/both"])
def test_a_customer_who_signed_in_lately_passes_rfc9470_5(gateway, path):
    token = gateway.token(acr="urn:bank:sca", auth_time=_signed_in(seconds_ago=200))
    assert gateway.call(BASE + path, token=token).status == 200


@pytest.mark.parametrize(
    "signed_in",
    [310, 86_400, None, "yesterday", "", "0x7fffffff", "2026-11-22T00:00:00Z", True, [1], {"at": 1}, 0, -1, 10**30],
    ids=str,
)
def test_a_customer_who_signed_in_long_ago_or_never_does_not_rfc9470_3(gateway, signed_in):
    is_ago = isinstance(signed_in, int) and signed_in in (310, 86_400)
    token = gateway.token(acr="urn:bank:sca", auth_time=_signed_in(signed_in) if is_ago else signed_in)
    forged = {"X-Propylon-Signed-In-At": str(_signed_in(0))}
    answer = gateway.call(f"{BASE}/recent", token=token, **forged)
    assert (answer.status, answer.json()["code"]) == (401, "gateway.authentication.too_old")
    asked = answer.headers["www-authenticate"]
    assert asked == 'Bearer realm="api", error="insufficient_user_authentication", max_age="300"'


@pytest.mark.parametrize(
    ("acr", "ago", "code"),
    [
        ("urn:bank:pin", 0, "gateway.authentication.insufficient"),
        ("urn:bank:sca", 400, "gateway.authentication.too_old"),
    ],
)
def test_all_that_is_asked_of_the_sign_in_is_told_at_once_rfc9470_3(gateway, acr, ago, code):
    answer = gateway.call(f"{BASE}/both", token=gateway.token(acr=acr, auth_time=_signed_in(ago)))
    assert (answer.status, answer.json()["code"]) == (401, code)
    assert answer.headers["www-authenticate"].endswith(', acr_values="urn:bank:sca", max_age="300"')


def test_when_the_customer_signed_in_is_not_told_to_upstreams(gateway):
    heard = gateway.call(f"{BASE}/recent", token=gateway.token(auth_time=_signed_in(1))).json()["headers"]
    assert "x-propylon-signed-in-at" not in heard


def test_a_missing_role_in_the_form_of_berlin_group_protocol_3_3(gateway):
    answer = gateway.call("/sandbox/psd2/v1/role", token=gateway.token(psd2="PSP_PI"))
    assert (answer.status, answer.json()["tppMessages"][0]["code"]) == (401, "ROLE_INVALID")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert gateway.call("/sandbox/psd2/v1/role", token=gateway.token(psd2="PSP_AI")).status == 200


def test_a_bound_token_is_asked_for_rfc9449_7_1(gateway):
    answer = gateway.call(f"{BASE}/bound", token=gateway.token(scope="accounts"), X_Propylon_Bound_Key="k" * 43)
    assert (answer.status, answer.json()["code"]) == (401, "gateway.token.binding_needed")
    assert answer.headers["www-authenticate"].startswith('DPoP error="invalid_token"')
    assert "algs=" in answer.headers["www-authenticate"]


def test_a_token_that_is_bound_to_the_connections_certificate_is_bound_rfc8705_3(gateway):
    certificate, other = gateway.certificate("bound"), gateway.certificate("another")
    token = gateway.token(x5h=certificate.fingerprint)
    for presented, status in ((certificate, 200), (other, 401)):
        answer = gateway.call(f"{BASE}/bound", token=token, listener="mutual", certificate=presented)
        assert answer.status == status
    assert gateway.call(f"{BASE}/bound", token=token).json()["code"] == "gateway.token.binding"
    lacking = gateway.token(x5h=certificate.fingerprint, scope="other")
    answer = gateway.call(f"{BASE}/bound", token=lacking, listener="mutual", certificate=certificate)
    assert answer.json()["code"] == "gateway.scope.missing"


def test_a_token_that_is_bound_to_a_key_goes_on_to_its_proof(gateway):
    """Nobody answers for the check here: so it was asked."""
    token = gateway.token(cnf={"jkt": "k" * 43})
    answer = gateway.call(f"{BASE}/bound", Authorization=f"DPoP {token}")
    assert (answer.status, answer.json()["code"]) == (503, "gateway.check.unavailable")
