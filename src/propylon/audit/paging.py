"""Pages of a list in the management API: `{"data": […], "paging": {"limit", "next"}}`.

`next` is the query string of the following page, or null. Cursors are opaque and bound to their list and its filters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from ninja import Field, Schema

from propylon.kernel.cursor import decode_cursor, encode_cursor

Row = TypeVar("Row", bound=Model)


class PageQuery(Schema):
    """The query parameters of every list."""

    limit: int = Field(50, ge=1, le=500, description="How many items a page holds at most.")
    after: str = Field("", max_length=400, description="Cursor from `paging.next` of the page before.")


class Paging(Schema):
    limit: int
    next: str | None = Field(None, description="Query string of the next page; null on the last one.")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    paging: Paging


def page_of(
    rows: QuerySet[Row],
    query: PageQuery,
    *,
    name: str,
    filters: dict[str, str] | None = None,
    newest_first: bool = True,
    by: str = "",
) -> Page[Row]:
    """One page of `rows`, in the order in which they were made; `name` and `filters` say which list it is.

    `by` is a field whose order comes before that one: a time or a text, never null, indexed if the list can be long.
    Raises `paging.cursor.invalid` for a cursor of another list.
    """
    given = {key: value for key, value in (filters or {}).items() if value}
    scope = f"{name}?{json.dumps(given, sort_keys=True)}"
    key = hashlib.sha256(f"management-cursor:{settings.SECRET_KEY}".encode()).digest()
    sign, beyond = ("-", "lt") if newest_first else ("", "gt")
    ordered = rows.order_by(*([sign + by] if by else []), f"{sign}pk")
    if query.after:
        ordered = ordered.filter(_beyond(decode_cursor(query.after, scope=scope, key=key, field="after"), by, beyond))
    found = list(ordered[: query.limit + 1])
    following = None
    if len(found) > query.limit:
        found = found[: query.limit]
        cursor = encode_cursor(_position(found[-1], by), scope=scope, key=key)
        following = urlencode({**given, "after": cursor, "limit": query.limit})
    return Page(found, Paging(limit=query.limit, next=following))


def _position(row: Model, by: str) -> str:
    """`<pk>`, or `<pk>/<value>` of the field that comes first."""
    if not by:
        return str(row.pk)
    value = getattr(row, by)
    return f"{row.pk}/{value.isoformat() if isinstance(value, datetime) else value}"


def _beyond(position: str, by: str, beyond: str) -> Q:
    key, _, value = position.partition("/")
    if not by:
        return Q(**{f"pk__{beyond}": int(key)})
    # The first condition is implied by the second, and lets an index of the field do the work.
    return Q(**{f"{by}__{beyond}e": value}) & (
        Q(**{f"{by}__{beyond}": value}) | Q(**{f"pk__{beyond}": int(key), by: value})
    )
