"""A customer's login at this browser: what it spares them, what it never does, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from authserver.bank import (
    IDENTITY,
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
from propylon.audit.models import Event
from propylon.authserver.actions import end_grant
from propylon.authserver.login_session import COOKIE
from propylon.authserver.models import AuthorizationCode, AuthorizationRequest, Grant, LoginSession
from propylon.catalog.models import Environment, Scope
from propylon.customers.actions import add_customer
from propylon.customers.models import Customer, CustomerDirectory
from propylon.customers.second_step import SANDBOX_CODE
from propylon.kernel.actor import SYSTEM
from propylon.kernel.secret import Secret
from propylon.oauth.acr import ONE_STEP, TWO_STEPS
from propylon.sealing.entropy import digest

HERE = COOKIE + "sandbox"


@pytest.fixture
def web(bank: Bank) -> Party:
    return bank.client("web", method="client_secret_post")


def ask(browser: Caller, party: Party, **changes: str) -> httpx.Response:
    return browser.get("/oauth/authorize", **authorization(party, **changes))


def is_login(answer: httpx.Response) -> bool:
    return answer.status_code == 200 and 'id="login-form"' in answer.text


def is_recognised(answer: httpx.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/oauth/consent?")


def silently(browser: Caller, party: Party, **changes: str) -> dict[str, str]:
    answer = ask(browser, party, prompt="none", **changes)
    assert answer.status_code == 303, answer.text
    return answer_of(answer)


def tokens(browser: Caller, party: Party, code: str) -> dict[str, Any]:
    answer = browser.token(redemption(code) | credentials(party))
    assert answer.status_code == 200, answer.text
    return {name: claims_of(answer.json()[name]) for name in ("access_token", "id_token") if name in answer.json()}


def password_again(browser: Caller, page: httpx.Response, identity: str = IDENTITY) -> httpx.Response:
    return browser.post("/oauth/login", {"request": hidden(page), "identity_number": identity, "password": PASSWORD})


def test_the_password_is_spared_and_the_consent_page_is_not(bank: Bank, web: Party, browser: Caller) -> None:
    approve(browser, web)
    answer = ask(browser, web)
    assert is_recognised(answer)
    assert AuthorizationCode.objects.count() == 1
    page = browser.get(answer.headers["location"])
    assert 'id="consent-form"' in page.text
    assert "You are logged in as Maja Lind." in page.text
    fapi2 = bank.client("web", profile="fapi2", method="tls_client_auth", certificate=True)
    form = authorization(fapi2)
    pushed = browser.post("/oauth/par", form, fapi2.on_mutual()).json()
    answer = browser.get("/oauth/authorize", client_id=fapi2.id, request_uri=pushed["request_uri"])
    assert 'id="consent-form"' in browser.get(answer.headers["location"]).text
    assert Event.objects.filter(action="customer.recognised").count() == 2


def test_the_cookie_is_bound_to_its_host_and_stored_as_a_digest(web: Party, browser: Caller) -> None:
    page = ask(browser, web)
    set_cookie = next(each for each in password_again(browser, page).headers.get_list("set-cookie") if HERE in each)
    attributes = {each.strip().lower() for each in set_cookie.split(";")[1:]}
    assert attributes == {"secure", "httponly", "samesite=lax", "path=/"}
    value = browser.cookies[HERE]
    assert len(value) >= 43
    assert LoginSession.objects.get().digest == digest(Secret(value))
    assert not any(value in str(row) for row in LoginSession.objects.values())


def test_no_cookie_of_the_browsers_own_making_becomes_a_login(web: Party, browser: Caller) -> None:
    """Session fixation: what was planted before the login is good for nothing after it."""
    planted = "p" * 43
    browser.cookies.set(HERE, planted, domain="localhost.local", path="/")
    assert is_login(ask(browser, web))
    log_in(browser, web)
    assert browser.cookies[HERE] != planted
    assert is_recognised(ask(browser, web))
    thief = Caller()
    thief.cookies.set(HERE, planted)
    assert is_login(ask(thief, web))


def test_each_login_and_each_second_step_has_a_new_cookie(web: Party, browser: Caller) -> None:
    seen = []
    for _ in range(2):
        page = ask(browser, web, prompt="login", acr_values=TWO_STEPS)
        answer = password_again(browser, page)
        seen.append(browser.cookies[HERE])
        step = browser.get(browser.get(answer.headers["location"]).headers["location"])
        browser.post("/oauth/second-step", {"request": hidden(step), "code": SANDBOX_CODE})
        seen.append(browser.cookies[HERE])
    assert len(set(seen)) == 4
    assert LoginSession.objects.get().acr == TWO_STEPS
    for old in seen[:-1]:
        thief = Caller()
        thief.cookies.set(HERE, old)
        assert is_login(ask(thief, web))
    assert is_recognised(ask(browser, web))


def test_a_login_of_one_environment_is_none_in_another(bank: Bank, web: Party, browser: Caller) -> None:
    log_in(browser, web)
    other = bank.client("web", method="client_secret_post")
    environment = Environment.objects.create(name="production", title="Production", path_prefix="/production")
    type(other.row).objects.filter(pk=other.row.pk).update(environment=environment)
    add_customer(
        acting_user=SYSTEM,
        environment="production",
        identity_number=IDENTITY,
        name="Maja Lind",
        password=PASSWORD,
        subject="cus_maja",
    )
    assert is_login(ask(browser, other))
    browser.cookies.set(COOKIE + "production", browser.cookies[HERE])
    assert is_login(ask(browser, other))
    assert is_recognised(ask(browser, web))


def test_prompt_none_gives_a_code_for_a_consent_that_stands_oidc_core_3_1_2_1(web: Party, browser: Caller) -> None:
    first = tokens(browser, web, approve(browser, web, scope="openid accounts")["code"])
    LoginSession.objects.update(begun_at=timezone.now() - timedelta(minutes=5))
    answer = silently(browser, web, scope="accounts openid", nonce="n2")
    second = tokens(browser, web, answer["code"])
    begun = int(LoginSession.objects.get().begun_at.timestamp())
    assert (second["id_token"]["auth_time"], second["id_token"]["nonce"]) == (begun, "n2")
    assert (second["id_token"]["acr"], second["id_token"]["amr"]) == (ONE_STEP, ["pwd"])
    assert second["access_token"]["auth_time"] == begun
    assert second["access_token"]["gid"] == first["access_token"]["gid"]
    assert Grant.objects.count() == 1
    assert Event.objects.filter(action="grant.used_again").count() == 1


def test_prompt_none_of_a_fapi2_client_uses_its_request_up_fapi2_5_3_2_2(bank: Bank, browser: Caller) -> None:
    party = bank.client("web", profile="fapi2", method="tls_client_auth", certificate=True)

    def pushed(**changes: str) -> dict[str, str]:
        answer = browser.post("/oauth/par", authorization(party, **changes), party.on_mutual())
        return {"client_id": party.id, "request_uri": answer.json()["request_uri"]}

    consent = password_again(browser, browser.get("/oauth/authorize", **pushed()))
    page = browser.get(consent.headers["location"])
    assert "code" in answer_of(browser.post("/oauth/consent", {"request": hidden(page), "decision": "allow"}))
    silent = pushed(prompt="none")
    assert "code" in answer_of(browser.get("/oauth/authorize", **silent))
    again = browser.get("/oauth/authorize", **silent)
    assert (again.status_code, "invalid_request_uri" in again.text) == (400, True)
    assert AuthorizationCode.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "openid accounts transactions"}, "consent_required"),
        ({"scope": "openid"}, "consent_required"),
        ({"acr_values": TWO_STEPS}, "interaction_required"),
        ({"max_age": "0"}, "login_required"),
        ({"login_hint": "199001010000"}, "login_required"),
        ({"claims": '{"id_token":{"sub":{"value":"cus_other"}}}'}, "login_required"),
    ],
)
def test_prompt_none_that_cannot_be_met_oidc_core_3_1_2_6(
    web: Party, browser: Caller, changes: dict[str, str], error: str
) -> None:
    approve(browser, web, scope="openid accounts")
    codes = AuthorizationCode.objects.count()
    answer = silently(browser, web, **{"scope": "openid accounts"} | changes)
    assert (answer["error"], answer["state"]) == (error, "s1")
    assert AuthorizationCode.objects.count() == codes
    assert AuthorizationRequest.objects.count() == 1


def test_prompt_none_never_answers_for_a_scope_of_high_risk(web: Party, browser: Caller) -> None:
    approve(browser, web)
    LoginSession.objects.update(acr=TWO_STEPS)
    Scope.objects.filter(name="accounts").update(risk="high")
    assert silently(browser, web)["error"] == "interaction_required"


def test_a_second_step_counts_for_one_authorization_where_the_risk_is_high(web: Party, browser: Caller) -> None:
    Scope.objects.filter(name="accounts").update(risk="high")
    for _ in range(2):
        page = ask(browser, web)
        answer = password_again(browser, page) if is_login(page) else page
        led_on = browser.get(answer.headers["location"])
        assert led_on.headers["location"].startswith("/oauth/second-step")
        step = browser.get(led_on.headers["location"])
        consent = browser.post("/oauth/second-step", {"request": hidden(step), "code": SANDBOX_CODE})
        assert consent.headers["location"].startswith("/oauth/consent")
    assert is_recognised(ask(browser, web))


def test_a_withdrawn_consent_stands_no_more(web: Party, browser: Caller) -> None:
    approve(browser, web)
    end_grant(acting_user=SYSTEM, grant=Grant.objects.get(), reason="withdrawn")
    assert silently(browser, web)["error"] == "login_required"
    approve(browser, web)
    Grant.objects.update(expires_at=timezone.now())
    assert silently(browser, web)["error"] == "login_required"


def test_a_client_that_was_never_let_in_does_not_learn_of_a_login(bank: Bank, web: Party, browser: Caller) -> None:
    approve(browser, web)
    stranger = bank.client("web", method="client_secret_post")
    here, elsewhere = silently(browser, stranger), silently(Caller(), stranger)
    assert here == elsewhere
    assert here["error"] == "login_required"


@pytest.mark.parametrize(
    "changes", [{"prompt": "login"}, {"prompt": "select_account"}, {"max_age": "60"}, {"login_hint": "199001010000"}]
)
def test_a_new_login_is_asked_for_and_auth_time_is_its_own_oidc_core_3_1_2_1(
    web: Party, browser: Caller, changes: dict[str, str]
) -> None:
    approve(browser, web)
    old = timezone.now() - timedelta(minutes=5)
    LoginSession.objects.update(begun_at=old)
    page = ask(browser, web, scope="openid accounts", **changes)
    assert is_login(page)
    consent = browser.get(password_again(browser, page).headers["location"])
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    told = tokens(browser, web, answer_of(answer)["code"])["id_token"]
    assert told["auth_time"] > old.timestamp() + 240


def test_a_spared_login_keeps_its_auth_time_oidc_core_2(web: Party, browser: Caller) -> None:
    approve(browser, web)
    LoginSession.objects.update(begun_at=timezone.now() - timedelta(minutes=5))
    told = tokens(browser, web, approve(browser, web, scope="openid accounts", max_age="3600")["code"])["id_token"]
    assert told["auth_time"] == int(LoginSession.objects.get().begun_at.timestamp())


def test_a_hint_at_another_customer_asks_for_a_login_oidc_core_3_1_2_1(web: Party, browser: Caller) -> None:
    form = redemption(approve(browser, web, scope="openid accounts")["code"]) | credentials(web)
    hint = browser.token(form).json()["id_token"]
    assert is_recognised(ask(browser, web, id_token_hint=hint))
    _other(browser, web)
    assert is_login(ask(browser, web, id_token_hint=hint))
    assert is_login(ask(browser, web, login_hint=IDENTITY))
    assert silently(browser, web, id_token_hint=hint)["error"] == "login_required"


def _other(browser: Caller, web: Party) -> None:
    """Another customer logs in at this browser."""
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="198505050505",
        name="Ola Berg",
        password=PASSWORD,
        subject="cus_ola",
    )
    password_again(browser, ask(browser, web, prompt="login"), "198505050505")
    assert LoginSession.objects.get().subject == "cus_ola"


def test_who_logs_in_as_somebody_else_consents_as_somebody_else(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    page = browser.get(ask(browser, web).headers["location"])
    assert is_login(browser.get("/oauth/login", request=hidden(page)))
    _other(browser, web)
    answer = password_again(browser, page, "198505050505")
    consent = browser.get(answer.headers["location"])
    browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert Grant.objects.get().subject == "cus_ola"


@pytest.mark.parametrize("field", ["used_at", "begun_at"])
def test_it_ends_by_itself(web: Party, browser: Caller, field: str) -> None:
    log_in(browser, web)
    bound = {"used_at": 10, "begun_at": 60}[field]
    LoginSession.objects.update(**{field: timezone.now() - timedelta(minutes=bound, seconds=-20)})
    assert is_recognised(ask(browser, web))
    LoginSession.objects.update(**{field: timezone.now() - timedelta(minutes=bound, seconds=1)})
    assert is_login(ask(browser, web))


def test_a_new_password_another_directory_and_no_customer_end_it(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    stored = Customer.objects.get().password
    Customer.objects.update(password=f"{stored}x")
    assert is_login(ask(browser, web))
    Customer.objects.update(password=stored)
    assert is_recognised(ask(browser, web))
    row = CustomerDirectory.objects.create(environment="sandbox", kind="ldap", changed_at=timezone.now())
    assert not is_recognised(ask(browser, web))
    row.delete()
    assert is_recognised(ask(browser, web))
    Customer.objects.update(subject="cus_gone")
    assert is_login(ask(browser, web))


def test_an_operator_may_do_without_them(web: Party, browser: Caller, settings: Any) -> None:
    settings.PROPYLON_LOGIN_SESSION_MINUTES = 0
    log_in(browser, web)
    assert is_login(ask(browser, web))
    assert not LoginSession.objects.exists()


def test_logging_out_ends_it_rp_logout_2(bank: Bank, web: Party, browser: Caller) -> None:
    log_in(browser, web)
    stolen = browser.cookies[HERE]
    browser.post("/oauth/end-session", {"client_id": web.id, "answer": "log_out"})
    assert not LoginSession.objects.exists()
    browser.cookies.set(HERE, stolen)
    assert is_login(ask(browser, web))


def test_nobody_is_logged_in_by_a_form_of_another_site(web: Party, browser: Caller) -> None:
    """Login CSRF: neither with a page that the attacker's browser opened, nor by posting from elsewhere."""
    form = {"request": hidden(ask(Caller(), web)), "identity_number": IDENTITY, "password": PASSWORD}
    assert browser.post("/oauth/login", form).status_code == 400
    own = form | {"request": hidden(ask(browser, web))}
    assert browser.post("/oauth/login", own, {"sec-fetch-site": "cross-site"}).status_code == 400
    assert HERE not in browser.cookies
    assert not LoginSession.objects.exists()


def test_the_customer_sees_and_ends_their_logins(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    elsewhere = Caller()
    log_in(elsewhere, web)
    page = browser.get("/oauth/consents/log-in", environment="sandbox")
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    own = {"identity_number": IDENTITY, "password": PASSWORD, "environment": "sandbox", "csrfmiddlewaretoken": token}
    assert browser.post("/oauth/consents/log-in", own, {"referer": "https://localhost:8443/"}).status_code == 303
    page = browser.get("/oauth/consents/logins")
    assert (page.text.count("This browser"), page.text.count("Another browser")) == (1, 1)
    token = page.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = {"csrfmiddlewaretoken": token, "login": "ls_somebody_elses"}
    browser.post("/oauth/consents/logins/end", form, {"referer": "https://localhost:8443/"})
    assert LoginSession.objects.count() == 2
    other = LoginSession.objects.latest("pk")
    form["login"] = other.public_id
    browser.post("/oauth/consents/logins/end", form, {"referer": "https://localhost:8443/"})
    assert is_login(ask(elsewhere, web))
    assert is_recognised(ask(browser, web))
    browser.post("/oauth/consents/logins/end", form | {"login": ""}, {"referer": "https://localhost:8443/"})
    assert is_login(ask(browser, web))
    assert Event.objects.filter(action="customer.login_ended").count() == 2
