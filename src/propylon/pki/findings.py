"""A mistake in something about certificates, with its place; lists of them become one error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from propylon.kernel.errors import FieldError


@dataclass(frozen=True, slots=True)
class Finding:
    """`place` is a pointer into the document ("#/subject/commonName"); `message` says what to do about it."""

    code: str
    place: str
    message: str


def field_errors(field: str, findings: Iterable[Finding]) -> tuple[FieldError, ...]:
    """The findings as the standard error body lists them; each reason begins with the finding's code."""
    return tuple(FieldError(field, finding.place, f"{finding.code}: {finding.message}") for finding in findings)
