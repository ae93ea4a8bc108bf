"""The simulated approval app: a developer answers for a sandbox identity, so that CIBA is tested without a person.

It exists where an environment approves by itself, and for published identities alone: nobody real is behind either.
"""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from propylon.applications.models import Client
from propylon.customers.approvals import (
    Answer,
    accounts_to_choose,
    answer_approval,
    time_out_approval,
    unknown_approval,
)
from propylon.customers.models import Approval
from propylon.customers.selectors import sandbox_identities, waiting_approvals
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError

APPROVE, DENY, TIME_OUT = "approve", "deny", "time_out"


def is_simulated(client: Client) -> bool:
    """Needs the client's environment."""
    return client.environment.approves_by_itself


def simulated_approvals(client: Client) -> QuerySet[Approval]:
    """What waits of this client's questions to sandbox identities. Refused where people answer."""
    if not is_simulated(client):
        raise PropylonError(
            "approval.simulation.not_here",
            f"In {client.environment.title} customers answer by themselves. Approvals are simulated in test "
            "environments only.",
            kind=Kind.FORBIDDEN,
        )
    environment = client.environment.name
    subjects = sandbox_identities(environment).values("subject")
    return waiting_approvals().filter(client_id=client.client_id, environment=environment, subject__in=subjects)


def simulate_answer(*, acting_user: Actor, client: Client, approval_id: str, answer: str) -> None:
    """`answer` is approve, deny or time_out."""
    found = simulated_approvals(client).filter(public_id=approval_id).first()
    if found is None:
        raise unknown_approval()
    if answer == TIME_OUT:
        time_out_approval(acting_user=acting_user, approval=found)
        return
    answer_approval(
        acting_user=acting_user,
        approval=found,
        answer=Answer.APPROVED if answer == APPROVE else Answer.DENIED,
        authenticated_at=timezone.now(),
        accounts=[each.id for each in accounts_to_choose(found)],  # all of them
        simulated=True,
    )
