"""The bank's customer for the client tests: logs in and consents by plain HTML forms."""

from __future__ import annotations

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
        return browser.submit(page, "consent-form", fill={}, press="consent-allow").url
