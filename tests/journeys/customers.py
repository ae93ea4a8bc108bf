"""The authorization code flow of a web application, with the bank's customer at the login and consent pages."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from clients.customer import log_in_and_allow
from journeys.partners import CALLBACK, Partner
from propylon.cli.demo.http_session import Answer, HttpSession


def authorization(web: Partner, **changed: str) -> tuple[str, str]:
    """The query of an authorization request, and its code verifier (RFC 7636)."""
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": web.client_id,
        "redirect_uri": CALLBACK,
        "scope": "accounts",
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **changed,
    }
    return urlencode(asked), verifier


def get_code(web: Partner) -> tuple[str, str]:
    """A code that the customer has allowed, and its verifier."""
    query, verifier = authorization(web)
    back = log_in_and_allow(web.system, f"{web.system.public_url}/oauth/authorize?{query}")
    return parse_qs(urlsplit(back).query)["code"][0], verifier


def redeem(web: Partner, session: HttpSession, code: str, verifier: str, redirect_uri: str = CALLBACK) -> Answer:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": verifier,
    }
    return session.post_form("/oauth/token", form, Authorization=web.basic)
