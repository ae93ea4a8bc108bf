"""The tracking id of the request that is being answered, for audit rows and log lines."""

from __future__ import annotations

from contextvars import ContextVar

_tracking_id: ContextVar[str] = ContextVar("tracking_id", default="")


def current_tracking_id() -> str:
    """Empty outside a request."""
    return _tracking_id.get()


def set_tracking_id(tracking_id: str) -> None:
    _tracking_id.set(tracking_id)
