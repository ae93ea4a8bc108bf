"""Name and password against tokens: RFC 6749 section 4.3. Only for who an operator allowed it, until a day.

Wrong passwords are slowed by name and by address in the customer directory, and here by client: an application that was
broken into must not try all customers.
"""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from propylon.applications.models import Client
from propylon.audit.actions import record_event
from propylon.authserver.attempts import Bound
from propylon.authserver.caller import Caller
from propylon.authserver.exchange import new_refresh_token
from propylon.authserver.models import Grant
from propylon.authserver.pairwise import own_subject, told_subject
from propylon.authserver.proofs import remember_assertion, remember_proof
from propylon.authserver.selectors import client_record
from propylon.authserver.signing import signers
from propylon.authserver.strength import refuse_high_risk
from propylon.customers.directory import authenticate as find_customer
from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.kernel.actor import Actor
from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.client_authentication import authenticate, read_presented
from propylon.oauth.errors import OAuthError, wrong_password
from propylon.oauth.policy import LEGACY, PASSWORD, REFRESH_TOKEN
from propylon.oauth.records import GrantRecord
from propylon.oauth.token_request import check_before_password, decide
from propylon.oauth.tokens import REFRESH_TOKEN_TTL, Issue, token_response
from propylon.sealing.entropy import new_public_id

FAILURES_PER_CLIENT = Bound("password of a client", 60, timedelta(minutes=1))


def password_grant(caller: Caller) -> dict[str, Any]:
    """The answer with the tokens. A refusal stores nothing but the count of failures."""
    now = int(time.time())
    presented = read_presented(caller.form, caller.authorization)
    proven = authenticate(
        client_record(presented.client_id), presented, caller.certificate, now, issuer=settings.PROPYLON_ISSUER_URL
    )
    if proven.assertion is not None:
        remember_assertion(proven.assertion)
    attempt = caller.attempt(proven.client, PASSWORD, now)
    check_before_password(attempt)
    return _issue(replace(attempt, password_grant=_grant_for(attempt)))


def _grant_for(attempt: TokenAttempt) -> GrantRecord:
    """What will be stored for the customer whose name and password these are."""
    client, form = attempt.client, attempt.form
    if FAILURES_PER_CLIENT.is_spent(client.client_id):
        raise wrong_password("too many failures of this client")
    try:
        customer = find_customer(
            client.environment, form["username"].strip(), form["password"], address=attempt.source_address
        )
    except DirectoryUnavailable as failure:
        raise OAuthError(
            "temporarily_unavailable", "Try again in a few minutes.", status=503, detail=str(failure)
        ) from None
    if customer is None:
        FAILURES_PER_CLIENT.count(client.client_id)
        raise wrong_password("unknown name, wrong password, or too many attempts")
    return GrantRecord(
        grant_id=new_public_id("gr"),
        client_id=client.client_id,
        subject=told_subject(client.client_id, client.environment, customer.subject) or customer.subject,
        generation=1,
        expires_at=min(attempt.now + REFRESH_TOKEN_TTL, client.legacy_ends_at),
        is_revoked=False,
        made_by=PASSWORD,
    )


@transaction.atomic
def _issue(attempt: TokenAttempt) -> dict[str, Any]:
    issue = decide(attempt, issuer=settings.PROPYLON_ISSUER_URL, jti=new_public_id("at"))
    refuse_high_risk(issue.scope.split())
    if issue.proof is not None:
        remember_proof(issue.proof)
    grant = _store(attempt, issue)
    refresh_token = ""
    if REFRESH_TOKEN in attempt.client.policy.grants:
        refresh_token = new_refresh_token(grant, issue.scope, "", grant.created_at)
    return token_response(issue, access_token=signers.get().access_token(issue.claims), refresh_token=refresh_token)


def _store(attempt: TokenAttempt, issue: Issue) -> Grant:
    client, record = attempt.client, attempt.password_grant
    assert record is not None  # noqa: S101  (a rule refuses who is not known)
    subject = own_subject(client.client_id, client.environment, record.subject)
    grant = Grant.objects.create(
        public_id=record.grant_id,
        client=Client.objects.get(client_id=client.client_id),
        subject=subject,
        told_subject=record.subject if record.subject != subject else "",
        scope=issue.scope,
        made_by=PASSWORD,
        created_at=datetime.fromtimestamp(attempt.now, UTC),
        expires_at=datetime.fromtimestamp(record.expires_at, UTC),
    )
    data = {"client": client.client_id, "scope": issue.scope, "grant_type": PASSWORD, "profile": LEGACY}
    record_event(
        acting_user=Actor("customer", subject, "customer"),
        action="grant.made",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.organization,
        data=data,
    )
    record_event(
        acting_user=Actor("client", client.client_id, client.application_name),
        action="token.issued",
        object_kind="token",
        object_id=issue.claims["jti"],
        organization_id=client.organization,
        data={**data, "grant": grant.public_id, "address": attempt.source_address},
    )
    return grant
