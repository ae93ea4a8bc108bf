"""Marks in the management API: the program's staff sees them, operators place one by hand."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.controlplane.marks_by_hand import place_by_hand
from propylon.marks.actions import lift_mark
from propylon.marks.models import Mark
from propylon.marks.schemas import MarkIn, MarkLift, MarkOut, MarkPage, mark_out, mark_page
from propylon.marks.selectors import marks_in_force

router = Router(tags=["Marks"])


class MarkQuery(PageQuery):
    kind: str = ""
    value: str = Field("", max_length=160, description="What the value begins with.")


@router.get("", response=MarkPage, summary="What is refused at once, newest first")
def list_marks(request: HttpRequest, query: Query[MarkQuery]) -> MarkPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    found = marks_in_force(kind=query.kind, value=query.value)
    return mark_page(page_of(found, query, name="marks", filters={"kind": query.kind, "value": query.value}))


@router.post("", response={201: MarkOut}, summary="Refuse something at once")
def place(request: HttpRequest, body: MarkIn) -> Status[MarkOut]:
    """Of a client or a grant all tokens that are out there; those that are issued from now on work."""
    user = current_user(request)
    require(user, Permission.SECURE)
    value = place_by_hand(
        acting_user=actor_of(user),
        kind=body.kind,
        value=body.value,
        reason=body.reason or "placed by hand",
        hours=body.hours,
    )
    return Status(201, mark_out(Mark.objects.get(kind=body.kind, value=value)))


@router.post("/lift", response={204: None}, summary="Stop refusing what a mark refuses")
def lift(request: HttpRequest, body: MarkLift) -> Status[None]:
    """Only kinds that are not revocations: a kill switch, a blocked customer, a spent quota."""
    user = current_user(request)
    require(user, Permission.SECURE)
    lift_mark(acting_user=actor_of(user), kind=body.kind, value=body.value, reason=body.reason or "lifted by hand")
    return Status(204, None)
