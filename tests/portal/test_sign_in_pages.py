"""Signing in and out, by page."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from management import PASSWORD, Program
from propylon.accounts.models import AttemptCounter


def sign_in(browser: Browser, email: str, password: str = PASSWORD, *, query: str = "") -> int:
    return browser.post(f"/sign-in{query}", {"login": email, "password": password}).status_code


@pytest.mark.django_db
def test_address_and_password_open_a_session_and_lead_to_where_one_wanted_to_go(program: Program) -> None:
    browser, dana = Browser(), program.people["developer"]

    answer = browser.post("/sign-in?next=/apps/new", {"login": dana.email.upper(), "password": PASSWORD})

    assert (answer.status_code, answer["Location"]) == (303, "/apps/new")
    assert browser.get("/sign-in").status_code == 302
    assert not AttemptCounter.objects.exists()


@pytest.mark.django_db
def test_another_site_is_no_place_to_lead_to(program: Program) -> None:
    answer = Browser().post(
        "/sign-in?next=https://elsewhere.example/", {"login": program.people["developer"].email, "password": PASSWORD}
    )

    assert answer["Location"] == "/apps"


@pytest.mark.django_db
def test_a_wrong_password_and_an_unknown_address_are_one_and_the_same(program: Program) -> None:
    known = Browser().post("/sign-in", {"login": program.people["developer"].email, "password": "wrong"})
    unknown = Browser().post("/sign-in", {"login": "nobody@nowhere.example", "password": "wrong"})

    assert known.status_code == unknown.status_code == 400
    for answer in (known, unknown):
        assert "Address or password is wrong" in answer.content.decode()
        assert "sessionid" not in answer.cookies


@pytest.mark.django_db
def test_a_switched_off_user_is_out_at_once(program: Program) -> None:
    browser, dana = Browser(), program.people["developer"]
    assert sign_in(browser, dana.email) == 303

    dana.is_active = False
    dana.save()

    assert browser.get("/sign-in").status_code == 200
    assert sign_in(Browser(), dana.email) == 400


@pytest.mark.django_db
def test_signing_out_takes_a_form(program: Program) -> None:
    browser = Browser()
    sign_in(browser, program.people["developer"].email)

    assert browser.get("/sign-out").status_code == 200
    assert browser.get("/sign-in").status_code == 302
    assert browser.post("/sign-out").status_code == 303
    assert browser.get("/sign-in").status_code == 200
