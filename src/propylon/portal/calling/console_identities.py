"""Certificates that the call console presents: made on the first call, kept in this process's memory until they end.

The key is in no file and no table (decision record 0010); another process, or this one after a restart, makes its own.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from django.utils import timezone

from propylon.applications.models import Client
from propylon.certificates.actions import ConsoleIdentity, issue_console_identity
from propylon.certificates.selectors import active_certificate
from propylon.kernel.actor import Actor

_NOT_SHORTER_THAN = timedelta(minutes=5)  # what is left of a certificate's time, so that its token outlives no call
_MOST_KEPT = 500


class ConsoleIdentities:
    """One per process."""

    def __init__(self) -> None:
        self._kept: dict[str, ConsoleIdentity] = {}
        self._lock = threading.Lock()

    def identity_of(self, *, acting_user: Actor, client: Client) -> ConsoleIdentity:
        """The kept one, unless it ends soon or was revoked meanwhile; else a new one, which the event log records."""
        with self._lock:  # two calls at once must not make two certificates
            kept = self._kept.get(client.client_id)
            if kept is not None and self._is_good(kept):
                return kept
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            made = issue_console_identity(acting_user=acting_user, client=client)
            self._kept[client.client_id] = made
            return made

    def forget(self) -> None:
        with self._lock:
            self._kept.clear()

    @staticmethod
    def _is_good(identity: ConsoleIdentity) -> bool:
        until = timezone.now() + _NOT_SHORTER_THAN
        return active_certificate(identity.certificate.fingerprint, at=until) is not None


identities = ConsoleIdentities()
