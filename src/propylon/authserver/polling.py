"""A client that asks whether its customer has answered, CIBA Core 10.1 and 11. Within the exchange's transaction."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from propylon.audit.actions import record_event
from propylon.authserver.detail_types import scopes_that_ask_accounts
from propylon.authserver.models import BackchannelRequest, Grant
from propylon.authserver.pairwise import told_subject
from propylon.customers.approvals import Standing, approver_for
from propylon.kernel.actor import Actor
from propylon.oauth.acr import ONE_STEP, SignIn
from propylon.oauth.errors import OAuthError
from propylon.oauth.records import Approval, BackchannelRecord, ClientRecord, GrantRecord
from propylon.oauth.tokens import POLL_INTERVAL, REFRESH_TOKEN_TTL, Issue
from propylon.sealing.entropy import new_public_id

_SIGN_IN = SignIn(ONE_STEP, ())  # how the approver made sure of the customer is not told
_STILL_ASKED = frozenset({"authorization_pending", "slow_down"})


def backchannel_record(row: BackchannelRequest, now: int) -> BackchannelRecord:
    """With the grant as it will be; its row is made when tokens are issued, so that a refusal leaves none."""
    standing = approver_for(row.client.environment.name).standing(row.approval)
    signed_in_at = int(standing.authenticated_at.timestamp()) if standing.authenticated_at else 0
    grant = GrantRecord(
        grant_id=new_public_id("gr"),
        client_id=row.client.client_id,
        subject=_told(row) or row.subject,
        generation=1,
        expires_at=now + REFRESH_TOKEN_TTL,
        is_revoked=False,
        sign_in=_SIGN_IN if signed_in_at else None,
        signed_in_at=signed_in_at,
        accounts=_covered(row, standing),
    )
    return BackchannelRecord(
        grant=grant,
        scope=row.scope,
        approval=_answer(row, standing),
        authenticated_at=signed_in_at,
        expires_at=int(row.expires_at.timestamp()),
        is_used=row.used_at is not None,
        interval=row.interval,
        polled_at=int(row.polled_at.timestamp()) if row.polled_at else 0,
    )


def _told(row: BackchannelRequest) -> str:
    return told_subject(row.client.client_id, row.client.environment.name, row.subject)


def _covered(row: BackchannelRequest, standing: Standing) -> dict[str, list[str]]:
    """Accounts by scope. What was chosen counts for every scope if none asks for accounts any more."""
    scopes = tuple(row.scope.split())
    asking = scopes_that_ask_accounts(scopes) or (frozenset(scopes) if standing.accounts else frozenset())
    return {name: list(standing.accounts) for name in scopes if name in asking}


def _answer(row: BackchannelRequest, standing: Standing) -> Approval:
    """A yes without accounts is none where a scope asks for them: it may do so only since the question, or the approver
    did not ask. A token that names no accounts would cover them all."""
    answer = Approval(standing.state)
    if answer is Approval.APPROVED and not standing.accounts and scopes_that_ask_accounts(row.scope.split()):
        return Approval.DENIED
    return answer


def note_poll(row: BackchannelRequest, refusal: OAuthError, now: int) -> None:
    """When the client asked last; who asks too early waits longer from then on (section 11)."""
    if refusal.code not in _STILL_ASKED:
        return
    row.polled_at = datetime.fromtimestamp(now, UTC)
    if refusal.code == "slow_down":
        row.interval += POLL_INTERVAL
    row.save(update_fields=["polled_at", "interval"])


def use_approval(row: BackchannelRequest, issue: Issue, client: ClientRecord, now: int) -> Grant:
    """The auth_req_id is used up; the consent that the customer gave."""
    at, signed_in_at = datetime.fromtimestamp(now, UTC), int(issue.claims["auth_time"])
    row.used_at = at
    row.save(update_fields=["used_at"])
    grant = Grant.objects.create(
        public_id=issue.claims["gid"],
        client=row.client,
        subject=row.subject,
        told_subject=_told(row),
        scope=row.scope,
        acr=_SIGN_IN.acr,
        amr=list(_SIGN_IN.amr),
        signed_in_at=datetime.fromtimestamp(signed_in_at, UTC),
        accounts=_covered(row, approver_for(row.client.environment.name).standing(row.approval)),
        created_at=at,
        expires_at=at + timedelta(seconds=REFRESH_TOKEN_TTL),
    )
    record_event(
        acting_user=Actor("customer", row.subject, "customer"),
        action="grant.made",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.organization,
        data={"client": client.client_id, "scope": grant.scope, "approval": row.approval},
    )
    return grant
