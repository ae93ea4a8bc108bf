"""Tokens straight from the authorization endpoint (RFC 6749, 4.2): only for who an operator allowed it, until a day."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from propylon.audit.actions import record_event
from propylon.authserver.models import AuthorizationRequest, Grant
from propylon.authserver.selectors import grant_record
from propylon.authserver.signing import signers
from propylon.kernel.actor import Actor
from propylon.oauth.implicit_grant import ImplicitIssue, at_hash, decide_implicit, implicit_members
from propylon.oauth.policy import IMPLICIT, LEGACY
from propylon.oauth.records import ClientRecord, CodeRecord
from propylon.sealing.entropy import new_public_id


def implicit_answer(
    *, acting_user: Actor, row: AuthorizationRequest, grant: Grant, client: ClientRecord, now: datetime
) -> dict[str, str]:
    """The members of the answer, both events written; within the transaction that made the grant."""
    issue = decide_implicit(
        client,
        _consented(row, grant, now),
        response_type=row.parameters["response_type"],
        issuer=settings.PROPYLON_ISSUER_URL,
        jti=new_public_id("at"),
        now=int(now.timestamp()),
    )
    _record(acting_user, grant, client, issue)
    signer = signers.get()
    access_token = signer.access_token(issue.claims) if issue.claims else ""
    claims = issue.id_token_claims
    if claims is not None and access_token:
        claims = {**claims, "at_hash": at_hash(access_token)}
    return implicit_members(issue, access_token=access_token, id_token=signer.id_token(claims) if claims else "")


def _consented(row: AuthorizationRequest, grant: Grant, now: datetime) -> CodeRecord:
    """What the code's record would be, if there were one."""
    return CodeRecord(
        grant=grant_record(grant),
        redirect_uri=row.parameters["redirect_uri"],
        scope=grant.scope,
        nonce=row.parameters["nonce"],
        code_challenge="",
        authenticated_at=int((row.authenticated_at or now).timestamp()),
        expires_at=int(now.timestamp()),
        is_used=True,
    )


def _record(acting_user: Actor, grant: Grant, client: ClientRecord, issue: ImplicitIssue) -> None:
    record_event(
        acting_user=acting_user,
        action="grant.made",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.organization,
        data={"client": client.client_id, "scope": grant.scope, "profile": LEGACY},
    )
    record_event(
        acting_user=Actor("client", client.client_id, client.application_name),
        action="token.issued",
        object_kind="token",
        object_id=issue.claims["jti"] if issue.claims else grant.public_id,
        organization_id=client.organization,
        data={"grant_type": IMPLICIT, "scope": issue.scope, "grant": grant.public_id, "profile": LEGACY},
    )
