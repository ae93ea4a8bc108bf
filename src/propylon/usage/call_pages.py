"""Pages of call records, newest first: (application, time) is the index, so the cursor is a time and a key."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings

from propylon.audit.paging import PageQuery, Paging
from propylon.kernel.cursor import decode_cursor, encode_cursor
from propylon.usage.models import CallRecord
from propylon.usage.schemas import CallPage, CallsQuery, call_out
from propylon.usage.selectors import recent_calls, refused_calls


@dataclass(frozen=True, slots=True)
class Calls:
    """A page of records."""

    rows: list[CallRecord]
    paging: Paging


def call_page(application_id: str, query: CallsQuery) -> CallPage:
    """One page of the application's calls; `paging.cursor.invalid` for a cursor of another list or other filters."""
    filters = query.model_dump(mode="json", exclude={"limit", "after"}, exclude_none=True)
    calls = _page(
        lambda before, limit: recent_calls(application_id, query.wanted(), before=before, limit=limit),
        query,
        name=f"calls of {application_id}",
        filters=filters,
    )
    return CallPage(data=[call_out(record) for record in calls.rows], paging=calls.paging)


def refused_page(since: datetime, query: PageQuery, *, refusal_code: str = "", filters: dict[str, str]) -> Calls:
    """One page of what was refused to anybody; `filters` is what the next page's query carries on."""
    return _page(
        lambda before, limit: refused_calls(since, refusal_code=refusal_code, before=before, limit=limit),
        query,
        name="refused calls",
        filters={name: value for name, value in filters.items() if value},
    )


def _page(
    load: Callable[[tuple[datetime, int] | None, int], list[CallRecord]],
    query: PageQuery,
    *,
    name: str,
    filters: dict[str, str],
) -> Calls:
    scope = f"{name}?{urlencode(sorted(filters.items()))}"
    key = hashlib.sha256(f"call-cursor:{settings.SECRET_KEY}".encode()).digest()
    before = _position(decode_cursor(query.after, scope=scope, key=key, field="after")) if query.after else None
    records = load(before, query.limit + 1)
    following = None
    if len(records) > query.limit:
        records = records[: query.limit]
        cursor = encode_cursor(_text(records[-1]), scope=scope, key=key)
        following = urlencode({**filters, "after": cursor, "limit": query.limit})
    return Calls(records, Paging(limit=query.limit, next=following))


def _text(record: CallRecord) -> str:
    return f"{record.at.isoformat()}/{record.pk}"


def _position(text: str) -> tuple[datetime, int]:
    at, _, key = text.partition("/")
    return datetime.fromisoformat(at), int(key)
