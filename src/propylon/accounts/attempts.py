"""Limits on what must not be tried too often: passwords, sign-ups, mails to one address."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from propylon.accounts.models import AttemptCounter
from propylon.kernel.errors import Kind, PropylonError


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `count` attempts within `window`."""

    name: str
    count: int
    window: timedelta


PASSWORD_BY_PLACE = Limit("password, address and place", 10, timedelta(minutes=15))
PASSWORD_BY_ADDRESS = Limit("password, address", 100, timedelta(hours=1))
CODE_BY_USER = Limit("second step, user", 10, timedelta(minutes=15))
RESET_BY_ADDRESS = Limit("password reset, address", 5, timedelta(hours=1))
RESET_BY_PLACE = Limit("password reset, place", 60, timedelta(hours=1))
SIGN_UP_BY_ADDRESS = Limit("sign-up, address", 10, timedelta(hours=1))
SIGN_UP_BY_PLACE = Limit("sign-up, place", 300, timedelta(hours=1))


def spend_attempt(limit: Limit, subject: str) -> None:
    """Count one attempt before it is made, so that attempts at the same time count too.

    Raises `attempts.too_many`. Call it outside the transaction of what is attempted: a failure must stay counted.
    """
    key, now = _key(limit, subject), timezone.now()
    with transaction.atomic():
        AttemptCounter.objects.filter(key=key, window_ends_at__lte=now).delete()
        AttemptCounter.objects.get_or_create(key=key, defaults={"window_ends_at": now + limit.window})
        AttemptCounter.objects.filter(key=key).update(count=F("count") + 1)
        counter = AttemptCounter.objects.get(key=key)
    if counter.count > limit.count:
        minutes = int((counter.window_ends_at - now).total_seconds() // 60) + 1
        raise PropylonError(
            "attempts.too_many",
            f"That was tried too often. Wait {minutes} minutes and try again.",
            kind=Kind.RATE_LIMITED,
            transient=True,
            detail=limit.name,
        )


def use_once(name: str, subject: str, lifetime: timedelta) -> bool:
    """True for the first who comes with it; false for all others while it lives, in whatever process they are."""
    key, now = _key(Limit(name, 1, lifetime), subject), timezone.now()
    AttemptCounter.objects.filter(key=key, window_ends_at__lte=now).delete()
    _, is_first = AttemptCounter.objects.get_or_create(key=key, defaults={"count": 1, "window_ends_at": now + lifetime})
    return is_first


def forget_attempts(limit: Limit, subject: str) -> None:
    """It succeeded: earlier attempts no longer count."""
    AttemptCounter.objects.filter(key=_key(limit, subject)).delete()


def _key(limit: Limit, subject: str) -> str:
    return hashlib.sha256(f"{limit.name}\0{subject}".encode()).hexdigest()
