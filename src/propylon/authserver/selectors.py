"""What the authorization server reads."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils import timezone

from propylon.applications.client_policy import policy_of
from propylon.applications.models import Client, ClientStatus
from propylon.authserver.client_rows import (
    certificates_of,
    client_row,
    keys_of,
    may_have_detail_types,
    scopes_of_subscriptions,
    source_ranges_of,
)
from propylon.authserver.detail_types import detail_types_of
from propylon.authserver.models import AuthorizationCode, Grant, RefreshToken, SigningKey
from propylon.catalog.addresses import address_of
from propylon.catalog.models import Environment, Scope
from propylon.kernel.errors import Kind, PropylonError
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME
from propylon.oauth.acr import SignIn
from propylon.oauth.client_keys import read_keys
from propylon.oauth.policy import Certificate as CertificateRule
from propylon.oauth.records import ClientRecord, CodeRecord, GrantRecord, Network, OldSecret, RefreshRecord

_Value = TypeVar("_Value", str, frozenset[str])


def audience(environment: Environment) -> str:
    return address_of(environment).public_url


def client_record(client_id: str) -> ClientRecord | None:
    """The client as the engine takes it; five queries, more where its products have types of details."""
    found = client_row(client_id)
    return _record(*found) if found else None


def _record(client: Client, service_account: str) -> ClientRecord:
    application = client.application
    rules = policy_of(client)
    certificates, psd2_roles = certificates_of(client)
    return ClientRecord(
        client_id=client.client_id,
        generation=client.generation,
        application=application.public_id,
        application_name=application.name,
        organization=_shared(application.organization.public_id),
        organization_name=_shared(application.organization.name),
        environment=_shared(client.environment.name),
        audience=_shared(audience(client.environment)),
        policy=rules,
        auth_method=client.token_endpoint_auth_method,
        secret_digest=client.secret_digest,
        redirect_uris=tuple(client.redirect_uris),
        binds_tokens=client.binds_tokens_to_certificate or rules.certificate is CertificateRule.REQUIRED,
        plan=_shared(client.plan.name),
        service_account=service_account,
        source_ranges=_networks(tuple(source_ranges_of(client))),
        scopes=_shared(scopes_of_subscriptions(client)),
        certificates=certificates,
        psd2_roles=psd2_roles,
        is_active=client.status == ClientStatus.APPROVED and application.deleted_at is None,
        old_secret=_old_secret(client),
        keys=read_keys(keys_of(client))[0],
        certificate_name=(client.certificate_name_kind, client.certificate_name),
        key_address=client.jwks_uri,
        requires_signed_requests=client.requires_signed_requests,
        legacy_ends_at=int(client.legacy_ends_at.timestamp()) if client.legacy_ends_at and rules.is_legacy else 0,
        demands_nonces=client.environment.demands_nonces,
        detail_types=detail_types_of(client) if may_have_detail_types(client) else {},
    )


# Many clients have these alike, and a hundred thousand may be kept in memory.
@lru_cache(maxsize=10_000)
def _shared(value: _Value) -> _Value:
    return value


@lru_cache(maxsize=10_000)
def _networks(cidrs: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(ip_network(cidr) for cidr in cidrs)


def _old_secret(client: Client) -> OldSecret | None:
    """With its end, which the engine looks at: an entry in memory ends it as well."""
    if not client.old_secret_digest or client.old_secret_ends_at is None:
        return None
    return OldSecret(client.old_secret_digest, int(client.old_secret_ends_at.timestamp()))


def scope_titles(names: tuple[str, ...]) -> list[str]:
    """What each scope is called on the consent page, in the order asked."""
    titles = dict(Scope.objects.filter(name__in=names).values_list("name", "title"))
    return [titles.get(name) or name for name in names if name in titles]


def all_scope_names() -> list[str]:
    """Scopes of visible products, for the metadata."""
    return list(Scope.objects.filter(product__is_visible=True).order_by("name").values_list("name", flat=True))


def _published_keys() -> QuerySet[SigningKey]:
    """Not retired, or retired so lately that tokens of theirs may live. Keys that will sign soon are in as well."""
    still_live = timezone.now() - LONGEST_TOKEN_LIFETIME
    return SigningKey.objects.filter(Q(retired_at=None) | Q(retired_at__gt=still_live)).order_by("activated_at", "pk")


def public_jwks() -> dict[str, Any]:
    """RFC 7517; the gateway verifies tokens with it."""
    return {"keys": [key.public_jwk for key in _published_keys()]}


def current_signing_key() -> SigningKey:
    """The newest key whose time to sign has come."""
    key = SigningKey.objects.filter(retired_at=None, activated_at__lte=timezone.now()).order_by("-activated_at").first()
    if key is None:
        raise PropylonError(
            "authserver.signing_key.missing",
            "There is no signing key. Run `propylon up`, which makes one, or restore the database.",
            kind=Kind.UNAVAILABLE,
        )
    return key


def grant_record(grant: Grant) -> GrantRecord:
    return GrantRecord(
        grant_id=grant.public_id,
        client_id=grant.client.client_id,
        subject=grant.told_subject or grant.subject,
        generation=grant.generation,
        expires_at=int(grant.expires_at.timestamp()),
        is_revoked=grant.revoked_at is not None,
        made_by=grant.made_by,
        sign_in=SignIn(grant.acr, tuple(grant.amr)) if grant.acr and grant.signed_in_at else None,
        signed_in_at=int(grant.signed_in_at.timestamp()) if grant.signed_in_at else 0,
        details=tuple(grant.authorization_details),
        accounts=grant.accounts,
    )


def code_record(row: AuthorizationCode) -> CodeRecord:
    grant = grant_record(row.grant)
    if row.acr:
        signed_in_at = int(row.authenticated_at.timestamp())
        grant = replace(grant, sign_in=SignIn(row.acr, tuple(row.amr)), signed_in_at=signed_in_at)
    return CodeRecord(
        grant=grant,
        redirect_uri=row.redirect_uri,
        scope=row.scope,
        nonce=row.nonce,
        code_challenge=row.code_challenge,
        authenticated_at=int(row.authenticated_at.timestamp()),
        expires_at=int(row.expires_at.timestamp()),
        is_used=row.used_at is not None,
        key=row.key,
    )


def refresh_record(row: RefreshToken) -> RefreshRecord:
    return RefreshRecord(
        grant=grant_record(row.grant),
        scope=row.scope,
        expires_at=int(row.expires_at.timestamp()),
        is_rotated=row.rotated_at is not None,
        is_revoked=row.revoked_at is not None,
        key=row.key,
    )


REQUEST_KEPT = timedelta(days=1)  # finished requests and used codes, so that reuse is recognised
