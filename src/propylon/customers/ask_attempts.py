"""Counting what clients ask about customers, in the database: by client and hint, and by hints that named nobody."""

from __future__ import annotations

import hashlib
import hmac

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.customers.models import AskThrottle
from propylon.customers.throttle import ASK_WINDOW, asks_too_often, guesses_customers


def may_ask_about(client_id: str, hint: str) -> bool:
    """Counts the question, whether the hint names a customer or not, so that the answer tells nothing."""
    return not guesses_customers(_so_far(_digest("unknown", client_id))) and not asks_too_often(
        _count(_digest("asked", client_id, hint))
    )


def note_unknown_hint(client_id: str) -> None:
    _count(_digest("unknown", client_id))


def forget_questions() -> None:
    AskThrottle.objects.filter(window_ends_at__lte=timezone.now()).delete()


def _so_far(digest: str) -> int:
    row = AskThrottle.objects.filter(digest=digest, window_ends_at__gt=timezone.now()).first()
    return row.asked if row else 0


@transaction.atomic
def _count(digest: str) -> int:
    """How many there were before this one."""
    now = timezone.now()
    AskThrottle.objects.filter(digest=digest, window_ends_at__lte=now).delete()
    row, _ = AskThrottle.objects.select_for_update().get_or_create(
        digest=digest, defaults={"window_ends_at": now + ASK_WINDOW}
    )
    row.asked += 1
    row.save(update_fields=["asked"])
    return row.asked - 1


def _digest(*parts: str) -> str:
    """Keyed: a hint may be an identity number."""
    said = "\0".join(("question", *parts)).encode()
    return hmac.new(settings.SECRET_KEY.encode(), said, hashlib.sha256).hexdigest()
