"""Analytics in the management API: of one application, of one organization, of the program."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router

from propylon.accounts.access import access_organization, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_application
from propylon.usage.analytics import Selection, ranking, summary
from propylon.usage.analytics_exports import ranking_csv
from propylon.usage.analytics_schemas import (
    AnalyticsOut,
    AnalyticsQuery,
    Format,
    ProgramAnalyticsQuery,
    analytics_out,
)
from propylon.usage.counts import SeriesKind
from propylon.usage.periods import period

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
    return _answer(selection, SeriesKind.APPLICATION_OPERATION, query, "operations")


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
    return _answer(selection, SeriesKind.APPLICATION, query, "applications")


@router.get(
    "/analytics", response=AnalyticsOut, summary="The program's figures of a period beside the one before (staff)"
)
def program_analytics(request: HttpRequest, query: Query[ProgramAnalyticsQuery]) -> AnalyticsOut | HttpResponse:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return _answer(query.selection, query.by.kind, query, f"{query.by}s")


def _answer(
    selection: Selection, kind: SeriesKind, query: AnalyticsQuery, file_name: str
) -> AnalyticsOut | HttpResponse:
    chosen = period(query.period, timezone.now())
    rows = ranking(kind, selection, chosen, limit=query.limit)
    rows_period = chosen.days if kind is SeriesKind.APPLICATION_OPERATION else chosen
    if query.format is Format.CSV:
        return ranking_csv(rows, rows_period, file_name=f"{file_name}-{query.period}.csv")
    return analytics_out(summary(selection, chosen), rows, rows_period)
