"""Everything that waits for a decision of the operator: one table of kinds, one list, oldest first."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from propylon.accounts.models import User
from propylon.accounts.selectors import organization_asked_for, people_without_organization
from propylon.applications.end_users import waiting_end_user_requests
from propylon.applications.models import Client, EndUserRequest, Regeneration
from propylon.applications.selectors import waiting_clients, waiting_regenerations
from propylon.audit.paging import PageQuery, Paging
from propylon.certificates.models import Order
from propylon.certificates.selectors import waiting_orders
from propylon.kernel.cursor import decode_cursor, encode_cursor


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that waits. `by_default` says what happens while nobody decides."""

    kind: str
    kind_title: str | Promise
    icon: str
    title: str
    where: str
    asked_by: str
    organization: str
    since: datetime
    by_default: str
    address: str
    pk: int
    is_repeated: bool = False  # it was refused before


@dataclass(frozen=True, slots=True)
class WaitingKind:
    """`since` is the field that says since when; `rows` what waits, without order."""

    name: str
    title: str | Promise
    icon: str
    since: str
    rows: Callable[[], QuerySet[Any]]
    shown: Callable[[WaitingKind, Any], Waiting]


def _client(kind: WaitingKind, client: Client) -> Waiting:
    application = client.application
    return Waiting(
        kind.name,
        kind.title,
        kind.icon,
        title=application.name,
        where=client.environment.title,
        asked_by=application.created_by.name if application.created_by else application.contact_email,
        organization=application.organization.name,
        since=client.requested_at,
        by_default=_("Has no keys until it is approved"),
        address=reverse("console_applications:decision", args=[client.client_id]),
        pk=client.pk,
        is_repeated=client.requests > 1,
    )


def _order(kind: WaitingKind, order: Order) -> Waiting:
    application = order.client.application
    return Waiting(
        kind.name,
        kind.title,
        kind.icon,
        title=application.name,
        where=order.client.environment.title,
        asked_by=application.contact_email,
        organization=application.organization.name,
        since=order.requested_at,
        by_default=_("Nothing is signed until it is approved"),
        address=reverse("console_certificates:order", args=[order.public_id]),
        pk=order.pk,
    )


def _regeneration(kind: WaitingKind, request: Regeneration) -> Waiting:
    address = reverse("console_applications:key_request", args=[request.public_id])
    return _request(kind, request, _("Its keys stay as they are"), address)


def _end_users(kind: WaitingKind, request: EndUserRequest) -> Waiting:
    address = reverse("console_customers:end_user_request", args=[request.public_id])
    return _request(kind, request, _("Nobody is added"), address)


def _request(kind: WaitingKind, request: Regeneration | EndUserRequest, by_default: str, address: str) -> Waiting:
    """What somebody asks for an application that has its keys."""
    application = request.client.application
    return Waiting(
        kind.name,
        kind.title,
        kind.icon,
        title=application.name,
        where=request.client.environment.title,
        asked_by=request.asked_by.name if request.asked_by else "",
        organization=application.organization.name,
        since=request.asked_at,
        by_default=by_default,
        address=address,
        pk=request.pk,
    )


def _person(kind: WaitingKind, user: User) -> Waiting:
    return Waiting(
        kind.name,
        kind.title,
        kind.icon,
        title=user.name,
        where="",
        asked_by=user.email,
        organization=organization_asked_for(user) or _("named none"),
        since=user.created_at,
        by_default=_("Sees the catalogue only, until somebody takes them in"),
        address=reverse("console_people:user", args=[user.public_id]),
        pk=user.pk,
    )


KINDS = (
    WaitingKind(
        "client",
        gettext_lazy("Application for an environment"),
        "blocks",
        "requested_at",
        lambda: waiting_clients().select_related("application__organization", "application__created_by", "environment"),
        _client,
    ),
    WaitingKind(
        "order",
        gettext_lazy("Certificate order"),
        "badge-check",
        "requested_at",
        lambda: waiting_orders().select_related("client__application__organization", "client__environment"),
        _order,
    ),
    WaitingKind(
        "regeneration",
        gettext_lazy("New keys"),
        "refresh-cw",
        "asked_at",
        lambda: waiting_regenerations().select_related(
            "client__application__organization", "client__environment", "asked_by"
        ),
        _regeneration,
    ),
    WaitingKind(
        "end_users",
        gettext_lazy("End users"),
        "users",
        "asked_at",
        lambda: waiting_end_user_requests().select_related(
            "client__application__organization", "client__environment", "asked_by"
        ),
        _end_users,
    ),
    WaitingKind(
        "person",
        gettext_lazy("Person without an organization"),
        "user",
        "created_at",
        people_without_organization,
        _person,
    ),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each kind wait; `total` of all."""

    by_kind: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.by_kind.values())


def counts() -> Counts:
    """For the navigation of every page of the console: each from an index, all in one question."""
    counted = [(kind.name, kind.rows().order_by().values("pk").query.sql_with_params()) for kind in KINDS]
    statement = " UNION ALL ".join(f"SELECT '{name}', COUNT(*) FROM ({sql}) counted" for name, (sql, _) in counted)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [each for _, (_, parameters) in counted for each in parameters])
        return Counts(dict(cursor.fetchall()))


def waiting_page(query: PageQuery, counted: Counts, *, kind: str = "") -> tuple[list[Waiting], Paging]:
    """One page of the queue, oldest first; kinds of which none waits are not asked for.

    Raises `paging.cursor.invalid`.
    """
    key = hashlib.sha256(f"queue-cursor:{settings.SECRET_KEY}".encode()).digest()
    scope = f"queue?{kind}"
    after = _position(decode_cursor(query.after, scope=scope, key=key, field="after")) if query.after else None
    chosen = [each for each in KINDS if kind in {"", each.name} and counted.by_kind[each.name]]
    # Each kind gives a page at most: that is all that can be on this one.
    found = [row for each in chosen for row in _rows(each, after, query.limit + 1)]
    found.sort(key=lambda row: (row.since, row.kind, row.pk))
    rows = list(islice(found, query.limit))
    following = None
    if len(found) > query.limit:
        last = rows[-1]
        cursor = encode_cursor(f"{last.since.isoformat()} {last.kind} {last.pk}", scope=scope, key=key)
        following = urlencode({**({"kind": kind} if kind else {}), "after": cursor})
    return rows, Paging(limit=query.limit, next=following)


def _position(text: str) -> tuple[datetime, str, int]:
    since, kind, pk = text.split(" ")
    return datetime.fromisoformat(since), kind, int(pk)


def _rows(kind: WaitingKind, after: tuple[datetime, str, int] | None, limit: int) -> list[Waiting]:
    rows = kind.rows().order_by(kind.since, "pk")
    if after:
        since, name, pk = after
        at_once = {f"{kind.since}": since}
        later = Q(**{f"{kind.since}__gt": since})
        if kind.name == name:
            later |= Q(**at_once, pk__gt=pk)
        elif kind.name > name:
            later |= Q(**at_once)
        rows = rows.filter(later)
    return [kind.shown(kind, row) for row in rows[:limit]]
