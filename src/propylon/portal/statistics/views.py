"""Availability and performance of the services for licensed third parties, by quarter, for everybody."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from propylon.catalog.selectors import environments
from propylon.usage.analytics_exports import csv_answer
from propylon.usage.service_days import Quarter, ServiceDay, quarters, service_days, services

_HEADER = (
    "date",
    "service",
    "version",
    "uptime_percent",
    "downtime_seconds",
    "error_response_rate_percent",
    "mean_response_time_ms",
    "calls",
    "failed",
)


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Of one service in one environment, the last unless another is chosen; with `format=csv` a file."""
    now = timezone.now()
    known, places = services(), list(environments())
    product = _chosen(request.GET.get("service", ""), [each.name for each in known], 0)
    environment = _chosen(request.GET.get("environment", ""), [each.name for each in places], -1)
    quarter = Quarter.named(request.GET.get("quarter", ""), Quarter.of(now.date()))
    days = service_days(product, environment, quarter, now) if product else []
    if request.GET.get("format") == "csv":
        return csv_answer(_HEADER, map(_row, days), file_name=f"{product}-{environment}-{quarter.name}.csv")
    chosen = {"service": product, "environment": environment, "quarter": quarter.name}
    context = {
        "services": known,
        "places": places,
        "quarters": quarters(now),
        "chosen": chosen,
        "days": days,
        "export": f"?{urlencode({**chosen, 'format': 'csv'})}",
    }
    return render(request, "portal/statistics/statistics.html", context)


def _chosen(wanted: str, names: list[str], otherwise: int) -> str:
    return wanted if wanted in names else names[otherwise] if names else ""


def _row(day: ServiceDay) -> tuple[object, ...]:
    return (
        day.day.isoformat(),
        day.product,
        day.version,
        f"{day.uptime * 100:.3f}",
        day.down_seconds,
        f"{day.error_rate * 100:.3f}",
        day.mean_ms,
        day.asked,
        day.failed,
    )
