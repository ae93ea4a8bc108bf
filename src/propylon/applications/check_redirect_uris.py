"""The redirect URIs of a client, checked by the rule of its type (RFC 9700, 2.1: exact, so nothing like a pattern)."""

from __future__ import annotations

from collections.abc import Sequence

from propylon.kernel.errors import FieldError
from propylon.oauth.policy import ProfilePolicy, RedirectRule
from propylon.oauth.redirect_uris import registration_problem

MOST = 10


def check_redirect_uris(uris: Sequence[str], policy: ProfilePolicy) -> list[FieldError]:
    """Every mistake with its place. Pure."""
    errors = [
        FieldError(f"redirect_uris.{place}", "body", problem)
        for place, uri in enumerate(uris)
        if (problem := _problem(uri, policy))
    ]
    if policy.redirect_rule is not RedirectRule.NONE and not uris:
        errors.append(FieldError("redirect_uris", "body", "this application type needs at least one"))
    if len(uris) > MOST:
        errors.append(FieldError("redirect_uris", "body", f"more than {MOST}"))
    if len(set(uris)) < len(uris):
        errors.append(FieldError("redirect_uris", "body", "one is listed twice"))
    return errors


def _problem(uri: str, policy: ProfilePolicy) -> str:
    problem = registration_problem(uri, policy.redirect_rule)
    if not problem and "*" in uri:
        return "has a *; redirect URIs are compared character by character, so list each one"
    return problem
