"""How failed logins slow an identity and an address down. Pure: the numbers, and what follows from them."""

from __future__ import annotations

from datetime import datetime, timedelta

_FREE_FAILURES = 5  # typing errors cost nothing
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)

ADDRESS_WINDOW = timedelta(minutes=1)
_FAILURES_PER_ADDRESS = 30


def locked_until(failed_attempts: int, now: datetime) -> datetime | None:
    """The wait doubles with each failure after the free ones: 30 s, 1 min, 2 min … 1 h."""
    beyond = failed_attempts - _FREE_FAILURES
    if beyond < 0:
        return None
    doublings: int = 2 ** min(beyond, 16)
    return now + min(_FIRST_WAIT * doublings, _LONGEST_WAIT)


def address_is_blocked(failed_attempts: int, window_ends_at: datetime, now: datetime) -> bool:
    return failed_attempts >= _FAILURES_PER_ADDRESS and now < window_ends_at


# Questions by CIBA. Each bound is the same for customers that there are and for those that there are not.
ASK_WINDOW = timedelta(minutes=10)
_QUESTIONS_PER_CUSTOMER = 10  # of one client about one customer in a window
_UNKNOWN_PER_CLIENT = 60  # hints that named nobody: after these, somebody is trying all
MOST_WAITING = 10  # questions to one customer at once, of all clients together


def asks_too_often(questions: int) -> bool:
    """`questions` before this one, in this window."""
    return questions >= _QUESTIONS_PER_CUSTOMER


def guesses_customers(unknown_hints: int) -> bool:
    return unknown_hints >= _UNKNOWN_PER_CLIENT
