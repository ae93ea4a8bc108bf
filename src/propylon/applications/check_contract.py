"""What is wrong with the terms of a contract. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from propylon.applications.check_reason import check_reason
from propylon.applications.models import Contract
from propylon.catalog.quotas import MOST_CALLS
from propylon.kernel.errors import FieldError

LONGEST_LINK = 300
_LINK = re.compile(r"^https://[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+$")  # RFC 3986's characters


@dataclass(frozen=True, slots=True)
class ContractTerms:
    """All that is agreed; `environments` are names, and a limit that is None is unlimited there."""

    number: str
    title: str
    starts_on: date
    ends_on: date | None = None
    environments: tuple[str, ...] = ()
    calls_per_day: int | None = None
    calls_per_month: int | None = None
    note: str = ""
    document_link: str = ""


def check_contract(
    terms: ContractTerms, *, environments: Collection[str], others: Iterable[Contract]
) -> list[FieldError]:
    """Every mistake. `environments`: those there are; `others`: the organization's other contracts."""
    listed = list(others)
    errors = [
        *_check_text(terms.number, "number", 60),
        *_check_text(terms.title, "title", 120),
        *check_reason(terms.note, "note"),
        *_check_limits(terms, environments),
    ]
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        errors.append(FieldError("ends_on", "body", "not before the day it begins"))
    if terms.document_link and not (_LINK.fullmatch(terms.document_link) and len(terms.document_link) <= LONGEST_LINK):
        errors.append(FieldError("document_link", "body", f"an https address of at most {LONGEST_LINK} characters"))
    if any(other.number == terms.number.strip() for other in listed):
        errors.append(FieldError("number", "body", "another contract of the organization has it"))
    return errors + _check_overlap(terms, listed)


def _check_text(text: str, field: str, longest: int) -> list[FieldError]:
    stripped = text.strip()
    if not 1 <= len(stripped) <= longest:
        return [FieldError(field, "body", f"takes 1 to {longest} characters")]
    return [] if stripped.isprintable() else [FieldError(field, "body", "holds characters that cannot be printed")]


def _check_limits(terms: ContractTerms, environments: Collection[str]) -> list[FieldError]:
    limits = {"calls_per_day": terms.calls_per_day, "calls_per_month": terms.calls_per_month}
    errors = [
        FieldError(name, "body", f"between 0 and {MOST_CALLS}, or empty for unlimited")
        for name, limit in limits.items()
        if limit is not None and not 0 <= limit <= MOST_CALLS
    ]
    has_limit = any(limit is not None for limit in limits.values())
    if unknown := sorted(set(terms.environments) - set(environments)):
        errors.append(
            FieldError("environments", "body", f"environments of this installation, not {', '.join(unknown)}")
        )
    if has_limit and not terms.environments:
        errors.append(FieldError("environments", "body", "at least one where the limits count"))
    if terms.environments and not has_limit:
        errors.append(
            FieldError("calls_per_day", "body", "a limit per day, per month, or both, for these environments")
        )
    return errors


def _check_overlap(terms: ContractTerms, others: Iterable[Contract]) -> list[FieldError]:
    """No environment has the limits of two contracts on one day."""
    for other in others:
        shared = sorted(set(other.environments) & set(terms.environments))
        begins_before_end = other.ends_on is None or terms.starts_on <= other.ends_on
        ends_after_begin = terms.ends_on is None or other.starts_on <= terms.ends_on
        if shared and other.ended_at is None and begins_before_end and ends_after_begin:
            reason = f"the contract {other.number} sets limits for {', '.join(shared)} on days of this one"
            return [FieldError("environments", "body", reason)]
    return []
