"""What is wrong with a wish for the rules of an operation, or for a product's bounds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from propylon.kernel.errors import FieldError
from propylon.openapi.access import AGES, PSD2_ROLES, is_acr

_MOST_ACR = 10
_LARGEST_BODY = 1_000_000_000
_LARGEST_ANSWER = 100_000_000  # each is held in a gateway's memory until it is whole
_LONGEST_MS = 600_000


def role_mistakes(roles: Sequence[str]) -> list[FieldError]:
    if set(roles) <= set(PSD2_ROLES):
        return []
    return [FieldError("psd2_roles", "body", f"each one of {', '.join(PSD2_ROLES)}")]


def acr_mistakes(values: Sequence[str]) -> list[FieldError]:
    if len(values) <= _MOST_ACR and all(map(is_acr, values)):
        return []
    return [FieldError("acr_values", "body", f"at most {_MOST_ACR}, each 1 to 120 visible characters without quotes")]


def age_mistakes(seconds: int) -> list[FieldError]:
    if seconds == 0 or seconds in AGES:
        return []
    return [FieldError("max_age", "body", f"between {AGES[0]} and {AGES[-1]} seconds, or 0 for any time ago")]


def bound_mistakes(wanted: Mapping[str, Any]) -> list[FieldError]:
    """Of a product's bounds by field; 0 is none of its own."""
    most = {"max_body_bytes": _LARGEST_BODY, "max_answer_bytes": _LARGEST_ANSWER, "timeout_ms": _LONGEST_MS}
    return [
        FieldError(name, "body", f"between 1 and {most[name]}, or 0 for none of its own")
        for name in most
        if not 0 <= wanted[name] <= most[name]
    ]
