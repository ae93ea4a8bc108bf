"""Asking customers elsewhere than in the application that asks: one interface, and the built-in approver behind it.

The built-in one shows the question on a page of the bank's (`/oauth/approvals`) and tells the customer by mail where
the directory has an address. A bank's own app is another `Approver`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.customers.accounts import Account
from propylon.customers.accounts import accounts as customer_accounts
from propylon.customers.approval_mails import tell_customer
from propylon.customers.models import Approval
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id

WAITING, APPROVED, DENIED, TIMED_OUT = "waiting", "approved", "denied", "timed_out"


class Answer(StrEnum):
    """What a customer, or somebody in a customer's place, may answer."""

    APPROVED = APPROVED
    DENIED = DENIED


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, whom, and for what, in words that a customer understands."""

    environment: str
    subject: str
    client_id: str
    application: str
    organization: str
    organization_id: str
    allows: tuple[str, ...]
    binding_message: str  # shown on both screens; "" if the client sent none
    expires_at: datetime
    asks_accounts: bool = False  # a yes names the accounts that it is about


@dataclass(frozen=True, slots=True)
class Standing:
    """`state`: waiting, approved, denied or timed_out; `authenticated_at` is when the customer had logged in.

    `accounts`: ids of those that the customer chose, where the question asks for them.
    """

    state: str
    authenticated_at: datetime | None = None
    accounts: tuple[str, ...] = ()


class Approver(Protocol):
    """A way to ask customers."""

    def ask(self, question: Question, *, acting_user: Actor) -> str:
        """Begins to ask; the reference by which the answer is found. Call it in the action's transaction."""
        ...

    def standing(self, reference: str) -> Standing: ...


@dataclass(frozen=True, slots=True)
class BuiltInApprover:
    """Questions are rows of `Approval`, answered on pages."""

    def ask(self, question: Question, *, acting_user: Actor) -> str:
        row = Approval.objects.create(
            public_id=new_public_id("apr"),
            environment=question.environment,
            subject=question.subject,
            client_id=question.client_id,
            application=question.application,
            organization=question.organization,
            organization_id=question.organization_id,
            allows=list(question.allows),
            binding_message=question.binding_message,
            asks_accounts=question.asks_accounts,
            asked_at=timezone.now(),
            expires_at=question.expires_at,
        )
        tell_customer(row)
        _record(acting_user, "asked", row)
        return row.public_id

    def standing(self, reference: str) -> Standing:
        row = Approval.objects.filter(public_id=reference).first()
        return Standing(state_of(row), row.authenticated_at, tuple(row.accounts)) if row else Standing(TIMED_OUT)


def approver_for(_environment: str) -> Approver:
    """Who asks the customers of an environment."""
    return BuiltInApprover()


def access_approval(environment: str, subject: str, public_id: str) -> Approval:
    """One of the customer's own; another's is as unknown as one that is not there."""
    found = Approval.objects.filter(environment=environment, subject=subject, public_id=public_id).first()
    if found is None:
        raise unknown_approval()
    return found


def unknown_approval() -> PropylonError:
    return PropylonError(
        "approval.unknown", "No such question waits: it was answered, or its time is over.", kind=Kind.NOT_FOUND
    )


def state_of(row: Approval) -> str:
    return row.answer or (WAITING if timezone.now() < row.expires_at else TIMED_OUT)


@transaction.atomic
def answer_approval(
    *,
    acting_user: Actor,
    approval: Approval,
    answer: Answer,
    authenticated_at: datetime,
    accounts: Sequence[str] = (),
    simulated: bool = False,
) -> None:
    """The customer's word, or that of who plays the customer in a sandbox. It is given once, and in time.

    A yes to a question that asks for accounts names some of the customer's own: else `approval.accounts.missing`.
    """
    now = timezone.now()
    chosen = _chosen(approval, accounts) if answer is Answer.APPROVED else []
    _change(approval, answer=answer.value, answered_at=now, authenticated_at=authenticated_at, accounts=chosen)
    approval.accounts = chosen
    approval.answer, approval.answered_at, approval.authenticated_at = answer.value, now, authenticated_at
    _record(acting_user, "given" if answer is Answer.APPROVED else "denied", approval, simulated=simulated)


def accounts_to_choose(approval: Approval) -> tuple[Account, ...]:
    """The customer's accounts, where the question asks for them."""
    return (
        tuple(customer_accounts.accounts_of(approval.environment, approval.subject)) if approval.asks_accounts else ()
    )


def _chosen(approval: Approval, wanted: Sequence[str]) -> list[str]:
    own = [each.id for each in accounts_to_choose(approval)]
    if approval.asks_accounts and (not wanted or not set(wanted) <= set(own)):
        raise PropylonError(
            "approval.accounts.missing",
            "Choose at least one of the accounts that are offered. Nothing was answered.",
            kind=Kind.MALFORMED,
        )
    return [each for each in own if each in wanted]


@transaction.atomic
def time_out_approval(*, acting_user: Actor, approval: Approval) -> None:
    """As if the customer had let the time pass: for sandboxes."""
    approval.expires_at = timezone.now()
    _change(approval, expires_at=approval.expires_at)
    _record(acting_user, "timed_out", approval, simulated=True)


def _change(approval: Approval, **values: object) -> None:
    """Nobody answers twice, or too late."""
    waiting = Approval.objects.filter(pk=approval.pk, answer="", expires_at__gt=timezone.now())
    if not waiting.update(**values):
        raise PropylonError(
            "approval.over", "This question was answered or its time is over. Nothing was changed.", kind=Kind.CONFLICT
        )


def _record(acting_user: Actor, what: str, row: Approval, *, simulated: bool = False) -> None:
    record_event(
        acting_user=acting_user,
        action=f"approval.{what}",
        object_kind="approval",
        object_id=row.public_id,
        organization_id=row.organization_id,
        data={"client": row.client_id, "environment": row.environment, **({"simulated": True} if simulated else {})},
    )
