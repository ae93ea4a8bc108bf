"""Keys from the addresses of clients: who may ask, what came, and the worker's round."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from propylon.applications.events import record_client
from propylon.applications.key_fetching import Fetched, KeysUnreachable, fetch_keys
from propylon.applications.models import Client, ClientStatus, FetchedKeys
from propylon.kernel.actor import SYSTEM
from propylon.oauth.key_address import LONGEST_AGE, REFETCH_SECONDS

_ROUND_SECONDS = 20.0
_ANSWER_SECONDS = 8.0  # the worker has more time than who waits for an answer
_MOST_IN_A_ROUND = 100
_LONGEST_PAUSE = timedelta(hours=6)


def claim_fetch(client_id: str) -> str:
    """The address, for one caller a minute over all processes; "" for all others."""
    now = timezone.now()
    free = Q(asked_at=None) | Q(asked_at__lte=now - timedelta(seconds=REFETCH_SECONDS))
    rows = FetchedKeys.objects.filter(free, client__client_id=client_id).exclude(client__jwks_uri="")
    if not FetchedKeys.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).filter(free).update(asked_at=now):
        return ""
    return Client.objects.values_list("jwks_uri", flat=True).get(client_id=client_id)


@transaction.atomic
def keep_fetched(*, client_id: str, address: str, outcome: Fetched | KeysUnreachable) -> None:
    """New keys replace the old ones; a failure leaves those. Nothing if another address was set meanwhile."""
    rows = FetchedKeys.objects.select_for_update(of=("self",)).select_related(
        "client__application__organization", "client__environment"
    )
    row = rows.filter(client__client_id=client_id, client__jwks_uri=address).first()
    if row is None:
        return
    now = timezone.now()
    row.answered_at = now
    if isinstance(outcome, KeysUnreachable):
        row.failures = min(row.failures + 1, 100)
        row.problem = str(outcome)[:200]
        row.ask_at = now + min(timedelta(minutes=2 ** min(row.failures - 1, 10)), _LONGEST_PAUSE)
        row.save(update_fields=["answered_at", "failures", "problem", "ask_at"])
        return
    before, row.keys = row.usable, outcome.keys
    row.fetched_at, row.failures, row.problem = now, 0, ""
    row.ask_at = now + timedelta(seconds=min(outcome.age, LONGEST_AGE))
    row.save()
    if row.keys != before:  # the event tells every process to read the client again
        record_client(
            SYSTEM,
            "public_keys_fetched",
            row.client,
            before=[key.get("kid", "") for key in before],
            after=[key.get("kid", "") for key in row.keys],
        )


def fetch_due_keys() -> None:
    """Those whose time has come, one after the other, for as long as a round may take."""
    until = time.monotonic() + _ROUND_SECONDS
    due = FetchedKeys.objects.filter(
        ask_at__lte=timezone.now(), client__status=ClientStatus.APPROVED, client__application__deleted_at=None
    )
    for client_id in due.order_by("ask_at").values_list("client__client_id", flat=True)[:_MOST_IN_A_ROUND]:
        if time.monotonic() > until:
            return
        if address := claim_fetch(client_id):
            keep_fetched(client_id=client_id, address=address, outcome=fetched(address, seconds=_ANSWER_SECONDS))


def fetched(address: str, *, seconds: float) -> Fetched | KeysUnreachable:
    """The keys, or why there are none."""
    try:
        return fetch_keys(address, seconds=seconds)
    except KeysUnreachable as why:
        return why
