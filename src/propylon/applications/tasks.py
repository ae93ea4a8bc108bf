"""What the worker does for applications."""

from __future__ import annotations

from propylon.applications.actions import fetch_due_keys, note_ended_legacy, tell_contract_ends, tell_version_news
from propylon.kernel.periodic import Periodic


def _tell_version_news() -> None:
    tell_version_news()


def _tell_contract_ends() -> None:
    tell_contract_ends()


def _note_ended_legacy() -> None:
    note_ended_legacy()


def _fetch_due_keys() -> None:
    fetch_due_keys()


PERIODIC = (
    Periodic("applications.fetch_due_keys", 5, _fetch_due_keys),
    Periodic("applications.note_ended_legacy", 60, _note_ended_legacy),
    Periodic("applications.tell_version_news", 10, _tell_version_news),
    Periodic("applications.tell_contract_ends", 3600, _tell_contract_ends),
)
