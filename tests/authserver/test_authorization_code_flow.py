"""The code flow through its pages: request, login, consent, redemption, refresh (RFC 6749, 4.1 and 6)."""

from __future__ import annotations

import base64
from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from authserver.bank import (
    CALLBACK,
    IDENTITY,
    ISSUER,
    PASSWORD,
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
    redemption,
)
from propylon.applications.models import Subscription
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, Grant, RefreshToken
from propylon.customers.models import Customer
from propylon.marks.models import Mark


def _tokens(bank: Bank, browser: Caller, party: Party, **changes: str) -> dict[str, str]:
    code = approve(browser, party, **changes)["code"]
    response = browser.token(redemption(code) | credentials(party))
    assert response.status_code == 200, response.text
    return response.json()


def _refused(response: httpx.Response, error: str, status: int = 400) -> None:
    assert (response.status_code, response.json()["error"]) == (status, error), response.text
    assert "access_token" not in response.text


# ── the way that works ──


@pytest.mark.parametrize("type_", ["web", "internal", "spa", "native"])
def test_every_type_gets_tokens_for_its_customer(bank: Bank, browser: Caller, type_: str) -> None:
    method = "client_secret_post" if type_ in {"web", "internal"} else ""
    party = bank.client(type_, method=method)
    answer = approve(browser, party)
    assert answer["state"] == "s1"
    assert answer["iss"] == ISSUER  # RFC 9207, 2
    response = browser.token(redemption(answer["code"]) | credentials(party))
    assert response.status_code == 200, response.text
    claims = claims_of(response.json()["access_token"])
    grant = Grant.objects.get()
    assert (claims["sub"], claims["gid"], claims["ggn"]) == ("cus_maja", grant.public_id, f"{grant.public_id}.1")
    assert (claims["client_id"], claims["aud"]) == (party.id, f"{ISSUER}/sandbox")
    assert IDENTITY not in str(claims)
    assert "id_token" not in response.json()


def test_basic_credentials_are_form_encoded_first_rfc6749_2_3_1(bank: Bank, browser: Caller) -> None:
    party = bank.client("web")
    code = approve(browser, party)["code"]
    basic = base64.b64encode(f"{party.id}:{party.secret}".replace("_", "%5F").encode()).decode()
    assert browser.token(redemption(code), {"authorization": f"bAsIc {basic}"}).status_code == 200


def test_openid_brings_an_id_token_oidc_core_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("spa")
    body = _tokens(bank, browser, party, scope="openid accounts", nonce="n" * 64)
    claims = claims_of(body["id_token"])
    assert (claims["aud"], claims["sub"], claims["iss"], claims["nonce"]) == (party.id, "cus_maja", ISSUER, "n" * 64)
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]


def test_a_confidential_client_keeps_its_refresh_token_fapi2_5_3_2_1(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    first = _tokens(bank, browser, party)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(party)}
    for _ in range(2):
        again = browser.token(form).json()
        assert again["refresh_token"] == first["refresh_token"]
        assert claims_of(again["access_token"])["gid"] == Grant.objects.get().public_id


def test_a_public_client_gets_a_new_refresh_token_each_time_rfc9700_2_2_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("native")
    first = _tokens(bank, browser, party)
    form = {"grant_type": "refresh_token", "client_id": party.id}
    second = browser.token(form | {"refresh_token": first["refresh_token"]}).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert browser.token(form | {"refresh_token": second["refresh_token"]}).status_code == 200


def test_a_rotated_refresh_token_that_comes_back_ends_the_grant_rfc9700_4_14(bank: Bank, browser: Caller) -> None:
    party = bank.client("native")
    first = _tokens(bank, browser, party)
    form = {"grant_type": "refresh_token", "client_id": party.id}
    second = browser.token(form | {"refresh_token": first["refresh_token"]}).json()
    _refused(browser.token(form | {"refresh_token": first["refresh_token"]}), "invalid_grant")
    grant = Grant.objects.get()
    assert grant.revoked_at is not None
    assert Mark.objects.get().value == f"{grant.public_id}.1"
    _refused(browser.token(form | {"refresh_token": second["refresh_token"]}), "invalid_grant")


def test_refresh_may_ask_for_less_but_not_for_more_rfc6749_6(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    first = _tokens(bank, browser, party, scope="accounts transactions")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(party)}
    assert browser.token(form | {"scope": "accounts"}).json()["scope"] == "accounts"
    _refused(browser.token(form | {"scope": "accounts payments"}), "invalid_scope")
    assert browser.token(form).json()["scope"] == "accounts transactions"


def test_a_cancelled_subscription_is_no_longer_in_new_tokens(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post", products=(bank.accounts, bank.payments))
    first = _tokens(bank, browser, party, scope="accounts payments")
    Subscription.objects.filter(client=party.row, product=bank.payments).delete()
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(party)}
    assert browser.token(form).json()["scope"] == "accounts"


def test_a_certificate_beside_the_secret_binds_the_token(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post", certificate=True, binds=True)
    code = approve(browser, party)["code"]
    _refused(browser.token(redemption(code) | credentials(party)), "invalid_client", 401)
    body = browser.token(redemption(code) | credentials(party), party.on_mutual()).json()
    assert claims_of(body["access_token"])["x5h"] == party.fingerprint


# ── refused at redemption; nothing changes ──


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "w" * 43}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_request"),
        ({"code": "unknown"}, "invalid_grant"),
        ({"code": ""}, "invalid_request"),
    ],
)
def test_a_wrong_redemption_leaves_the_code_unused(
    bank: Bank, browser: Caller, changes: dict[str, str], error: str
) -> None:
    party = bank.client("spa")
    code = approve(browser, party)["code"]
    _refused(browser.token(redemption(code, **changes) | credentials(party)), error)
    assert AuthorizationCode.objects.get().used_at is None
    assert not RefreshToken.objects.exists()
    assert browser.token(redemption(code) | credentials(party)).status_code == 200


def test_a_code_of_another_client_is_refused(bank: Bank, browser: Caller) -> None:
    party, thief = bank.client("spa"), bank.client("spa")
    code = approve(browser, party)["code"]
    _refused(browser.token(redemption(code) | credentials(thief)), "invalid_grant")
    assert Grant.objects.get().revoked_at is None
    assert browser.token(redemption(code) | credentials(party)).status_code == 200


def test_an_expired_code_is_refused_fapi2_5_3_2_1(bank: Bank, browser: Caller) -> None:
    party = bank.client("spa")
    code = approve(browser, party)["code"]
    row = AuthorizationCode.objects.get()
    assert row.expires_at - row.grant.created_at <= timedelta(seconds=60)
    AuthorizationCode.objects.update(expires_at=timezone.now())
    _refused(browser.token(redemption(code) | credentials(party)), "invalid_grant")
    assert not RefreshToken.objects.exists()


def test_a_code_used_twice_ends_the_grant_and_its_tokens_rfc6749_4_1_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", method="client_secret_post")
    code = approve(browser, party)["code"]
    first = browser.token(redemption(code) | credentials(party)).json()
    _refused(browser.token(redemption(code) | credentials(party)), "invalid_grant")
    grant = Grant.objects.get()
    assert grant.revoked_at is not None
    assert (Mark.objects.get().kind, Mark.objects.get().value) == ("grant", f"{grant.public_id}.1")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], **credentials(party)}
    _refused(browser.token(form), "invalid_grant")


@pytest.mark.parametrize("secret", ["wrong", ""])
def test_a_wrong_secret_is_refused(bank: Bank, browser: Caller, secret: str) -> None:
    party = bank.client("web", method="client_secret_post")
    code = approve(browser, party)["code"]
    form = redemption(code) | {"client_id": party.id} | ({"client_secret": secret} if secret else {})
    _refused(browser.token(form), "invalid_client", 401)
    assert AuthorizationCode.objects.get().used_at is None


def test_a_refresh_token_of_another_client_is_refused(bank: Bank, browser: Caller) -> None:
    party, thief = bank.client("spa"), bank.client("spa")
    first = _tokens(bank, browser, party)
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "client_id": thief.id}
    _refused(browser.token(form), "invalid_grant")
    assert RefreshToken.objects.get().rotated_at is None


# ── login and consent ──


def test_the_pages_are_plain_forms_with_stable_ids(bank: Bank, browser: Caller) -> None:
    party = bank.client("spa")
    page = browser.get("/oauth/authorize", **authorization(party))
    for each in ("login-form", "identity-number", "password", "login-submit"):
        assert f'id="{each}"' in page.text
    consent = log_in(browser, party, scope="openid accounts transactions")
    for each in ("consent-form", "consent-allow", "consent-deny"):
        assert f'id="{each}"' in consent.text
    for words in ("See your accounts", "See your transactions", party.row.application.name, "Partner Ltd", "Maja Lind"):
        assert words in consent.text
    assert "<script" not in page.text + consent.text


def test_the_pages_cannot_be_framed_and_may_lead_to_the_client_only(bank: Bank, browser: Caller) -> None:
    party = bank.client("spa")
    page = browser.get("/oauth/authorize", **authorization(party))
    consent = log_in(browser, party)
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
    assert "form-action 'self';" in page.headers["content-security-policy"]
    assert "form-action 'self' https://partner.example;" in consent.headers["content-security-policy"]
    assert consent.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in page.headers  # FAPI 2.0, 5.2.3-3
    assert "style-src 'self';" in page.headers["content-security-policy"]
    assert "<style" not in page.text + consent.text


def test_denial_goes_back_as_access_denied_with_iss_rfc9207_2(bank: Bank, browser: Caller) -> None:
    consent = log_in(browser, bank.client("spa"))
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "deny"})
    assert answer.status_code == 303  # FAPI 2.0, 5.3.2.2: never 307
    said = answer_of(answer)
    assert (said["error"], said["state"], said["iss"]) == ("access_denied", "s1", ISSUER)
    assert not Grant.objects.exists()


@pytest.mark.parametrize(("identity", "password"), [(IDENTITY, "wrong"), ("200001011234", PASSWORD), ("", "")])
def test_a_failed_login_does_not_tell_why(bank: Bank, browser: Caller, identity: str, password: str) -> None:
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa")))
    form = {"request": hidden(page), "identity_number": identity, "password": password}
    answer = browser.post("/oauth/login", form)
    assert answer.status_code == 200
    assert 'id="login-problem"' in answer.text
    assert "not right, or there were too many attempts" in answer.text
    assert AuthorizationRequest.objects.get().subject == ""


def test_a_failed_login_is_told_in_the_language_of_the_customer(bank: Bank, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa")))
    form = {"request": hidden(page), "identity_number": IDENTITY, "password": "wrong"}
    answer = browser.post("/oauth/login", form, {"accept-language": "sv"})
    assert "stämmer inte" in answer.text
    assert "not right" not in answer.text


def test_many_wrong_passwords_lock_for_a_while(bank: Bank, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa")))
    wrong = {"request": hidden(page), "identity_number": IDENTITY, "password": "wrong"}
    for _ in range(5):
        browser.post("/oauth/login", wrong)
    assert Customer.objects.get().locked_until > timezone.now()
    assert browser.post("/oauth/login", wrong | {"password": PASSWORD}).status_code == 429
    Customer.objects.update(locked_until=timezone.now())
    assert browser.post("/oauth/login", wrong | {"password": PASSWORD}).status_code == 303


def test_consent_needs_login_first(bank: Bank, browser: Caller) -> None:
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa")))
    answer = browser.post("/oauth/consent", {"request": hidden(page), "decision": "allow"})
    assert answer.headers["location"].startswith("/oauth/login?request=")
    assert not Grant.objects.exists()


def test_a_page_works_only_in_the_browser_that_opened_it(bank: Bank, browser: Caller) -> None:
    consent = log_in(browser, bank.client("spa"))
    stranger = Caller().post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert (stranger.status_code, 'id="error-code"' in stranger.text) == (400, True)
    assert not Grant.objects.exists()


def test_a_form_from_another_site_is_refused(bank: Bank, browser: Caller) -> None:
    consent = log_in(browser, bank.client("spa"))
    form = {"request": hidden(consent), "decision": "allow"}
    answer = browser.post("/oauth/consent", form, {"sec-fetch-site": "cross-site"})
    assert answer.status_code == 400
    assert not Grant.objects.exists()


def test_consent_is_given_once(bank: Bank, browser: Caller) -> None:
    consent = log_in(browser, bank.client("spa"))
    form = {"request": hidden(consent), "decision": "allow"}
    assert browser.post("/oauth/consent", form).status_code == 303
    assert browser.post("/oauth/consent", form).status_code == 400
    assert Grant.objects.count() == 1


def test_an_expired_page_says_so(bank: Bank, browser: Caller) -> None:
    consent = log_in(browser, bank.client("spa"))
    AuthorizationRequest.objects.update(expires_at=timezone.now())
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert (answer.status_code, "expired" in answer.text) == (400, True)
    assert not Grant.objects.exists()
