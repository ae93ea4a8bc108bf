"""From the event loop to the database and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Run database work in the process's database thread. One writer at a time is what SQLite wants anyway."""
    return await sync_to_async(_with_live_connection, thread_sensitive=True)(lambda: work(*args, **kwargs))


def _with_live_connection(work: Callable[[], _T]) -> _T:
    close_old_connections()  # outside Django's request cycle nobody else replaces a connection that broke
    return work()
