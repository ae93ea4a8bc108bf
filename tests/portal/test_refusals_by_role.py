"""Who may not do something is told so in words for them, with the way to where their work is."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from management import Program


def refused(program: Program, role: str, path: str) -> str:
    browser = Browser()
    browser.force_login(program.people[role])
    answer = browser.get(path, secure=True)
    assert answer.status_code == 403
    return answer.content.decode()


@pytest.mark.parametrize("role", ["auditor", "relationship_manager", "security_officer"])
def test_the_banks_staff_in_the_portal_is_led_to_the_console(program: Program, role: str) -> None:
    html = refused(program, role, "/apps/new")
    assert "Your role in the bank does not allow you to add and change applications." in html
    assert "organization's manager" not in html.replace("&#x27;", "'")
    assert '<a class="button" href="/console">' in html


def test_a_partner_is_sent_to_the_manager_and_not_to_the_console(program: Program) -> None:
    html = refused(program, "analyst", "/apps/new").replace("&#x27;", "'")
    assert "Ask your organization's manager." in html
    assert 'href="/console"' not in html


def test_a_partner_at_the_console_learns_whom_it_is_for(program: Program) -> None:
    html = refused(program, "developer", "/console").replace("&#x27;", "'")
    assert "The console is for the bank's own staff." in html
    assert '<a class="button" href="/">' in html


def test_the_operators_list_of_apps_says_where_the_partners_are(program: Program) -> None:
    browser = Browser()
    browser.force_login(program.people["operator"])
    html = browser.get("/apps", secure=True).content.decode()
    assert 'href="/console/applications"' in html
