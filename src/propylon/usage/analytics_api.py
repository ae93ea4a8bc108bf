"""Analytics in the management API: of one application, of one organization, of the program."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from propylon.accounts.access import access_organization, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_application
from propylon.usage.analytics import Ranked, Selection, ranking, summary
from propylon.usage.analytics_exports import ranking_csv
from propylon.usage.analytics_schemas import (
    AnalyticsOut,
    AnalyticsQuery,
    Format,
    ProgramAnalyticsQuery,
    analytics_out,
)
from propylon.usage.called_operations import called_operations
from propylon.usage.counts import SeriesKind
from propylon.usage.periods import Period, period

router = Router(tags=["Usage"])


@router.get(
    "/applications/{application_id}/analytics",
    response=AnalyticsOut,
    summary="An application's figures of a period beside those of the one before, by operation",
)
def application_analytics(
    request: HttpRequest, application_id: str, query: Query[AnalyticsQuery]
) -> AnalyticsOut | HttpResponse:
    application = access_application(current_user(request), application_id, Permission.VIEW_USAGE)
    selection = Selection(environment=query.environment, application=application.public_id)
    chosen = period(query.period, timezone.now())
    rows = called_operations(application.public_id, chosen, environment=query.environment, limit=query.limit)
    return _answer(selection, chosen, rows, chosen.days, query, "operations")


@router.get(
    "/organizations/{organization_id}/analytics",
    response=AnalyticsOut,
    summary="An organization's figures of a period beside those of the one before, by application",
)
def organization_analytics(
    request: HttpRequest, organization_id: str, query: Query[AnalyticsQuery]
) -> AnalyticsOut | HttpResponse:
    organization = access_organization(current_user(request), organization_id, Permission.VIEW_USAGE)
    selection = Selection(environment=query.environment, organization=organization.public_id)
    return _ranked(selection, SeriesKind.APPLICATION, query)


@router.get(
    "/analytics", response=AnalyticsOut, summary="The program's figures of a period beside the one before (staff)"
)
def program_analytics(request: HttpRequest, query: Query[ProgramAnalyticsQuery]) -> AnalyticsOut | HttpResponse:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return _ranked(query.selection, query.by.kind, query)


def _ranked(selection: Selection, kind: SeriesKind, query: AnalyticsQuery) -> AnalyticsOut | HttpResponse:
    chosen = period(query.period, timezone.now())
    return _answer(selection, chosen, ranking(kind, selection, chosen, limit=query.limit), chosen, query, f"{kind}s")


def _answer(
    selection: Selection,
    chosen: Period,
    rows: list[Ranked],
    rows_period: Period,
    query: AnalyticsQuery,
    file_name: str,
) -> AnalyticsOut | HttpResponse:
    if query.format is Format.CSV:
        return ranking_csv(rows, rows_period, file_name=f"{file_name}-{query.period}.csv")
    return analytics_out(summary(selection, chosen), rows, rows_period)
