"""Logins of customers at the pages: slowed alike for all names, and what follows when the bank's directory is away."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

from authserver.bank import IDENTITY, PASSWORD, Bank, Caller, answer_of, authorization, hidden
from propylon.authserver.models import AuthorizationRequest, Grant
from propylon.customers.attempts import MOST_NAMES, forget_attempts
from propylon.customers.directory_records import use_directory
from propylon.customers.models import NameThrottle
from propylon.kernel.actor import SYSTEM
from propylon.kernel.secret import Secret


def test_names_that_nobody_has_are_slowed_and_answered_as_others_rfc6585_4(bank: Bank, browser: Caller) -> None:
    reference = hidden(browser.get("/oauth/authorize", **authorization(bank.client("spa"))))
    told = {}
    for name in (IDENTITY, "190001019999"):
        answers = [
            browser.post("/oauth/login", {"request": reference, "identity_number": name, "password": "wrong"})
            for _ in range(6)
        ]
        told[name] = [(answer.status_code, "retry-after" in answer.headers) for answer in answers]
        assert "190001019999" not in answers[-1].text
    assert told[IDENTITY] == told["190001019999"]
    assert told[IDENTITY] == [(200, False)] * 4 + [(429, True)] * 2
    assert "190001019999" not in str(list(NameThrottle.objects.values()))  # what was typed is not kept


def test_names_are_forgotten_and_bounded(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now()
    for number in range(6):
        later = now + timedelta(minutes=number - 1)
        NameThrottle.objects.create(environment="sandbox", name_digest=f"{number}", forgotten_at=later)
    forget_attempts()
    assert NameThrottle.objects.count() == 4  # two were over
    assert MOST_NAMES >= 10_000
    monkeypatch.setattr("propylon.customers.attempts.MOST_NAMES", 2)
    forget_attempts()
    assert sorted(NameThrottle.objects.values_list("name_digest", flat=True)) == ["4", "5"]


@pytest.fixture
def away(bank: Bank) -> Bank:
    """The bank's LDAP server does not answer."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = {
        "address": f"ldaps://localhost:{port}",
        "base_dn": "dc=bank",
        "bind_dn": "cn=reader,dc=bank",
    }
    use_directory(acting_user=SYSTEM, environment="sandbox", kind="ldap", told=told, secret=Secret("words"))
    return bank


def test_while_the_directory_is_away_the_customer_reads_a_plain_page_and_may_go_back_rfc6749_4_1_2_1(
    away: Bank, browser: Caller
) -> None:
    reference = hidden(browser.get("/oauth/authorize", **authorization(away.client("spa"))))
    form = {"request": reference, "identity_number": IDENTITY, "password": PASSWORD}
    page = browser.post("/oauth/login", form)
    assert page.status_code == 503
    assert page.headers["retry-after"]
    assert "Traceback" not in page.text
    assert "localhost:" not in page.text.replace("localhost:8443", "")  # whose address is the bank's own business
    assert not AuthorizationRequest.objects.exclude(subject="").exists()
    back = browser.post("/oauth/login/back", {"request": hidden(page)})
    assert answer_of(back)["error"] == "temporarily_unavailable"
    assert not Grant.objects.exists()


def test_another_browser_cannot_give_a_login_up(away: Bank, browser: Caller) -> None:
    reference = hidden(browser.get("/oauth/authorize", **authorization(away.client("spa"))))
    assert Caller().post("/oauth/login/back", {"request": reference}).status_code == 400
    assert browser.get("/oauth/login", request=reference).status_code == 200
