"""The program's calls in a period beside those of the one before; as a file, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from propylon.accounts.models import Organization
from propylon.applications.models import Application
from propylon.catalog.models import Product
from propylon.catalog.selectors import environment_titles
from propylon.console.access import staff_page
from propylon.console.analytics.forms import BY_TITLES, AnalyticsFilters
from propylon.console.pages import console_page
from propylon.usage.analytics import MOST_EXPORTED, MOST_ROWS, Ranked, ranking, summary
from propylon.usage.analytics_exports import ranking_csv
from propylon.usage.analytics_schemas import By, analytics_out
from propylon.usage.periods import period


@dataclass(frozen=True, slots=True)
class Row:
    """`address` leads to what is inside; "" where nothing is."""

    title: str
    detail: str
    address: str
    ranked: Ranked


@staff_page
def analytics(request: HttpRequest) -> HttpResponse:
    """With `format` json or csv it is a file."""
    form = AnalyticsFilters(request.GET, auto_id="filter-%s")
    by, name, selection = form.chosen_by, form.chosen_period, form.selection
    chosen, wanted = period(name, timezone.now()), request.GET.get("format", "")
    limit = MOST_EXPORTED if wanted in {"csv", "json"} else MOST_ROWS
    rows = ranking(by.kind, selection, chosen, limit=limit)
    if wanted == "csv":
        return ranking_csv(rows, chosen, file_name=f"{by}s-{name}.csv")
    found = summary(selection, chosen)
    if wanted == "json":
        answer = HttpResponse(analytics_out(found, rows, chosen).model_dump_json(indent=2))
        answer["Content-Type"] = "application/json"
        answer["Content-Disposition"] = f'attachment; filename="{by}s-{name}.json"'
        return answer
    context = {
        "filters": form,
        "found": found,
        "rows": _rows(by, rows, form.query),
        "rows_title": BY_TITLES.get(by, form.fields["by"].choices[0][1]),  # type: ignore[attr-defined]
        "inside": _inside(form.selection.product, form.selection.organization),
        "exports": [(each.upper(), f"?{urlencode({**form.query, 'format': each})}") for each in ("csv", "json")],
    }
    return console_page(request, "analytics/analytics.html", context)


def _inside(product: str, organization: str) -> str:
    """Of whom the page is, when it is about one."""
    if product:
        return _products([product]).get(product, product)
    return _organizations([organization]).get(organization, organization) if organization else ""


def _rows(by: By, rows: Sequence[Ranked], query: dict[str, str]) -> list[Row]:
    organizations = _organizations([row.organization for row in rows])
    found = Application.objects.filter(public_id__in=[row.application for row in rows if row.application])
    applications = dict(found.values_list("public_id", "name"))
    environments = environment_titles()
    products = _products([row.product for row in rows])

    def row_of(row: Ranked) -> Row:
        where = environments.get(row.environment, row.environment) or "\N{EN DASH}"
        product = products.get(row.product, row.product)
        if by is By.PRODUCT:
            return Row(product, f"{row.version} · {where}", _narrowed(query, "operation", product=row.product), row)
        if by is By.OPERATION:
            return Row(row.operation or "\N{EN DASH}", f"{product} {row.version} · {where}", "", row)
        if by is By.ORGANIZATION:
            title = organizations.get(row.organization, row.organization)
            return Row(title, where, _narrowed(query, "application", organization=row.organization), row)
        if by is By.APPLICATION:
            title = applications.get(row.application, row.application)
            owner = organizations.get(row.organization, row.organization)
            address = reverse("console_applications:detail", args=[row.application]) if title != row.application else ""
            return Row(title, f"{owner} · {where}", address, row)
        return Row(where, "", "", row)

    return [row_of(row) for row in rows]


def _narrowed(query: dict[str, str], by: str, **names: str) -> str:
    kept = {name: value for name, value in query.items() if name not in {"by", "product", "organization"}}
    return f"?{urlencode({**kept, 'by': by, **names})}"


def _products(names: Sequence[str]) -> dict[str, str]:
    rows = Product.objects.filter(name__in={each for each in names if each})
    return dict(rows.values_list("name", "title"))


def _organizations(ids: Sequence[str]) -> dict[str, str]:
    rows = Organization.objects.filter(public_id__in={each for each in ids if each})
    return dict(rows.values_list("public_id", "name"))
