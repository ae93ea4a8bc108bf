"""Marks die when the tokens that they concern have expired, or the period of a quota has ended."""

from __future__ import annotations

from propylon.gateway.marks import LIFTED_KINDS
from propylon.kernel.periodic import Periodic
from propylon.marks.actions import expire_marks as expire


def expire_marks() -> None:
    expire()


def end_periods() -> None:
    """A new day's first call is not refused for long."""
    expire(kinds=LIFTED_KINDS)


PERIODIC = (
    Periodic("marks.expire_marks", 30, expire_marks),
    Periodic("marks.end_periods", 1, end_periods),
)
