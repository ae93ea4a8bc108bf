"""Who still calls a version of a product, in the management API."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.catalog.access import access_version
from propylon.usage.version_callers import VersionCaller, version_callers

router = Router(tags=["Usage"])


class CallerOut(Schema):
    application: str = Field(description="Its id; empty for calls without a token.")
    name: str
    organization: str
    contact_email: str
    environment: str
    calls: int
    last_at: datetime


class CallersOut(Schema):
    data: list[CallerOut] = Field(description="The busiest first, at most 200.")


@router.get(
    "/products/{name}/versions/{version}/callers",
    response=CallersOut,
    summary="The applications that called a version in the last 30 days (staff)",
)
def list_callers(request: HttpRequest, name: str, version: str) -> CallersOut:
    user = current_user(request)
    require(user, Permission.VIEW_PROGRAM)
    found = access_version(user, name, version)
    return CallersOut(data=[caller_out(row) for row in version_callers(name, found.version)])


def caller_out(row: VersionCaller) -> CallerOut:
    application = row.application
    return CallerOut(
        application=application.public_id if application else "",
        name=application.name if application else "",
        organization=application.organization.name if application else "",
        contact_email=application.contact_email if application else "",
        environment=row.environment,
        calls=row.calls,
        last_at=row.last_at,
    )
