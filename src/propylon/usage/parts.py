"""Parts: as many call records as an index over random ids takes in at low cost.

An index of all tracking ids has nothing in common with the order in which calls come: of 10,000 records that are taken
in, each would change a page of it. So records are numbered in parts, by the order of their coming, and the index is by
part first: only the newest part changes. Looking one up is one look into each part, the newest first.
"""

from __future__ import annotations

from propylon.usage.models import CallRecord

RECORDS_OF_A_PART = 50_000
_AT_ONCE = 400  # values of a condition


def part_to_fill() -> int:
    """The part of the records that come next."""
    newest = CallRecord.objects.order_by("-pk").values_list("pk", flat=True).first()
    return (newest or 0) // RECORDS_OF_A_PART


def call_by_tracking_id(tracking_id: str) -> CallRecord | None:
    """Some milliseconds, whatever the number of records: 50 million have 1,000 parts."""
    parts = CallRecord.objects.values_list("part", flat=True)
    newest, oldest = parts.order_by("-part").first(), parts.order_by("part").first()
    if newest is None or oldest is None:
        return None
    for end in range(newest, oldest - 1, -_AT_ONCE):
        some = list(range(end, max(end - _AT_ONCE, oldest - 1), -1))
        for record in CallRecord.objects.filter(part__in=some, tracking_id=tracking_id)[:1]:
            return record
    return None
