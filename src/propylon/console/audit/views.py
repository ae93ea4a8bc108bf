"""The audit: what was done, narrowed, one event, and the same as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone

from propylon.accounts.models import Organization
from propylon.accounts.selectors import organization_ids_named, user_id_of
from propylon.audit.event_words import WORDS, actions_said
from propylon.audit.models import Event
from propylon.audit.paging import page_of
from propylon.audit.selectors import event_by_key, events
from propylon.console.access import staff_page
from propylon.console.audit.forms import EventFilters
from propylon.console.pages import console_page, filters, page_query

MOST_EXPORTED = 50_000
_CHUNK = 1_000
_COLUMNS = ("at", "action", "actor_kind", "actor_id", "actor_label", "object_kind", "object_id", "organization_id")
_HEAD = (*_COLUMNS, "tracking_id", "data")


@staff_page
def event_list(request: HttpRequest) -> HttpResponse:
    form = filters(EventFilters, request)
    page = page_of(_chosen(form.chosen), page_query(request), name="console events", filters=form.query)
    context = {
        "events": page.rows,
        "paging": page.paging,
        "filters": form,
        "export": f"{reverse('console_audit:export')}?{urlencode(form.query)}",
        "most": MOST_EXPORTED,
        "actions": WORDS.items(),
    }
    return console_page(request, "audit/events.html", context)


def _chosen(chosen: dict[str, Any]) -> QuerySet[Event]:
    """Actions also by their words, persons by their addresses, organizations by their names."""
    organization, action = chosen["organization"].strip(), chosen["action"].strip()
    found = events(
        action=action,
        actions=actions_said(action),
        object_id=user_id_of(chosen["object"].strip()),
        actor_id=user_id_of(chosen["actor"].strip()),
        tracking_id=chosen["tracking_id"].strip().lower(),
        since=_midnight(chosen["since"]),
        until=_midnight(chosen["until"], days=1),
    )
    if organization:
        found = found.filter(organization_id__in=[organization, *organization_ids_named(organization)])
    return found


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(days=days), time(), tzinfo=UTC) if day else None


@staff_page
def event(request: HttpRequest, event: int) -> HttpResponse:
    found = event_by_key(event)
    organization = Organization.objects.filter(public_id=found.organization_id).first()
    context = {"event": found, "organization": organization}
    return console_page(request, "audit/event.html", context)


@staff_page
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The newest MOST_EXPORTED events that the filters let through, as CSV (RFC 4180), row by row."""
    found = _chosen(filters(EventFilters, request).chosen).order_by("-pk")
    response = StreamingHttpResponse(_lines(found), content_type="text/csv; charset=utf-8")
    name = f"audit-{timezone.now():%Y%m%d-%H%M%S}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _lines(found: QuerySet[Event]) -> Iterator[str]:
    """By keys, not offsets: what is written meanwhile shifts nothing."""
    yield _text([_HEAD])
    left, last = MOST_EXPORTED, 0
    while left > 0:
        rows = _load(found, last, min(_CHUNK, left))
        if not rows:
            return
        yield _text([_row(each) for each in rows])
        left, last = left - len(rows), rows[-1].pk


def _load(found: QuerySet[Event], last: int, limit: int) -> list[Event]:
    return list((found.filter(pk__lt=last) if last else found)[:limit])


def _row(each: Event) -> list[str]:
    values = [each.at.isoformat(), *(getattr(each, name) for name in _COLUMNS[1:]), each.tracking_id, str(each.data)]
    return [harmless(value) for value in values]


def harmless(value: str) -> str:
    """A spreadsheet takes a cell that begins like this for a formula."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def _text(rows: list[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
