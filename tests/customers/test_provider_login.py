"""The bank's own OpenID provider as customers' login, against node oidc-provider over TLS."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from authserver.bank import Bank, Caller, answer_of, authorization, hidden, make_bank
from customers.ldap_authority import TestAuthority
from customers.ldap_server import free_port
from customers.provider_server import CLIENT_SECRET, ProviderServer, provider_server
from propylon.authserver.models import AuthorizationRequest, CustomerSession, Grant
from propylon.customers import provider_metadata
from propylon.customers.directory import authenticate
from propylon.customers.directory_records import directory_of, use_directory
from propylon.customers.directory_trial import try_directory
from propylon.customers.models import Customer, ProviderLogin
from propylon.kernel.actor import SYSTEM
from propylon.kernel.secret import Secret

ISSUER = "https://localhost:8443"


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with provider_server(f"{ISSUER}/oauth/login/callback") as running:
        yield running


@pytest.fixture
def bank(db: None, provider: ProviderServer) -> Bank:
    made = make_bank()
    _use(provider)
    return made


def _use(provider: ProviderServer, secret: str = CLIENT_SECRET, **changes: str) -> None:
    provider_metadata.forget()
    told = provider.settings(**changes)
    use_directory(acting_user=SYSTEM, environment="sandbox", kind="openid", told=told, secret=Secret(secret))


def _leave(browser: Caller, bank: Bank, **changes: str) -> str:
    """From the application to the provider's address."""
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa"), **changes))
    assert 'id="login-provider"' in page.text
    assert "password" not in page.text.lower().replace("never type your password", "")
    reference = page.text.split("/oauth/login/provider?request=")[1].split('"')[0]
    answer = browser.get("/oauth/login/provider", request=reference)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def _path(address: str) -> str:
    assert address.startswith(ISSUER)
    return address.removeprefix(ISSUER)


def test_a_customer_logs_in_at_the_banks_provider_and_consents(bank: Bank, provider: ProviderServer) -> None:
    subjects = []
    for _ in range(2):
        browser = Caller()
        address = _leave(browser, bank)
        query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
        assert query["code_challenge_method"] == "S256"
        assert min(len(query["state"]), len(query["nonce"])) >= 43
        back = provider.log_in(address, "Maja")
        answer = browser.get(_path(back))
        assert answer.status_code == 303, answer.text
        consent = browser.get(answer.headers["location"])
        assert "Maja of the bank" in consent.text
        allowed = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
        assert "code" in answer_of(allowed)
        subjects.append(Grant.objects.latest("pk").subject)
    assert subjects[0] == subjects[1]
    assert subjects[0].startswith("openid_")
    assert "maja" not in subjects[0].lower()


@pytest.mark.parametrize(
    ("name", "scope", "email"),
    [
        ("Maja", "openid profile email", "maja@customers.example"),
        ("Maja", "openid profile", ""),
        ("Unproven", "openid profile email", ""),
    ],
)
def test_the_mail_address_is_kept_for_notices_if_it_is_asked_for_and_verified(
    bank: Bank, provider: ProviderServer, name: str, scope: str, email: str
) -> None:
    _use(provider, scope=scope)
    browser = Caller()
    answer = browser.get(_path(provider.log_in(_leave(browser, bank), name)))
    assert answer.status_code == 303, answer.text
    assert Customer.objects.get(directory="openid").email == email


def test_an_answer_counts_once_and_in_the_browser_that_left(bank: Bank, provider: ProviderServer) -> None:
    browser, thief = Caller(), Caller()
    back = _path(provider.log_in(_leave(browser, bank), "Maja"))
    assert thief.get(back).status_code == 400
    assert not AuthorizationRequest.objects.exclude(subject="").exists()
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    assert not ProviderLogin.objects.exists()


def _changed(address: str, **changes: str) -> str:
    query = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()} | changes
    return f"/oauth/login/callback?{urlencode({name: value for name, value in query.items() if value})}"


@pytest.mark.parametrize(
    "changes", [{"iss": "https://elsewhere.example"}, {"iss": ""}, {"code": "another"}, {"code": ""}]
)
def test_rfc_9207_section_2_4_a_mixed_up_answer_logs_nobody_in(
    bank: Bank, provider: ProviderServer, changes: dict[str, str]
) -> None:
    browser = Caller()
    back = provider.log_in(_leave(browser, bank), "Maja")
    answer = browser.get(_changed(back, **changes))
    assert 'id="login-problem"' in answer.text
    assert not Customer.objects.filter(directory="openid").exists()


def test_a_login_that_was_broken_off_can_be_tried_again(bank: Bank, provider: ProviderServer) -> None:
    browser = Caller()
    answer = browser.get(_path(provider.log_in(_leave(browser, bank), "")))
    assert 'id="login-problem"' in answer.text
    assert 'id="login-provider"' in answer.text


def test_the_customers_own_page_of_consents_opens_after_a_login_there(bank: Bank, provider: ProviderServer) -> None:
    browser = Caller()
    page = browser.get("/oauth/consents/log-in")
    assert "/oauth/login/provider?environment=sandbox" in page.text
    left = browser.get("/oauth/login/provider", environment="sandbox", to="approvals")
    answer = browser.get(_path(provider.log_in(left.headers["location"], "Maja")))
    assert answer.status_code == 200
    assert 'href="/oauth/approvals"' in answer.text
    assert CustomerSession.objects.get().subject.startswith("openid_")
    assert browser.get("/oauth/consents").status_code == 200


def test_a_provider_that_is_away_gives_a_plain_page_and_the_application_temporarily_unavailable(
    bank: Bank, provider: ProviderServer
) -> None:
    _use(provider, issuer=f"https://localhost:{free_port()}")
    browser = Caller()
    page = browser.get("/oauth/authorize", **authorization(bank.client("spa")))
    reference = page.text.split("/oauth/login/provider?request=")[1].split('"')[0]
    away = browser.get("/oauth/login/provider", request=reference)
    assert away.status_code == 503
    assert away.headers["retry-after"]
    assert "Traceback" not in away.text
    back = browser.post("/oauth/login/back", {"request": hidden(away)})
    assert answer_of(back) | {"state": "s1", "error": "temporarily_unavailable"} == answer_of(back)
    assert browser.get("/oauth/login", request=reference).status_code == 400  # it is over
    assert not Grant.objects.exists()


def test_no_password_is_right_where_a_provider_asks(bank: Bank) -> None:
    assert authenticate("sandbox", "199001019876", "correct horse battery") is None


def test_trying_says_in_words_what_fails(bank: Bank, provider: ProviderServer) -> None:
    def failure(secret: str = CLIENT_SECRET, **changes: str) -> str:
        _use(provider, secret, **changes)
        row = directory_of("sandbox")
        assert row
        return try_directory(row)[-1].reason

    assert failure() == ""
    assert "secret" in failure("wrong")
    assert "client_id" in failure(client_id="nobody")
    assert "not accepted" in failure(ca_pem=TestAuthority().pem)
    assert "no metadata" in failure(issuer=f"{provider.issuer}/elsewhere")
    assert "exactly" in failure(issuer=f"{provider.issuer}/")
    assert "Nothing listens" in failure(issuer=f"https://localhost:{free_port()}")
