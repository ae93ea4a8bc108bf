"""The pages that a bank's customer sees: plain HTML forms, no scripts, nothing from elsewhere."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from propylon.accounts.selectors import operator_name
from propylon.audit.request_context import current_tracking_id
from propylon.oauth.authorization_response import FormPost
from propylon.oauth.errors import OAuthError
from propylon.oauth.redirect_uris import form_action_source

# FAPI 2.0, 5.2.3-1. With `preload` browsers ask by TLS alone from their first visit on, there and on every host below.
_HSTS = {False: "max-age=31536000", True: "max-age=63072000; includeSubDomains; preload"}


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    status: int = 200,
    here: str = "",
    leads_to: str = "",
) -> HttpResponse:
    """`here` shows the page once more: an authorization request may be opened once (RFC 9126, 7.3).

    `leads_to` is where the form's answer redirects: browsers apply form-action to redirects as well.
    """
    context = {**context, "bank": operator_name(), "here": here}
    response = render(request, f"{template}.html", context, status=status)
    source = f" {form_action_source(leads_to)}" if leads_to else ""
    response["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'{source}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )
    response["X-Frame-Options"] = "DENY"  # RFC 9700, 4.16, for browsers that know no frame-ancestors
    response["Cache-Control"] = "no-store"
    # Nothing to others (RFC 9700, 4.2.4); `no-referrer` would make `Origin` null, and the language form be refused.
    response["Referrer-Policy"] = "same-origin"
    if _has_real_name():
        response["Strict-Transport-Security"] = _HSTS[settings.PROPYLON_HSTS_PRELOAD]
    return response


def error_page(request: HttpRequest, error: OAuthError) -> HttpResponse:
    """For what must not be redirected: the person learns what to do, and what to tell the developer."""
    context = {"code": error.code, "description": error.description, "tracking_id": current_tracking_id()}
    return page(request, "authserver/error", context, status=max(error.status, 400))


def see_other(answer: str | FormPost) -> HttpResponse:
    """303 (RFC 9700, 4.12: never 307, which would send the password on), or the page that posts the answer."""
    if isinstance(answer, FormPost):
        return _posting_page(answer)
    address = answer
    response = HttpResponse(status=303)
    response["Location"] = address
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _posting_page(answer: FormPost) -> HttpResponse:
    """A form with one button, which a script presses (OAuth 2.0 Form Post Response Mode, 4: never to be stored)."""
    members = {name: value for name, value in answer.members.items() if value}
    context = {"address": answer.redirect_uri, "members": members, "bank": operator_name()}
    response = render(None, "authserver/form_post.html", context)
    response["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
        f"form-action {form_action_source(answer.redirect_uri)}; frame-ancestors 'none'; base-uri 'none'"
    )
    response["X-Frame-Options"] = "DENY"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


@lru_cache(maxsize=1)
def _has_real_name() -> bool:
    """HSTS on real host names only: on localhost it would break every other service of the developer's machine."""
    host = urlsplit(settings.PROPYLON_ISSUER_URL).hostname or ""
    try:
        ip_address(host)
    except ValueError:
        return host != "localhost" and not host.endswith(".localhost")
    return False
