"""What an application calls in one environment: figures of a period beside those of the one before; as a file, too."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from propylon.accounts.roles import Permission
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import app_page
from propylon.usage.analytics import MOST_EXPORTED, MOST_ROWS, Selection, summary
from propylon.usage.analytics_exports import ranking_csv
from propylon.usage.analytics_schemas import analytics_out
from propylon.usage.called_operations import called_operations
from propylon.usage.period_words import period_titles
from propylon.usage.periods import PeriodName, period
from propylon.usage.quotas import quota_use


@require_safe
@signed_in
def usage(request: HttpRequest, application_id: str) -> HttpResponse:
    """With `format` json or csv it is a file."""
    page = app_page(request, application_id, "usage", Permission.VIEW_USAGE)
    wanted = request.GET.get("period", "")
    name = PeriodName(wanted) if wanted in set(PeriodName) else PeriodName.WEEK
    chosen, form = period(name, timezone.now()), request.GET.get("format", "")
    selection = Selection(environment=page.client.environment.name, application=page.application.public_id)
    limit = MOST_EXPORTED if form in {"csv", "json"} else MOST_ROWS
    rows = called_operations(page.application.public_id, chosen, environment=page.client.environment.name, limit=limit)
    if form == "csv":
        return ranking_csv(rows, chosen.days, file_name=f"usage-{name}.csv")
    found = summary(selection, chosen)
    if form == "json":
        text = analytics_out(found, rows, chosen.days).model_dump_json(indent=2)
        answer = HttpResponse(text, content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="usage-{name}.json"'
        return answer
    kept = {"environment": page.client.environment.name}
    context = {
        "page_of": page,
        "found": found,
        "rows": rows,
        "days": chosen.days,
        "quota": quota_use(page.client),
        "periods": [
            (title, f"?{urlencode({**kept, 'period': each})}", each == name) for each, title in period_titles().items()
        ],
        "exports": [
            (each.upper(), f"?{urlencode({**kept, 'period': name, 'format': each})}") for each in ("csv", "json")
        ],
    }
    return render(request, "portal/apps/usage.html", context)
