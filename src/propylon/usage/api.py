"""Call records in the management API."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router

from propylon.accounts.access import require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_application, access_client
from propylon.usage.access import access_call
from propylon.usage.application_usage import usage_of_application
from propylon.usage.call_pages import call_page, refused_page
from propylon.usage.quotas import quota_use
from propylon.usage.schemas import (
    CallOut,
    CallPage,
    CallsQuery,
    PeriodQuery,
    QuotaOut,
    RefusedQuery,
    UsageOut,
    call_out,
    quota_out,
    usage_out,
)

router = Router(tags=["Usage"])


@router.get("/calls/{tracking_id}", response=CallOut, summary="Find a call by its RequestTrackingId")
def get_call(request: HttpRequest, tracking_id: str) -> CallOut:
    return call_out(access_call(current_user(request), tracking_id))


@router.get("/calls", response=CallPage, summary="What the gateway refused to anybody, newest first (staff)")
def list_refused_calls(request: HttpRequest, query: Query[RefusedQuery]) -> CallPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    calls = refused_page(
        timezone.now() - timedelta(hours=query.hours),
        query,
        refusal_code=query.refusal_code,
        filters={"hours": str(query.hours), "refusal_code": query.refusal_code},
    )
    return CallPage(data=[call_out(record) for record in calls.rows], paging=calls.paging)


@router.get("/applications/{application_id}/calls", response=CallPage, summary="An application's calls, newest first")
def list_calls(request: HttpRequest, application_id: str, query: Query[CallsQuery]) -> CallPage:
    application = access_application(current_user(request), application_id, Permission.VIEW_USAGE)
    return call_page(application.public_id, query)


@router.get("/applications/{application_id}/usage", response=UsageOut, summary="An application's calls, counted")
def get_usage(request: HttpRequest, application_id: str, query: Query[PeriodQuery]) -> UsageOut:
    application = access_application(current_user(request), application_id, Permission.VIEW_USAGE)
    counts = usage_of_application(application.public_id, since=query.since, until=query.until)
    return usage_out(application.public_id, query, counts)


@router.get("/clients/{client_id}/quota", response=QuotaOut, summary="A client's quota, and how much of it is used")
def get_quota(request: HttpRequest, client_id: str) -> QuotaOut:
    """Calls that reached an upstream count, by the calendar in UTC."""
    return quota_out(*quota_use(access_client(current_user(request), client_id, Permission.VIEW_USAGE)))
