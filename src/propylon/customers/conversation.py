"""How long, and how many at once, we speak with a directory that is not ours: a slow one must not take the web down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from propylon.customers.directory_errors import DirectoryUnavailable

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 4  # of one step; whole seconds, as LDAP's library takes them
WHOLE_SECONDS = 8.0  # of all steps together, also if each of them drips
_AT_ONCE = 8  # in one process: the others answer at once that the login cannot be reached

_places = threading.BoundedSemaphore(_AT_ONCE)


@contextmanager
def conversation(close: Callable[[], None]) -> Iterator[None]:
    """A place among those who speak with directories; after WHOLE_SECONDS `close` ends the connection under it.

    Raises `DirectoryUnavailable` if every place is taken.
    """
    if not _places.acquire(blocking=False):
        raise DirectoryUnavailable("Too many logins wait for the directory already: it answers too slowly.")
    watch = threading.Timer(WHOLE_SECONDS, close)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()
        _places.release()
