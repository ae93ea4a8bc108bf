"""Reasons and notes that people type: they are read by others, stay in the history and go out by mail."""

from __future__ import annotations

from propylon.kernel.errors import FieldError

LONGEST_REASON = 400


def check_reason(text: str, field: str = "reason") -> list[FieldError]:
    """Every mistake in it; that it may be empty is for the caller to know."""
    errors = []
    if len(text.strip()) > LONGEST_REASON:
        errors.append(FieldError(field, "body", f"longer than {LONGEST_REASON} characters"))
    if not "".join(text.split()).isprintable():
        errors.append(FieldError(field, "body", "holds characters that cannot be printed"))
    return errors


def check_required_reason(text: str, field: str = "reason") -> list[FieldError]:
    """The same for one that must be there."""
    return check_reason(text, field) if text.strip() else [FieldError(field, "body", "must not be empty")]
