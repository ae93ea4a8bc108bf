"""The simulated approval app in the management API: for tests that run without a person (CIBA)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema, Status

from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.applications.access import access_client
from propylon.authserver.pairwise import told_subject
from propylon.authserver.simulated_approvals import simulate_answer, simulated_approvals
from propylon.customers.models import Approval
from propylon.customers.throttle import MOST_WAITING

router = Router(tags=["Clients"])
_MOST_SHOWN = MOST_WAITING * 10


class ApprovalOut(Schema):
    id: str
    subject: str = Field(description="The sandbox identity, as tokens name it.")
    allows: list[str] = Field(description="What a yes allows, in the customer's words.")
    binding_message: str
    asked_at: datetime
    expires_at: datetime


class ApprovalList(Schema):
    data: list[ApprovalOut]


class SimulatedAnswer(Schema):
    answer: Literal["approve", "deny", "time_out"]


@router.get(
    "/{client_id}/simulated-approvals", response=ApprovalList, summary="Questions to sandbox identities that wait"
)
def list_simulated_approvals(request: HttpRequest, client_id: str) -> ApprovalList:
    """Of this client, by CIBA, the oldest first. Test environments only."""
    client = access_client(current_user(request), client_id, Permission.VIEW_APPLICATIONS)
    return ApprovalList(data=[_out(row) for row in simulated_approvals(client)[:_MOST_SHOWN]])


@router.post(
    "/{client_id}/simulated-approvals/{approval_id}", response={204: None}, summary="Answer for a sandbox identity"
)
def answer_simulated_approval(
    request: HttpRequest, client_id: str, approval_id: str, payload: SimulatedAnswer
) -> Status[None]:
    """Approve, deny, or let the time pass, as the customer would. Test environments only."""
    user = current_user(request)
    client = access_client(user, client_id, Permission.MANAGE_APPLICATIONS)
    simulate_answer(acting_user=actor_of(user), client=client, approval_id=approval_id, answer=payload.answer)
    return Status(204, None)


def _out(row: Approval) -> ApprovalOut:
    return ApprovalOut(
        id=row.public_id,
        subject=told_subject(row.client_id, row.environment, row.subject) or row.subject,
        allows=row.allows,
        binding_message=row.binding_message,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
    )
