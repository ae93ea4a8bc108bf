"""Access tokens for the portal's call console: no request of the client's, but a developer's own act (record 0010).

They are real tokens, with the claims and generations of any other, so everything that the gateway enforces applies.
What differs: they live for five minutes, they are made only where an environment approves by itself, the event log
names the person, and their `jti` begins with `ct_`, so that a call record shows where the call came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.applications.models import Client
from propylon.audit.actions import record_event
from propylon.authserver.models import Grant
from propylon.authserver.pairwise import told_subject
from propylon.authserver.selectors import client_record, grant_record
from propylon.authserver.signing import signers
from propylon.customers.selectors import sandbox_identity
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.peer_certificate import PeerCertificate
from propylon.kernel.secret import Secret
from propylon.oauth.policy import CLIENT_CREDENTIALS
from propylon.oauth.records import ClientRecord
from propylon.oauth.tokens import CONSOLE_TOKEN_TTL, access_token_claims, bind_to_key
from propylon.sealing.entropy import new_public_id

JTI_PREFIX = "ct"


@dataclass(frozen=True, slots=True)
class ConsoleToken:
    """`grant` is the public id of a customer's grant, "" for the client's own token."""

    value: Secret
    jti: str
    scope: str
    expires_at: datetime
    grant: str = ""


def is_console_token(jti: str) -> bool:
    """Was the token with this `jti` (of a call record) made for the call console?"""
    return jti.startswith(f"{JTI_PREFIX}_")


@transaction.atomic
def issue_console_token(
    *,
    acting_user: Actor,
    client: Client,
    scopes: Sequence[str],
    certificate: PeerCertificate | None = None,
    key_thumbprint: str = "",
    identity_number: str = "",
) -> ConsoleToken:
    """A token of the client; of one of the sandbox's published identities where the client acts for customers.

    The call will present `certificate`, or proofs of the key with this thumbprint (RFC 7638). Raises `console_token.*`.
    """
    record = _record_of(client)
    _check_scopes(record, scopes)
    _check_certificate(record, certificate)
    _check_bound(record, certificate, key_thumbprint)
    now = timezone.now().replace(microsecond=0)
    expires_at = now + timedelta(seconds=CONSOLE_TOKEN_TTL)
    scope = " ".join(scopes)
    grant = None
    if CLIENT_CREDENTIALS not in record.policy.grants:
        grant = _make_grant(acting_user, client, identity_number, scope, expires_at)
    claims = access_token_claims(
        record,
        grant_record(grant) if grant else None,
        certificate=certificate if record.binds_tokens or record.policy.binds_tokens else None,
        scope=scope,
        issuer=settings.PROPYLON_ISSUER_URL,
        jti=new_public_id(JTI_PREFIX),
        now=int(now.timestamp()),
        ttl=CONSOLE_TOKEN_TTL,
    )
    if key_thumbprint:
        bind_to_key(claims, key_thumbprint)
    record_event(
        acting_user=acting_user,
        action="token.issued",
        object_kind="token",
        object_id=claims["jti"],
        organization_id=record.organization,
        data={
            "made_for": "console",
            "client": record.client_id,
            "scope": scope,
            **({"grant": grant.public_id} if grant else {}),
        },
    )
    value = Secret(signers.get().access_token(claims))
    expiry = datetime.fromtimestamp(claims["exp"], UTC)
    return ConsoleToken(value, claims["jti"], scope, expiry, grant.public_id if grant else "")


def _record_of(client: Client) -> ClientRecord:
    if not client.environment.approves_by_itself:
        raise PropylonError(
            "console_token.environment_refused",
            f"The console calls test environments only, not {client.environment.title}. Use a code sample there.",
            kind=Kind.FORBIDDEN,
        )
    record = client_record(client.client_id)
    if record is None or not record.is_active:
        raise PropylonError(
            "console_token.client_not_approved",
            "This application is not approved in its environment. The console calls with it once it is.",
            kind=Kind.CONFLICT,
        )
    return record


def _check_scopes(record: ClientRecord, scopes: Sequence[str]) -> None:
    missing = [scope for scope in scopes if scope not in record.scopes]
    if missing or not scopes:
        raise PropylonError(
            "console_token.scope_not_subscribed",
            "The application is not subscribed to the product of this operation. Subscribe it first.",
            kind=Kind.CONFLICT,
            detail=f"asked for {', '.join(missing) or 'nothing'}",
        )


def _check_certificate(record: ClientRecord, certificate: PeerCertificate | None) -> None:
    if certificate is None:
        if record.binds_tokens:
            raise PropylonError(
                "console_token.certificate_missing",
                "Tokens of this application are bound to its certificate. Call on the mutual TLS address.",
                kind=Kind.CONFLICT,
            )
        return
    if record.certificates.get(certificate.fingerprint, 0) <= timezone.now().timestamp():
        raise PropylonError(
            "console_token.certificate_foreign",
            "The certificate is not the application's, has expired or was revoked. Try again.",
            kind=Kind.CONFLICT,
        )


def _check_bound(record: ClientRecord, certificate: PeerCertificate | None, key_thumbprint: str) -> None:
    """As the token endpoint does (propylon.oauth.rules.check_token_bound)."""
    if record.policy.binds_tokens and certificate is None and not key_thumbprint:
        raise PropylonError(
            "console_token.binding_missing",
            "Tokens of this application are bound to a certificate or a key. Show one of them.",
            kind=Kind.CONFLICT,
        )


def _make_grant(acting_user: Actor, client: Client, identity_number: str, scope: str, expires_at: datetime) -> Grant:
    """As if the customer had agreed; only published identities, whom nobody real has, can be chosen."""
    customer = sandbox_identity(client.environment.name, identity_number) if identity_number else None
    if customer is None:
        raise PropylonError(
            "console_token.customer_missing",
            "This application acts for customers. Choose one of the sandbox's published identities.",
            kind=Kind.MALFORMED,
            errors=[FieldError("customer", "body", "choose one of the list")],
        )
    grant = Grant.objects.create(
        public_id=new_public_id("gr"),
        client=client,
        subject=customer.subject,
        told_subject=told_subject(client.client_id, client.environment.name, customer.subject),
        scope=scope,
        created_at=timezone.now(),
        expires_at=expires_at,
    )
    record_event(
        acting_user=acting_user,
        action="grant.made_for_console",
        object_kind="grant",
        object_id=grant.public_id,
        organization_id=client.application.organization.public_id,
        data={"made_for": "console", "client": client.client_id, "scope": scope},
    )
    return grant
