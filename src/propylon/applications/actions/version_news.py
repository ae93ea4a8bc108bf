"""Telling subscribers of the catalogue's events about versions, each event once (FEATURES D5)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from propylon.applications.models import Client, ClientStatus, VersionNewsCursor
from propylon.applications.version_mails import version_told
from propylon.applications.version_news import ACTIONS, VersionNews, news_of
from propylon.audit.models import Event
from propylon.catalog.models import Operation
from propylon.openapi.difference import operation_key

_AT_ONCE = 20  # events of one transaction


@transaction.atomic
def tell_version_news() -> int:
    """For the worker: mails about events that nobody was told of yet; the number of events.

    Mails and the place in the event log are stored together. What happened before the first run is history.
    """
    newest = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    cursor, is_new = VersionNewsCursor.objects.select_for_update().get_or_create(pk=1, defaults={"event": newest})
    if is_new or cursor.event >= newest:
        return 0
    waiting = Event.objects.filter(pk__gt=cursor.event, pk__lte=newest, object_kind="product", action__in=ACTIONS)
    events = list(waiting.order_by("pk")[:_AT_ONCE])
    for event in events:
        news = news_of(event)
        if news is not None:
            _tell(news)
    cursor.event = events[-1].pk if len(events) == _AT_ONCE else newest
    cursor.save()
    return len(events)


def _tell(news: VersionNews) -> None:
    by_organization: dict[int, list[Client]] = {}
    for client in _subscribers(news):
        by_organization.setdefault(client.application.organization_id, []).append(client)
    plans = _plans(news)
    for clients in by_organization.values():
        names = {client.plan.name for client in clients}
        operations = [name for name in news.operations if _may(names, plans.get(_key(name), ()))]
        if operations or news.kind in {"withdrawn", "ending", "ended"}:
            version_told(news, clients, operations)


def _subscribers(news: VersionNews) -> Iterable[Client]:
    found = Client.objects.filter(
        subscriptions__product_id=news.version.product_id,
        status=ClientStatus.APPROVED,
        application__deleted_at=None,
    )
    if news.environment:
        found = found.filter(environment__name=news.environment)
    else:
        found = found.filter(environment__publications__product_version=news.version)
    return found.select_related("application__organization", "environment", "plan").order_by("pk").distinct()


def _plans(news: VersionNews) -> dict[tuple[str, str], list[str]]:
    """The plans that an operation is for, where it is not for all."""
    versions = [each for each in (news.version, news.older) if each is not None]
    rows = Operation.objects.filter(product_version__in=versions).exclude(plans=[])
    return {operation_key(row.method, row.path_template): row.plans for row in rows}


def _key(name: str) -> tuple[str, str]:
    method, _, path = name.partition(" ")
    return operation_key(method, path)


def _may(plans: set[str], wanted: Iterable[str]) -> bool:
    """Is one of the organization's clients in a plan that the operation is for?"""
    chosen = set(wanted)
    return not chosen or not plans.isdisjoint(chosen)
