"""A bank's customer at the pages of their own consents: who is at this browser, and for how long.

It is no session of the portal's and holds nothing else: a row with the digest of a cookie.
"""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.authserver.models import CustomerSession
from propylon.customers.models import Customer
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_secret

COOKIE = "__Host-customer"
IDLE, LONGEST = timedelta(minutes=10), timedelta(minutes=60)


@transaction.atomic
def begin_session(response: HttpResponse, *, customer: Customer) -> None:
    """After the customer has logged in; the browser carries the cookie until it is closed."""
    token, now = new_secret(), timezone.now()
    session = CustomerSession.objects.create(
        digest=digest(token),
        environment=customer.environment,
        subject=customer.subject,
        begun_at=now,
        used_at=now,
    )
    record_event(
        acting_user=actor_of(session),
        action="customer.logged_in",
        object_kind="customer_session",
        object_id=str(session.pk),
    )
    response.set_cookie(COOKIE, token.reveal(), secure=True, httponly=True, samesite="Strict")


def session_of(request: HttpRequest) -> CustomerSession | None:
    """The living session of this browser, which lives on by being used."""
    token = request.COOKIES.get(COOKIE, "")
    found = CustomerSession.objects.filter(digest=digest(Secret(token))).first() if token else None
    now = timezone.now()
    if found is None or now - found.used_at > IDLE or now - found.begun_at > LONGEST:
        return None
    CustomerSession.objects.filter(pk=found.pk, used_at__lt=now).update(used_at=now)
    return found


def end_session(request: HttpRequest, response: HttpResponse) -> None:
    token = request.COOKIES.get(COOKIE, "")
    CustomerSession.objects.filter(digest=digest(Secret(token))).delete()
    response.delete_cookie(COOKIE, samesite="Strict")


def end_dead_sessions() -> None:
    now = timezone.now()
    CustomerSession.objects.filter(Q(used_at__lt=now - IDLE) | Q(begun_at__lt=now - LONGEST)).delete()


def actor_of(session: CustomerSession) -> Actor:
    return Actor("customer", session.subject, "customer")
