"""Rules of the standards that no suite of the OpenID Foundation tests, so that we must: FAPI 2.0 and the RFCs below it.

docs/reference/rfc-support.md says which test shows which rule.
"""

from __future__ import annotations

import base64
import json
import math
from collections import Counter
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.name import _ASN1Type
from cryptography.x509.oid import NameOID
from django.utils import timezone

from authserver.bank import (
    CALLBACK,
    ISSUER,
    VERIFIER,
    Bank,
    Caller,
    Party,
    answer_of,
    approve,
    authorization,
    claims_of,
    credentials,
    hidden,
    log_in,
    log_in_at,
    mutual,
    redemption,
)
from propylon.applications.models import Client
from propylon.authserver import pages
from propylon.authserver.models import AuthorizationRequest, Grant
from propylon.authserver.peer_certificate import peer_certificate


def _tokens(bank: Bank, browser: Caller, party: Party, **changes: str) -> dict[str, Any]:
    answer = browser.token(redemption(approve(browser, party, **changes)["code"]) | credentials(party))
    assert answer.status_code == 200, answer.text
    return answer.json()


def _pushed(browser: Caller, party: Party, **changes: str) -> str:
    pushed = browser.post("/oauth/par", authorization(party, **changes), party.on_mutual())
    assert pushed.status_code == 201, pushed.text
    return str(pushed.json()["request_uri"])


def _approve_pushed(browser: Caller, party: Party, **changes: str) -> str:
    """The code of a pushed request, and where it was sent."""
    page = browser.get("/oauth/authorize", client_id=party.id, request_uri=_pushed(browser, party, **changes))
    consent = log_in_at(browser, page)
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert answer.headers["location"].startswith(changes.get("redirect_uri", CALLBACK))
    return answer_of(answer)["code"] if "redirect_uri" not in changes else answer.headers["location"]


# ── FAPI 2.0 Security Profile ──


def test_a_redirect_uri_counts_with_its_query_fapi2_5_3_2_2_6(bank: Bank, browser: Caller) -> None:
    """A judge registers two that differ by their query alone; each is matched whole (RFC 9700, 2.1)."""
    longer = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"
    party = bank.client("web", profile="fapi2", redirect_uris=(CALLBACK, longer))
    assert f"{longer}&code=" in _approve_pushed(browser, party, redirect_uri=longer)
    assert _approve_pushed(browser, party)
    for other in (f"{CALLBACK}?dummy1=lorem", f"{CALLBACK}?dummy2=ipsum&dummy1=lorem", f"{longer}&more=1"):
        refused = browser.post("/oauth/par", authorization(party, redirect_uri=other), party.on_mutual())
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


def test_a_refresh_token_outlives_its_certificate_fapi2_5_3_2_1_9(bank: Bank, browser: Caller) -> None:
    """It is bound to the client's authentication, so that a renewed certificate goes on (RFC 8705, 6.3 and 7.1)."""
    party = bank.client("web", profile="fapi2")
    code = _approve_pushed(browser, party)
    first = browser.token(redemption(code) | {"client_id": party.id}, party.on_mutual()).json()
    assert claims_of(first["access_token"])["x5h"] == party.fingerprint
    assert party.certificate
    name = str(party.certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)
    party.certificate = bank.certificate(party, name)
    refresh = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": party.id}
    second = browser.token(refresh, party.on_mutual())
    assert second.status_code == 200, second.text
    assert claims_of(second.json()["access_token"])["x5h"] == party.fingerprint
    stranger = bank.client("web", profile="fapi2")
    refused = browser.token(refresh, stranger.on_mutual())
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")


def _bits(text: str) -> float:
    """As the OpenID Foundation's suite estimates them: Shannon's entropy of the characters, times their number."""
    shares = [count / len(text) for count in Counter(text).values()]
    return -sum(share * math.log2(share) for share in shares) * len(text)


def test_whatever_can_be_guessed_has_128_bits_fapi2_5_4_1_4(bank: Bank, browser: Caller) -> None:
    """Codes, refresh tokens, access tokens and request URIs; no two are alike."""
    web, fapi = bank.client("web", method="client_secret_post"), bank.client("web", profile="fapi2")
    found: list[str] = []
    for _ in range(3):
        code = approve(browser, web)["code"]
        tokens = browser.token(redemption(code) | credentials(web)).json()
        signature = tokens["access_token"].rpartition(".")[2]  # what nobody can guess of a signed token
        found += [code, tokens["refresh_token"], signature, _pushed(browser, fapi).rsplit(":", 1)[1]]
    assert len(set(found)) == 12
    for text in found:
        assert len(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) * 8 >= 128, text
        assert _bits(text) > 96


def test_without_openid_no_answer_names_the_customer_fapi2_5_3_2_3(bank: Bank, browser: Caller) -> None:
    answer = _tokens(bank, browser, bank.client("web", method="client_secret_post"))
    assert set(answer) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}


@pytest.mark.parametrize("length", [64, 255])
def test_a_long_nonce_comes_back_in_the_id_token_fapi2_5_3_2_2_14(bank: Bank, browser: Caller, length: int) -> None:
    nonce = "n" * length
    answer = _tokens(
        bank, browser, bank.client("web", method="client_secret_post"), scope="openid accounts", nonce=nonce
    )
    assert claims_of(answer["id_token"])["nonce"] == nonce


def test_no_other_site_may_read_the_pages_fapi2_5_2_3_3(bank: Bank, browser: Caller) -> None:
    """No CORS at the authorization endpoint, though the other endpoints answer pages of single-page applications."""
    elsewhere = {"Origin": "https://app.example", "Access-Control-Request-Method": "GET"}
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in authorization(bank.client("spa")).items())
    for method in ("GET", "OPTIONS"):
        answer = browser.ask(method, f"/oauth/authorize?{query}", headers=elsewhere)
        assert not [name for name in answer.headers if name.startswith("access-control-")], method


def test_hsts_on_real_host_names_fapi2_5_2_3_1(bank: Bank, browser: Caller, settings: Any) -> None:
    """On localhost it would break whatever else the developer's machine serves."""
    party = bank.client("spa")

    def sent() -> str | None:
        pages._has_real_name.cache_clear()
        return browser.get("/oauth/authorize", **authorization(party)).headers.get("strict-transport-security")

    try:
        assert sent() is None
        settings.PROPYLON_ISSUER_URL = "https://id.bank.example"
        assert sent() == "max-age=31536000"
        settings.PROPYLON_HSTS_PRELOAD = True
        assert sent() == "max-age=63072000; includeSubDomains; preload"
    finally:
        pages._has_real_name.cache_clear()


def test_pages_need_no_script_and_talk_to_no_other_window_rfc9700_4_17(bank: Bank, browser: Caller) -> None:
    """Plain forms, which a scripted browser without JavaScript fills in (no postMessage)."""
    party = bank.client("spa")
    for page in (browser.get("/oauth/authorize", **authorization(party)), log_in(browser, party)):
        assert "<script" not in page.text
        assert "onclick" not in page.text
        assert "script-src" not in page.headers["content-security-policy"]


# ── RFC 8705 ──


def _header(*parts: tuple[x509.ObjectIdentifier, str], kind: _ASN1Type = _ASN1Type.UTF8String) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(oid, text, _type=kind) for oid, text in parts])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    return quote(certificate.public_bytes(Encoding.PEM).decode())


_CN, _O, _OU = NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME
SAME = {
    "alone": [(_CN, "svcPartnerV01")],
    "among other parts": [(_O, "Partner"), (_CN, "svcPartnerV01"), (_OU, "Payments")],
    "in another order": [(_CN, "svcPartnerV01"), (_O, "Partner")],
    "beside a part that looks like one": [(_O, "CN=svcOther"), (_CN, "svcPartnerV01")],
}
OTHER = {
    "a part that looks like one": [(_O, "CN=svcPartnerV01")],
    "a longer one": [(_CN, "svcPartnerV01,O=x")],
    "a space": [(_CN, "svcPartnerV01 ")],
    "two of them": [(_CN, "svcPartnerV01"), (_CN, "svcOther")],
    "the same twice": [(_CN, "svcPartnerV01"), (_CN, "svcPartnerV01")],
    "none": [(_O, "svcPartnerV01")],
}


@pytest.mark.parametrize("kind", [_ASN1Type.UTF8String, _ASN1Type.PrintableString])
@pytest.mark.parametrize("case", SAME)
def test_a_subject_is_read_as_a_name_and_not_as_a_text_rfc8705_2_1_2(case: str, kind: _ASN1Type) -> None:
    """However it is ordered and encoded (RFC 4514; RFC 5280, 7.1), the CN is the service account's name."""
    if kind is _ASN1Type.PrintableString and "=" in str(SAME[case]):
        kind = _ASN1Type.UTF8String  # such a text is none
    certificate = peer_certificate(_header(*SAME[case], kind=kind))
    assert certificate is not None
    assert certificate.common_name == "svcPartnerV01"


@pytest.mark.parametrize("case", OTHER)
def test_what_only_looks_like_the_subject_is_another_rfc8705_2_1_2(case: str) -> None:
    certificate = peer_certificate(_header(*OTHER[case]))
    assert certificate is not None
    assert certificate.common_name != "svcPartnerV01"


def test_introspection_tells_the_binding_rfc8705_3_2(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    form = {"grant_type": "client_credentials", "client_id": party.id}
    token = caller.token(form, party.on_mutual()).json()["access_token"]
    told = caller.post("/oauth/introspect", {"token": token, "client_id": party.id}, party.on_mutual()).json()
    thumbprint = base64.urlsafe_b64encode(bytes.fromhex(party.fingerprint)).rstrip(b"=").decode()
    assert told["cnf"] == {"x5t#S256": thumbprint}
    assert claims_of(token)["cnf"] == {"x5t#S256": thumbprint}, "RFC 8705 section 3.1"


@pytest.mark.parametrize("header", ["nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "%"])
def test_whatever_is_no_certificate_ends_in_a_plain_answer_rfc8705_7_5(bank: Bank, caller: Caller, header: str) -> None:
    party = bank.client("server")
    sent = mutual(None) | {"x-propylon-peer-certificate": quote(header)}
    answer = caller.token({"grant_type": "client_credentials", "client_id": party.id}, sent)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


# ── RFC 9126 ──


@pytest.mark.parametrize(
    "change",
    [{"status": "rejected"}, {"redirect_uris": ["https://partner.example/other"]}],
    ids=["no longer approved", "address taken back"],
)
def test_a_pushed_request_is_checked_again_when_it_is_used_rfc9126_7_4(
    bank: Bank, browser: Caller, change: dict[str, Any]
) -> None:
    party = bank.client("web", profile="fapi2")
    uri = _pushed(browser, party)
    Client.objects.filter(pk=party.row.pk).update(**change)
    from propylon.authserver.client_cache import clients

    clients.forget()
    answer = browser.get("/oauth/authorize", client_id=party.id, request_uri=uri)
    assert (answer.status_code, "location" in answer.headers) == (400, False), answer.text
    assert not Grant.objects.exists()


def test_a_pushed_request_has_a_size_rfc9126_2_3(bank: Bank, caller: Caller) -> None:
    party = bank.client("web", profile="fapi2")
    answer = caller.post("/oauth/par", authorization(party, state="s" * 70_000), party.on_mutual())
    assert (answer.status_code, answer.json()["error"]) == (413, "invalid_request")
    assert not AuthorizationRequest.objects.exists()


# ── RFC 6749, 8414, 9068 ──


def test_every_error_of_the_token_endpoint_rfc6749_5_2(bank: Bank, browser: Caller) -> None:
    web, spa = bank.client("web", method="client_secret_post"), bank.client("spa")
    server = bank.client("server")
    own = {"grant_type": "client_credentials", "client_id": server.id}
    asked = {
        "invalid_request": (400, {**credentials(web)}, {}),
        "invalid_client": (401, {**redemption("x"), "client_id": web.id, "client_secret": "wrong"}, {}),
        "invalid_grant": (400, {**redemption("x"), **credentials(web)}, {}),
        "unauthorized_client": (400, {"grant_type": "client_credentials", **credentials(spa)}, {}),
        "unsupported_grant_type": (400, {"grant_type": "urn:x", **credentials(web)}, {}),
        "invalid_scope": (400, {**own, "scope": "payments"}, server.on_mutual()),
    }
    for error, (status, form, headers) in asked.items():
        answer = browser.token(form, headers)
        told = answer.json()
        assert (answer.status_code, told["error"]) == (status, error), answer.text
        assert set(told) <= {"error", "error_description", "error_uri"}
        assert answer.headers["content-type"].startswith("application/json")
        assert (answer.headers["cache-control"], answer.headers.get("pragma", "no-cache")) == ("no-store", "no-cache")


# Of RFC 8414, 8628, 8705, 9101, 9126, 9207, 9396, 9449, 9470, 9701, of OpenID Connect Discovery, JARM, CIBA and
# RP-Initiated Logout: registered with IANA as "OAuth Authorization Server Metadata".
REGISTERED = """
issuer authorization_endpoint token_endpoint jwks_uri registration_endpoint scopes_supported response_types_supported
response_modes_supported grant_types_supported token_endpoint_auth_methods_supported
token_endpoint_auth_signing_alg_values_supported service_documentation ui_locales_supported op_policy_uri op_tos_uri
revocation_endpoint revocation_endpoint_auth_methods_supported revocation_endpoint_auth_signing_alg_values_supported
introspection_endpoint introspection_endpoint_auth_methods_supported
introspection_endpoint_auth_signing_alg_values_supported code_challenge_methods_supported
tls_client_certificate_bound_access_tokens mtls_endpoint_aliases userinfo_endpoint acr_values_supported
subject_types_supported id_token_signing_alg_values_supported request_object_signing_alg_values_supported
display_values_supported claim_types_supported claims_supported claims_parameter_supported
request_parameter_supported request_uri_parameter_supported require_request_uri_registration
require_signed_request_object pushed_authorization_request_endpoint require_pushed_authorization_requests
introspection_signing_alg_values_supported authorization_response_iss_parameter_supported
dpop_signing_alg_values_supported authorization_details_types_supported authorization_signing_alg_values_supported
prompt_values_supported backchannel_authentication_endpoint backchannel_token_delivery_modes_supported
backchannel_authentication_request_signing_alg_values_supported backchannel_user_code_parameter_supported
end_session_endpoint userinfo_signing_alg_values_supported
"""


def test_every_member_of_the_metadata_is_registered_rfc8414_7_1(bank: Bank, caller: Caller) -> None:
    """A judge warns of any other."""
    told = caller.get("/.well-known/oauth-authorization-server").json()
    known = set(REGISTERED.split())
    assert set(told) <= known, set(told) - known
    assert set(told["mtls_endpoint_aliases"]) <= set(told)


def test_the_issuer_is_the_address_of_its_metadata_rfc8414_3_3(bank: Bank, caller: Caller) -> None:
    for name in ("oauth-authorization-server", "openid-configuration"):
        assert caller.get(f"/.well-known/{name}").json()["issuer"] == ISSUER


def test_an_access_token_says_what_it_is_rfc9068_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    token = _tokens(bank, browser, party)["access_token"]
    head = json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert (head["typ"], head["alg"]) == ("at+jwt", "ES256")
    claims = claims_of(token)
    assert {"iss", "exp", "aud", "sub", "client_id", "iat", "jti", "scope"} <= set(claims)
    assert (claims["iss"], claims["aud"], claims["client_id"]) == (ISSUER, f"{ISSUER}/sandbox", party.id)


def test_a_tokens_subject_is_the_customer_or_the_client_and_never_both_rfc9068_5(bank: Bank, browser: Caller) -> None:
    """Section 5: whoever reads `sub` cannot take one for the other (FAPI 2.0, 6; RFC 9700, 4.15)."""
    web, server = bank.client("web", method="client_secret_post"), bank.client("server")
    of_customer = claims_of(_tokens(bank, browser, web)["access_token"])
    form = {"grant_type": "client_credentials", "client_id": server.id}
    of_client = claims_of(browser.token(form, server.on_mutual()).json()["access_token"])
    assert (of_client["sub"], "gid" in of_client) == (server.id, False)
    assert (of_customer["sub"] != web.id, "gid" in of_customer) == (True, True)
    assert of_customer["sub"].startswith("cus_")
    assert VERIFIER not in str(of_customer)


def test_a_token_may_do_what_was_asked_for_and_no_more_fapi2_5_3_2_1_14(bank: Bank, browser: Caller) -> None:
    """Least privilege, though the client is subscribed to more (RFC 9700, 2.3)."""
    party = bank.client("web", method="client_secret_post", products=(bank.accounts, bank.payments))
    answer = _tokens(bank, browser, party, scope="transactions")
    assert (answer["scope"], claims_of(answer["access_token"])["scope"]) == ("transactions", "transactions")
