"""What the management API says of a mark."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from propylon.audit.paging import Page, Paging
from propylon.gateway.marks import MARK_KINDS
from propylon.marks.models import Mark


class MarkOut(Schema):
    """What is refused at once."""

    kind: str
    value: str
    reason: str
    placed_at: datetime
    expires_at: datetime


class MarkLift(Schema):
    """Which mark is taken away, and why."""

    kind: str
    value: str = Field(max_length=160)
    reason: str = Field("", max_length=80)


class MarkPage(Schema):
    data: list[MarkOut]
    paging: Paging


class MarkIn(Schema):
    """A mark that an operator places by hand. Of a client or a grant `value` may leave out the generation: the present
    one is meant, and the tokens that are issued next are of another."""

    kind: str = Field(description=f"One of {', '.join(MARK_KINDS)}.")
    value: str = Field(
        max_length=160, description="; ".join(f"{kind}: {row.value}" for kind, row in MARK_KINDS.items())
    )
    reason: str = Field("", max_length=80)
    hours: int = Field(
        1, ge=1, le=24 * 365 * 3, description="How long. What is stopped or blocked stays so until it is lifted."
    )


def mark_out(mark: Mark) -> MarkOut:
    return MarkOut(
        kind=mark.kind,
        value=mark.value,
        reason=mark.reason,
        placed_at=mark.placed_at,
        expires_at=mark.expires_at,
    )


def mark_page(page: Page[Mark]) -> MarkPage:
    return MarkPage(data=[mark_out(mark) for mark in page.rows], paging=page.paging)
