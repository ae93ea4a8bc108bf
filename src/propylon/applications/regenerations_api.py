"""Requests for new client secrets in the management API."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts.access import actor_of, visible_organizations
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_client, access_regeneration
from propylon.applications.schemas import (
    RegenerationDecisionIn,
    RegenerationOut,
    RegenerationPage,
    RegenerationWish,
    regeneration_out,
)
from propylon.applications.selectors import regenerations
from propylon.audit.paging import PageQuery, page_of

router = Router(tags=["New keys"])


class RegenerationQuery(PageQuery):
    state: str = Field("", max_length=10, description="waiting, approved, refused or withdrawn")
    client_id: str = Field("", max_length=40)


@router.get("/regeneration-requests", response=RegenerationPage, summary="Requests for new keys that you may see")
def list_regenerations(request: HttpRequest, query: Query[RegenerationQuery]) -> RegenerationPage:
    user = current_user(request)
    found = regenerations(visible_organizations(user, Permission.VIEW_APPLICATIONS), state=query.state)
    if query.client_id:
        found = found.filter(client=access_client(user, query.client_id, Permission.VIEW_APPLICATIONS))
    filters = {"state": query.state, "client_id": query.client_id}
    page = page_of(found, query, name="regenerations", filters=filters)
    return RegenerationPage(data=[regeneration_out(row) for row in page.rows], paging=page.paging)


@router.post(
    "/clients/{client_id}/regeneration-requests", response={201: RegenerationOut}, summary="Ask for a new secret"
)
def ask_for_regeneration(request: HttpRequest, client_id: str, payload: RegenerationWish) -> Status[RegenerationOut]:
    """The operator decides; until then the keys stay as they are."""
    user = current_user(request)
    client = access_client(user, client_id, Permission.SHOW_SECRETS)
    made = actions.ask_for_regeneration(
        acting_user=actor_of(user), client=client, asked_by=user, **payload.model_dump()
    )
    return Status(201, regeneration_out(made))


@router.get("/regeneration-requests/{request_id}", response=RegenerationOut, summary="One request for new keys")
def show_regeneration(request: HttpRequest, request_id: str) -> RegenerationOut:
    return regeneration_out(access_regeneration(current_user(request), request_id, Permission.VIEW_APPLICATIONS))


@router.post(
    "/regeneration-requests/{request_id}/decision", response=RegenerationOut, summary="Approve or refuse (operator)"
)
def decide_regeneration(request: HttpRequest, request_id: str, payload: RegenerationDecisionIn) -> RegenerationOut:
    """Approved, the new secret is there at once, and the old one works for the overlap."""
    user = current_user(request)
    found, actor = access_regeneration(user, request_id, Permission.APPROVE), actor_of(user)
    if payload.decision == "approve":
        actions.approve_regeneration(acting_user=actor, regeneration=found, overlap=payload.overlap, note=payload.note)
    else:
        actions.refuse_regeneration(acting_user=actor, regeneration=found, note=payload.note)
    return regeneration_out(found)


@router.post(
    "/regeneration-requests/{request_id}/withdrawal", response=RegenerationOut, summary="Take the request back"
)
def withdraw_regeneration(request: HttpRequest, request_id: str) -> RegenerationOut:
    user = current_user(request)
    found = access_regeneration(user, request_id, Permission.SHOW_SECRETS)
    actions.withdraw_regeneration(acting_user=actor_of(user), regeneration=found)
    return regeneration_out(found)
