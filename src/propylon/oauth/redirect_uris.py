"""Redirect URIs: which may be registered, and exact matching (RFC 9700, 2.1; RFC 8252, 7.1 and 7.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from propylon.oauth.policy import RedirectRule

_LONGEST = 2000
_NOT_IN_URIS = frozenset(' "<>\\^`{|}')
# RFC 8252, 7.3: only the address literals, since `localhost` may resolve to something else (8.3).
_LOOPBACK = re.compile(r"http://(?P<host>127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?P<rest>[/?].*)?")
_OWN_MACHINE = {"localhost", "127.0.0.1", "::1"}
_PRIVATE_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")  # 7.1: a domain name in reverse


def registration_problem(uri: str, rule: RedirectRule) -> str:
    """Why this URI cannot be registered under the rule, in words for the developer; "" if it can."""
    if rule is RedirectRule.NONE:
        return "this application type has no redirect URIs"
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is not a URI"
    return _text_problem(uri, parts.netloc) or _scheme_problem(parts.scheme, host, rule)


def _text_problem(uri: str, netloc: str) -> str:
    if not uri.isascii() or not uri.isprintable() or any(mark in uri for mark in _NOT_IN_URIS):
        return "has characters that do not belong into a URI; percent-encode them"
    if len(uri) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if "#" in uri:
        return "has a fragment (#…), which RFC 6749 does not allow"
    return "has user information before the host" if "@" in netloc else ""


def _scheme_problem(scheme: str, host: str, rule: RedirectRule) -> str:
    if scheme == "https":
        return "" if host else "has no host"
    if scheme == "http":
        if rule is RedirectRule.HTTPS:
            return "must begin with https:// under this security profile"
        return "" if host in _OWN_MACHINE else "must begin with https:// (http only on your own machine)"
    if rule is not RedirectRule.NATIVE:
        return "must begin with https://"
    if _PRIVATE_SCHEME.fullmatch(scheme):
        return ""
    return "must begin with https:// or a scheme that is your domain name in reverse, like com.example.app:/"


def is_registered(uri: str, registered: Iterable[str], rule: RedirectRule) -> bool:
    """Character by character; for native applications the port of a loopback address may be any."""
    known = tuple(registered)
    if uri in known:
        return True
    if rule is not RedirectRule.NATIVE:
        return False
    asked = _without_port(uri)
    return asked is not None and any(asked == _without_port(each) for each in known)


def _without_port(uri: str) -> tuple[str, str] | None:
    found = _LOOPBACK.fullmatch(uri)
    return (found["host"], found["rest"] or "") if found else None


def form_action_source(uri: str) -> str:
    """What a Content-Security-Policy must list so that a form's answer may redirect to this URI."""
    parts = urlsplit(uri)
    if parts.scheme in {"http", "https"} and not parts.netloc.startswith("["):  # CSP knows no IPv6 literal
        return f"{parts.scheme}://{parts.netloc}"
    return f"{parts.scheme}:"
