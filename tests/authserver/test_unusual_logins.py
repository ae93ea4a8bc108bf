"""A login from a new browser or network asks for more, and is told to the customer (FEATURES O9)."""

from __future__ import annotations

import re

import httpx
import pytest

from authserver.bank import IDENTITY, PASSWORD, Bank, Caller, Party, authorization, hidden
from propylon.audit.models import Event
from propylon.authserver.known_devices import COOKIE
from propylon.authserver.login_session import COOKIE as LOGIN
from propylon.authserver.models import Grant, KnownPlace, LoginSession
from propylon.customers.login_risk import Place, is_unusual, network_of
from propylon.customers.models import Customer
from propylon.notifications.models import Mail

HOME, NEAR, AWAY = "192.0.2.10", "192.0.2.77", "198.51.100.7"
_DEVICE, _OTHER, _NET = "d1", "d2", "192.0.2.0/24"


@pytest.fixture
def web(bank: Bank) -> Party:
    Customer.objects.update(is_sandbox_identity=False, email="maja@mail.example")
    return bank.client("web", method="client_secret_post")


def log_in(browser: Caller, party: Party, address: str = HOME) -> httpx.Response:
    """To the page that comes after the password."""
    page = browser.get("/oauth/authorize", **authorization(party, prompt="login"))
    form = {"request": hidden(page), "identity_number": IDENTITY, "password": PASSWORD}
    answer = browser.post("/oauth/login", form, {"x-propylon-source-address": address})
    assert answer.status_code == 303, answer.text
    after = browser.get(answer.headers["location"])
    return browser.get(after.headers["location"]) if after.status_code == 303 else after


def is_asked(page: httpx.Response) -> bool:
    assert page.status_code == 200
    return 'id="second-step-form"' in page.text


def give_code(browser: Caller, page: httpx.Response) -> httpx.Response:
    code = re.findall(r"\b(\d{6})\b", Mail.objects.filter(subject="Your code to log in").latest("pk").body)[0]
    return browser.post("/oauth/second-step", {"request": hidden(page), "code": code})


@pytest.mark.parametrize(
    ("before", "unusual"),
    [
        ((), False),
        ((Place(_DEVICE, _NET),), False),
        ((Place(_OTHER, _NET), Place(_DEVICE, "10.0.0.0/24")), False),
        ((Place(_OTHER, _NET),), True),
        ((Place(_DEVICE, "10.0.0.0/24"),), True),
    ],
)
def test_the_rule(before: tuple[Place, ...], unusual: bool) -> None:
    assert is_unusual(Place(_DEVICE, _NET), before, is_sandbox_identity=False) is unusual
    assert not is_unusual(Place(_DEVICE, _NET), before, is_sandbox_identity=True)


def test_a_network_is_what_one_place_is_given() -> None:
    assert network_of(HOME) == network_of(NEAR) == _NET
    assert network_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert network_of("unknown") == ""


def test_where_a_customer_is_known_nothing_more_is_asked(web: Party, browser: Caller) -> None:
    assert not is_asked(log_in(browser, web))
    assert not is_asked(log_in(browser, web, NEAR))
    assert KnownPlace.objects.count() == 1
    assert not Mail.objects.exists()
    assert browser.cookies[COOKIE].partition(":")[0] not in str(KnownPlace.objects.values())


@pytest.mark.parametrize("what", ["browser", "network"])
def test_a_new_browser_or_network_asks_for_the_second_step_once(web: Party, browser: Caller, what: str) -> None:
    log_in(browser, web)
    there, address = (Caller(), HOME) if what == "browser" else (browser, AWAY)
    page = log_in(there, web, address)
    assert is_asked(page)
    assert "new to us" in page.text
    told = Mail.objects.get(subject="A login from a new place")
    assert (told.to, address in told.body) == ("maja@mail.example", True)
    assert Event.objects.filter(action="customer.unusual_login").count() == 1
    assert give_code(there, page).headers["location"].startswith("/oauth/consent")
    assert not is_asked(log_in(there, web, address))
    assert Mail.objects.filter(subject="A login from a new place").count() == 1


def test_who_knows_the_password_alone_gets_no_further(web: Party, browser: Caller) -> None:
    """Neither around the step, nor by a login session, nor by coming back."""
    log_in(browser, web)
    LoginSession.objects.all().delete()
    thief = Caller()
    page = log_in(thief, web, AWAY)
    answer = thief.post("/oauth/consent", {"request": hidden(page), "decision": "allow"})
    assert answer.headers["location"].startswith("/oauth/second-step")
    assert LOGIN + "sandbox" not in thief.cookies
    assert not LoginSession.objects.exists()
    assert 'id="login-form"' in thief.get("/oauth/authorize", **authorization(web)).text
    assert is_asked(log_in(thief, web, AWAY))
    assert KnownPlace.objects.count() == 1
    assert not Grant.objects.exists()


def test_a_made_up_cookie_is_no_known_browser(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    thief = Caller()
    value = browser.cookies[COOKIE].strip('"')
    thief.cookies.set(COOKIE, value[:-3] + "abc", domain="localhost.local", path="/")
    assert is_asked(log_in(thief, web))


def test_who_has_no_second_step_goes_on_and_is_told_once_where_there_is_an_address(web: Party, browser: Caller) -> None:
    log_in(browser, web)
    Customer.objects.update(email="")
    elsewhere = Caller()
    assert not is_asked(log_in(elsewhere, web, AWAY))
    assert KnownPlace.objects.count() == 2
    assert LoginSession.objects.count() == 2


def test_a_published_sandbox_identity_is_at_home_everywhere(web: Party, browser: Caller) -> None:
    Customer.objects.update(is_sandbox_identity=True)
    for _ in range(2):
        assert not is_asked(log_in(Caller(), web, AWAY))
    assert not Event.objects.filter(action="customer.unusual_login").exists()
