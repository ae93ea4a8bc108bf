"""From the event loop to the database and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connections

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run database work in the process's database thread. One writer at a time is what SQLite wants anyway."""
    return await sync_to_async(_with_live_connection, thread_sensitive=True)(lambda: work(*args, **kwargs))


def _with_live_connection(work: Callable[[], _T]) -> _T:
    """Outside Django's request cycle nobody else replaces a connection that broke. A file does not go away: its
    connection is kept, because to open one costs more than most of what is asked of it."""
    for connection in connections.all(initialized_only=True):
        if connection.vendor != "sqlite" or connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
    return work()
