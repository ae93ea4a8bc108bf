"""Who may see a call: the organization of its application, and the program's staff; anybody else is told 404."""

from __future__ import annotations

from propylon.accounts.access import may, require, visible_organizations
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.models import Application
from propylon.kernel.errors import Kind, PropylonError
from propylon.usage.models import CallRecord
from propylon.usage.parts import call_by_tracking_id


def access_call_of(user: User, application: Application, tracking_id: str) -> CallRecord:
    """The call, if it is one of this application."""
    record = access_call(user, tracking_id)
    if record.application_id != application.public_id:
        raise _unknown()
    return record


def access_call(user: User, tracking_id: str) -> CallRecord:
    """The call, also of an application that is deleted by now: its last calls are what people ask about.

    A call that no application is known of (no token, a token request) is the staff's to see.
    """
    record = call_by_tracking_id(tracking_id.lower())
    if record is None:
        raise _unknown()
    if not record.application_id:
        if not may(user, Permission.VIEW_PROGRAM):
            raise _unknown()
        return record
    application = (
        Application.objects.select_related("organization")
        .filter(public_id=record.application_id, organization__in=visible_organizations(user))
        .first()
    )
    if application is not None:
        require(user, Permission.VIEW_USAGE, application.organization)
    elif not may(user, Permission.VIEW_PROGRAM):
        raise _unknown()
    return record


def _unknown() -> PropylonError:
    return PropylonError(
        "call.unknown",
        "No call of yours has this tracking id. Check the id; a call shows some seconds after it was made.",
        kind=Kind.NOT_FOUND,
    )
