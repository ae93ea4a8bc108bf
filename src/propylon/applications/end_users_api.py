"""Requests for end users in the management API."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from propylon.accounts.access import actor_of, visible_organizations
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.applications.actions.end_users import (
    approve_end_users,
    ask_for_end_users,
    refuse_end_users,
    withdraw_end_users,
)
from propylon.applications.check_persons import Person
from propylon.applications.end_users import access_end_user_request, end_user_requests
from propylon.applications.models import EndUserRequest
from propylon.audit.paging import PageQuery, Paging, page_of

router = Router(tags=["End users"])


class PersonIn(Schema):
    name: str = Field(max_length=200)
    email: str = Field(max_length=300, description="Where the link to choose a password goes.")
    identity_number: str = Field(max_length=60, description="What the person logs in with.")


class EndUsersIn(Schema):
    persons: list[PersonIn] = Field(max_length=100)
    reason: str = Field(max_length=1000)


class EndUsersDecision(Schema):
    decision: Literal["approve", "refuse"]
    note: str = Field("", max_length=1000, description="Needed to refuse: the developers read it.")


class EndUserOut(Schema):
    """Identity numbers are shown to nobody."""

    name: str
    email: str
    subject: str = Field(description="`sub` of the customer, once approved.")


class EndUsersOut(Schema):
    id: str
    client_id: str
    environment: str
    state: str
    reason: str
    note: str
    asked_at: datetime
    decided_at: datetime | None
    persons: list[EndUserOut]


class EndUsersPage(Schema):
    data: list[EndUsersOut]
    paging: Paging


class EndUsersQuery(PageQuery):
    state: str = Field("", max_length=10, description="waiting, approved, refused or withdrawn")


@router.get("/end-user-requests", response=EndUsersPage, summary="Requests for end users that you may see")
def list_end_user_requests(request: HttpRequest, query: Query[EndUsersQuery]) -> EndUsersPage:
    user = current_user(request)
    found = end_user_requests(visible_organizations(user, Permission.VIEW_APPLICATIONS), state=query.state)
    page = page_of(found, query, name="end-user-requests", filters={"state": query.state})
    return EndUsersPage(data=[_out(row) for row in page.rows], paging=page.paging)


@router.post("/clients/{client_id}/end-user-requests", response={201: EndUsersOut}, summary="Ask for end users")
def ask_end_users(request: HttpRequest, client_id: str, payload: EndUsersIn) -> Status[EndUsersOut]:
    """Customers of the client's environment, to try the application with. The operator decides."""
    user = current_user(request)
    client = access_client(user, client_id, Permission.MANAGE_APPLICATIONS)
    persons = [Person(**each.model_dump()) for each in payload.persons]
    made = ask_for_end_users(
        acting_user=actor_of(user), client=client, asked_by=user, persons=persons, reason=payload.reason
    )
    return Status(201, _out(made))


@router.get("/end-user-requests/{request_id}", response=EndUsersOut, summary="One request for end users")
def show_end_user_request(request: HttpRequest, request_id: str) -> EndUsersOut:
    return _out(access_end_user_request(current_user(request), request_id, Permission.VIEW_APPLICATIONS))


@router.post("/end-user-requests/{request_id}/decision", response=EndUsersOut, summary="Approve or refuse (operator)")
def decide_end_users(request: HttpRequest, request_id: str, payload: EndUsersDecision) -> EndUsersOut:
    """Approved, each person gets a mail with a link, and can log in once they have chosen a password."""
    user = current_user(request)
    found, actor = access_end_user_request(user, request_id, Permission.APPROVE), actor_of(user)
    decide = approve_end_users if payload.decision == "approve" else refuse_end_users
    decide(acting_user=actor, request=found, note=payload.note)
    return _out(found)


@router.post("/end-user-requests/{request_id}/withdrawal", response=EndUsersOut, summary="Take the request back")
def withdraw_end_user_request(request: HttpRequest, request_id: str) -> EndUsersOut:
    user = current_user(request)
    found = access_end_user_request(user, request_id, Permission.MANAGE_APPLICATIONS)
    withdraw_end_users(acting_user=actor_of(user), request=found)
    return _out(found)


def _out(row: EndUserRequest) -> EndUsersOut:
    return EndUsersOut(
        id=row.public_id,
        client_id=row.client.client_id,
        environment=row.client.environment.name,
        state=row.state,
        reason=row.reason,
        note=row.note,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        persons=[
            EndUserOut(name=each["name"], email=each["email"], subject=each.get("subject", "")) for each in row.persons
        ],
    )
