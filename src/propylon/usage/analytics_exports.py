"""Analytics as files: the same rows as JSON and as CSV (RFC 4180), which a spreadsheet opens."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from django.http import HttpResponse

from propylon.usage.analytics import Ranked
from propylon.usage.periods import Period

_NAMES = ("environment", "product", "version", "operation", "organization", "application")
_FIGURES = ("calls", "refused", "errors", "failed", "mean_ms", "p50_ms", "p95_ms", "p99_ms")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def ranking_csv(rows: Iterable[Ranked], period: Period, *, file_name: str) -> HttpResponse:
    header = ("since", "until", *_NAMES, *_FIGURES, "bytes_received", "bytes_sent", "calls_before", "codes")
    times = (period.since_at.isoformat(), period.until_at.isoformat())
    return csv_answer(
        header,
        (
            (
                *times,
                *(getattr(row, name) for name in _NAMES),
                *(getattr(row.figures, name) for name in _FIGURES),
                row.figures.bytes_received,
                row.figures.bytes_sent,
                row.calls_before,
                "; ".join(f"{code}: {calls}" for code, calls in row.figures.codes),
            )
            for row in rows
        ),
        file_name=file_name,
    )


def csv_answer(header: Sequence[str], rows: Iterable[Sequence[object]], *, file_name: str) -> HttpResponse:
    """A file to save. What a spreadsheet would take for a formula is quoted for it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    answer = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer


def _cell(value: object) -> object:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
