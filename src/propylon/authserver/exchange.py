"""Codes, refresh tokens and customers' approvals (CIBA) against tokens: RFC 6749 sections 4.1.3 and 6.

Everything in one transaction.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.authserver.actions import end_grant
from propylon.authserver.caller import Caller
from propylon.authserver.models import AuthorizationCode, BackchannelRequest, Grant, RefreshToken
from propylon.authserver.polling import backchannel_record, note_poll, use_approval
from propylon.authserver.prepared import PreparedRow
from propylon.authserver.proofs import remember_assertion, remember_proof
from propylon.authserver.selectors import client_record, code_record, refresh_record
from propylon.authserver.signing import signers
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.client_authentication import authenticate, read_presented
from propylon.oauth.errors import OAuthError
from propylon.oauth.policy import CIBA, REFRESH_TOKEN
from propylon.oauth.records import ClientRecord
from propylon.oauth.token_request import decide
from propylon.oauth.tokens import REFRESH_TOKEN_TTL, Issue, at_hash, token_response
from propylon.sealing.entropy import digest, new_public_id, new_secret

_REFRESH_PREFIX = "prt_"
_Stored = AuthorizationCode | RefreshToken | BackchannelRequest
_Row = TypeVar("_Row", AuthorizationCode, RefreshToken, BackchannelRequest)


def exchange(caller: Caller, grant_type: str) -> dict[str, Any]:
    """The answer with the tokens. A refusal changes nothing, except that a sign of theft ends the grant."""
    now = int(time.time())
    presented = read_presented(caller.form, caller.authorization)
    proven = authenticate(
        client_record(presented.client_id), presented, caller.certificate, now, issuer=settings.PROPYLON_ISSUER_URL
    )
    if proven.assertion is not None:
        remember_assertion(proven.assertion)
    answer = _exchange(caller, proven.client, grant_type, now)
    if isinstance(answer, OAuthError):
        raise answer
    return answer


@transaction.atomic
def _exchange(caller: Caller, client: ClientRecord, grant_type: str, now: int) -> dict[str, Any] | OAuthError:
    """A refusal is returned, not raised: the end of a grant must be committed."""
    row, attempt = _load(caller, client, grant_type, now)
    actor = Actor("client", client.client_id, client.application_name)
    try:
        issue = decide(attempt, issuer=settings.PROPYLON_ISSUER_URL, jti=new_public_id("at"))
        if issue.proof is not None:
            remember_proof(issue.proof)
    except OAuthError as error:
        if isinstance(row, BackchannelRequest):
            note_poll(row, error, now)
        elif error.ends_grant and row is not None:
            end_grant(acting_user=actor, grant=row.grant, reason=error.detail)
        return error
    assert row is not None  # noqa: S101  (the rules refuse what is not stored)
    grant = use_approval(row, issue, client, now) if isinstance(row, BackchannelRequest) else row.grant
    refresh_token = _store(row, grant, client, issue, caller, now)
    record_event(
        acting_user=actor,
        action="token.issued",
        object_kind="token",
        object_id=issue.claims["jti"],
        organization_id=client.organization,
        data={"grant_type": grant_type, "scope": issue.scope, "grant": grant.public_id},
    )
    signer = signers.get()
    access_token = signer.access_token(issue.claims)
    id_claims = issue.id_token_claims
    return token_response(
        issue,
        access_token=access_token,
        refresh_token=refresh_token,
        id_token=signer.id_token({**id_claims, "at_hash": at_hash(access_token)}) if id_claims else "",
    )


def _load(caller: Caller, client: ClientRecord, grant_type: str, now: int) -> tuple[_Stored | None, TokenAttempt]:
    """The stored code, refresh token or question to a customer, locked, and what the engine sees of it."""
    if grant_type == REFRESH_TOKEN:
        token = _locked(_refresh_tokens, caller.form.get("refresh_token", ""))
        return token, caller.attempt(client, grant_type, now, refresh=refresh_record(token) if token else None)
    if grant_type == CIBA:
        asked = _locked(_questions, caller.form.get("auth_req_id", ""))
        seen = backchannel_record(asked, now) if asked else None
        return asked, caller.attempt(client, grant_type, now, backchannel=seen)
    code = _locked(_codes, caller.form.get("code", ""))
    return code, caller.attempt(client, grant_type, now, code=code_record(code) if code else None)


_WITH_ITS_GRANT = ("grant", "grant__client", "grant__client__environment")
_codes = PreparedRow(AuthorizationCode, "digest", _WITH_ITS_GRANT, is_locked=True)
_refresh_tokens = PreparedRow(RefreshToken, "digest", _WITH_ITS_GRANT, is_locked=True)
_questions = PreparedRow(BackchannelRequest, "digest", ("client", "client__environment"), is_locked=True)


def _locked(rows: PreparedRow[_Row], value: str) -> _Row | None:
    found = rows.get(digest(Secret(value))) if value else None
    return found[0] if found else None


def _store(row: _Stored, grant: Grant, client: ClientRecord, issue: Issue, caller: Caller, now: int) -> str:
    """Use the code up, or rotate the refresh token of a public client; the refresh token to answer with."""
    at = datetime.fromtimestamp(now, UTC)
    if isinstance(row, BackchannelRequest):
        return new_refresh_token(grant, issue.scope, "", at)
    if isinstance(row, AuthorizationCode):
        row.used_at = at
        row.save(update_fields=["used_at"])
        if REFRESH_TOKEN not in client.policy.grants:
            return ""
        # The refresh tokens of other clients are bound by their authentication (RFC 9449, 5).
        key = issue.proof.thumbprint if issue.proof and client.policy.is_public else ""
        asked = row.scope.split()  # without what details stand for: the next token may have fewer of them
        scope = " ".join(name for name in issue.scope.split() if name in asked)
        return new_refresh_token(row.grant, scope, key, at)
    if not client.policy.rotates_refresh_tokens:
        return caller.form["refresh_token"]  # FAPI 2.0, 5.3.2.1: no rotation
    row.rotated_at = at
    row.save(update_fields=["rotated_at"])
    return new_refresh_token(row.grant, row.scope, row.key, at)


def new_refresh_token(grant: Grant, scope: str, key: str, at: datetime) -> str:
    secret = new_secret(_REFRESH_PREFIX)
    RefreshToken.objects.create(
        digest=digest(secret),
        grant=grant,
        scope=scope,
        key=key,
        issued_at=at,
        expires_at=min(at + timedelta(seconds=REFRESH_TOKEN_TTL), grant.expires_at),
    )
    return secret.reveal()
