"""Marks die when the tokens that they concern have expired."""

from __future__ import annotations

from propylon.kernel.periodic import Periodic
from propylon.marks.actions import expire_marks as expire


def expire_marks() -> None:
    expire()


PERIODIC = (Periodic("marks.expire_marks", 30, expire_marks),)
