"""The bank's customer for the client tests: logs in, consents and approves by plain HTML forms."""

from __future__ import annotations

import re

from propylon.cli.demo.form_browser import FormBrowser
from propylon.cli.demo.http_session import HttpSession
from running_system import RunningSystem


def log_in_and_allow(system: RunningSystem, authorization_url: str) -> str:
    """The address that the customer's browser is sent back to."""
    identity = system.demo.identities[0]
    with HttpSession(system.public_url, ca_file=system.ca_file) as session:
        browser = FormBrowser(session)
        page = browser.open(authorization_url)
        page = browser.submit(
            page,
            "login-form",
            fill={"identity-number": identity.identity_number, "password": identity.password},
            press="login-submit",
        )
        accounts = list(page.form("consent-form").boxes)[:1]  # where the customer must choose, the first
        return browser.submit(page, "consent-form", fill={}, tick=accounts, press="consent-allow").url


def approve_question(system: RunningSystem, message: str) -> None:
    """At the bank's page of questions, the one that shows this text."""
    identity = system.demo.identities[0]
    with HttpSession(system.public_url, ca_file=system.ca_file) as session:
        browser = FormBrowser(session)
        page = browser.submit(
            browser.open(f"{system.public_url}/oauth/consents/log-in?to=approvals&environment=sandbox"),
            "login-form",
            fill={"identity-number": identity.identity_number, "password": identity.password},
            press="login-submit",
        )
        assert page.answer is not None
        found = re.search(rf'id="message-(\w+)">{re.escape(message)}<', page.answer.body.decode())
        assert found, page.answer.body.decode()
        answered = browser.submit(page, f"form-{found[1]}", fill={}, press=f"approve-{found[1]}")
        assert answered.url.endswith("?answered=approved"), answered.url
