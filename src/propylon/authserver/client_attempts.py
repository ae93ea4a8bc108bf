"""Slowing down whoever guesses client secrets: by client, by address, and by both together.

In memory, of each web process: a secret has 256 random bits, so a restart gives nobody a chance that counts, and the
token path stays free of the database. What has few bits (passwords, identity numbers) is counted in the database, by
`customers.attempts`. Client ids that nobody has are counted as others are, so no answer tells them apart.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from propylon.authserver.caller import Caller
from propylon.oauth.client_authentication import read_presented
from propylon.oauth.errors import OAuthError

WINDOW = 60.0  # seconds from the first failure
_PER_PAIR = 20  # of one client id from one address
_PER_ADDRESS = 120
_PER_CLIENT = 300  # from all addresses: client ids are public, so this must not lock the client itself out
_TRUSTED_SECONDS = 24 * 3600.0
_MOST = 20_000  # of each kind; the oldest give way
_LONGEST_ID = 200  # of a client id that is counted


class TooManyFailures(OAuthError):  # noqa: N818  (as OAuthError itself)
    """429 (RFC 6585, 4); `seconds` until another try is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(
            "temporarily_unavailable",
            f"Client authentication failed too often. Try again in {seconds} seconds.",
            status=429,
        )
        self.seconds = seconds


@dataclass(slots=True)
class _Count:
    failures: int
    ends_at: float


class ClientAttempts:
    """Failed client authentications of the last minute, and who authenticated well from where."""

    def __init__(self) -> None:
        self._counts: OrderedDict[tuple[str, str], _Count] = OrderedDict()
        self._trusted: OrderedDict[tuple[str, str], float] = OrderedDict()

    def check(self, client_id: str, address: str, now: float) -> None:
        """Raises `TooManyFailures`. Who authenticated here lately suffers for nobody's failures but their own."""
        if not self._counts:
            return
        named = client_id[:_LONGEST_ID]
        bounds = [(("pair", f"{named} {address}"), _PER_PAIR)]
        if self._trusted.get((client_id, address), 0.0) < now:
            bounds += [(("address", address), _PER_ADDRESS), (("client", named), _PER_CLIENT)]
        ends = [self._ends_at(key, most, now) for key, most in bounds]
        if (last := max(ends)) > now:
            raise TooManyFailures(int(last - now) + 1)

    def note_failure(self, client_id: str, address: str, now: float) -> None:
        named = client_id[:_LONGEST_ID]
        for key in (("pair", f"{named} {address}"), ("address", address), ("client", named)):
            count = self._counts.pop(key, None)
            if count is None or count.ends_at <= now:
                count = _Count(0, now + WINDOW)
            count.failures += 1
            self._counts[key] = count
        while len(self._counts) > 3 * _MOST:
            self._counts.popitem(last=False)

    def note_success(self, client_id: str, address: str, now: float) -> None:
        self._trusted[client_id, address] = now + _TRUSTED_SECONDS
        if len(self._trusted) > _MOST:
            self._trusted.popitem(last=False)

    def forget(self) -> None:
        self._counts.clear()
        self._trusted.clear()

    def _ends_at(self, key: tuple[str, str], most: int, now: float) -> float:
        count = self._counts.get(key)
        return count.ends_at if count is not None and count.failures >= most and count.ends_at > now else 0.0


client_attempts = ClientAttempts()


@contextmanager
def counted(caller: Caller) -> Iterator[None]:
    """Around whatever authenticates the client of a request."""
    client_id, address, now = _named(caller), caller.source_address, time.monotonic()
    client_attempts.check(client_id, address, now)
    try:
        yield
    except OAuthError as error:
        if error.code == "invalid_client":
            client_attempts.note_failure(client_id, address, now)
        raise
    client_attempts.note_success(client_id, address, now)


def _named(caller: Caller) -> str:
    """Who the caller says it is; "" when that cannot be read."""
    try:
        return read_presented(caller.form, caller.authorization).client_id
    except OAuthError:
        return ""


def retry_headers(error: OAuthError) -> tuple[tuple[str, str], ...]:
    return (("retry-after", str(error.seconds)),) if isinstance(error, TooManyFailures) else ()
