"""What the management API takes and says of applications and their clients."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema

from propylon.applications.models import Application, Client, Regeneration, Subscription
from propylon.applications.overlaps import NO_OVERLAP, USUAL_OVERLAP
from propylon.applications.selectors import scopes_of
from propylon.audit.paging import Paging


class ClientIn(Schema):
    """An application in one environment."""

    environment: str = Field("sandbox", max_length=40)
    security_profile: str = Field("", max_length=10, description="Empty: the default of the type.")
    token_endpoint_auth_method: str = Field("", max_length=30, description="Empty: the default of type and profile.")
    binds_tokens_to_certificate: bool = Field(
        False, description="For a client with a secret: its tokens work only with its certificate."
    )
    redirect_uris: list[str] = Field(default_factory=list, max_length=50)
    source_ranges: list[str] = Field(default_factory=list, max_length=200)
    products: list[str] = Field(default_factory=list, max_length=100, description="Names of products to subscribe to.")
    note: str = Field("", max_length=400, description="For the operator, where one decides about the request.")
    orders_certificate: bool = Field(
        False, description="Once it is approved, its certificate is made with a key of ours; a mail brings the link."
    )


class ApplicationIn(ClientIn):
    organization: str = Field("", max_length=40, description="Id; needed only if you belong to more than one.")
    name: str = Field(max_length=200)
    type: str = Field(max_length=16, description="server, web, internal, spa or native")
    contact_email: str = Field(max_length=254)


class ApplicationChange(Schema):
    name: str | None = Field(None, max_length=200)
    contact_email: str | None = Field(None, max_length=254)


class SubscriptionOut(Schema):
    id: str
    product: str
    title: str
    scopes: list[str]
    created_at: datetime


class SubscriptionIn(Schema):
    product: str = Field(max_length=60)


class SubscriptionList(Schema):
    data: list[SubscriptionOut]


class ClientOut(Schema):
    client_id: str
    application: str = Field(description="The application's id.")
    environment: str
    status: str = Field(description="pending, approved or rejected")
    decided_at: datetime | None
    decision_reason: str = Field(description="Of the last decision.")
    requested_at: datetime = Field(description="The last time, if it was asked for again after a rejection.")
    requests: int = Field(description="How often it was asked for.")
    request_note: str = Field(description="For who decides; after a rejection, what has changed since.")
    security_profile: str
    token_endpoint_auth_method: str
    has_secret: bool
    old_secret_ends_at: datetime | None = Field(description="Until then the secret before the present one works too.")
    binds_tokens_to_certificate: bool
    orders_certificate: bool = Field(description="Its certificate is made with its approval.")
    may_ask_customers: bool = Field(description="On their own devices, by CIBA.")
    redirect_uris: list[str]
    source_ranges: list[str]
    public_keys: list[dict[str, str]] = Field(description="JWKs; what the client signs is verified with them.")
    certificate_name_kind: str = Field(description="dns, uri, ip or email; empty: its certificate is known by the CN.")
    certificate_name: str = Field(description="The alternative name that its certificate must have.")
    jwks_uri: str = Field(description="Where its keys lie instead; empty: they are those in public_keys.")
    legacy_ends_at: datetime | None = Field(description="Until then an operator allows the profile legacy.")
    legacy_reason: str
    registered_itself: bool = Field(description="By dynamic registration (RFC 7591).")
    service_account: str | None = Field(description="The CN that its certificate must carry.")
    plan: str
    scopes: list[str] = Field(description="What it may ask for, by its subscriptions.")
    subscriptions: list[SubscriptionOut]
    created_at: datetime


class ClientPage(Schema):
    data: list[ClientOut]
    paging: Paging


class ApplicationOut(Schema):
    id: str
    organization: str
    name: str
    type: str
    contact_email: str
    created_at: datetime
    clients: list[ClientOut]


class ApplicationPage(Schema):
    data: list[ApplicationOut]
    paging: Paging


class NewApplicationOut(ApplicationOut):
    client_secret: str | None = Field(description="For an approved client that has one. Show gives it again later.")


class NewClientOut(ClientOut):
    client_secret: str | None


class PasswordIn(Schema):
    password: str = Field(max_length=2000, description="Your own password, once more.")


class SecretOut(Schema):
    client_id: str
    client_secret: str
    basic: str = Field(description="Base64 of client_id:client_secret, for `Authorization: Basic …`.")


class DecisionIn(Schema):
    decision: str = Field(description="approve or reject", pattern="^(approve|reject)$")
    reason: str = Field("", max_length=400)
    seen_status: str = Field("", max_length=10, description="Decide only if the status still is this one.")


class RequestIn(Schema):
    note: str = Field(max_length=400, description="What has changed since the rejection. Who decides reads it.")


class ReasonIn(Schema):
    reason: str = Field(max_length=400)


_OVERLAP = "How long the old secret works beside the new one: none, 1h, 24h or 7d."


class RegenerationWish(ReasonIn):
    may_be_known: bool = Field(False, description="Somebody else may have the old secret: it should end at once.")


class RegenerationIn(ReasonIn):
    overlap: str = Field(
        NO_OVERLAP, max_length=8, description=f"{_OVERLAP} With none its tokens are refused at once as well."
    )


class RegenerationDecisionIn(Schema):
    decision: str = Field(description="approve or refuse", pattern="^(approve|refuse)$")
    overlap: str = Field(USUAL_OVERLAP, max_length=8, description=_OVERLAP)
    note: str = Field("", max_length=400, description="Needed to refuse. The developers read it.")


class RegenerationOut(Schema):
    id: str
    client_id: str
    application: str = Field(description="The application's id.")
    environment: str
    state: str = Field(description="waiting, approved, refused or withdrawn")
    reason: str
    asked_by: str | None = Field(description="Id of the person; null when it was the operator's own decision.")
    asked_at: datetime
    decided_at: datetime | None
    note: str
    may_be_known: bool = Field(description="Somebody else may have the old secret, say those who asked.")
    overlap: str = Field(description="Chosen with the approval: none, 1h, 24h or 7d.")


class RegenerationPage(Schema):
    data: list[RegenerationOut]
    paging: Paging


class PlanChoice(Schema):
    plan: str = Field(max_length=60, description="Name of one of the program's plans.")


class RedirectUris(Schema):
    redirect_uris: list[str] = Field(max_length=50)


class SourceRanges(Schema):
    source_ranges: list[str] = Field(max_length=200)


class LegacyIn(Schema):
    """What RFC 9700 forbids, for one client: web (code without PKCE), internal (password), single-page (implicit)."""

    reason: str = Field(max_length=400, description="The developers read it.")
    last_day: date = Field(description="In UTC, inclusive; at most 365 days away.")


class PublicKeys(Schema):
    """A JWK Set (RFC 7517) of public keys: EC P-256, RSA from 2048 bits, or Ed25519. Or the address where one lies."""

    keys: list[dict[str, Any]] = Field([], max_length=10)
    jwks_uri: str = Field("", max_length=500, description="https; the keys are fetched from there. Then give no keys.")
    requires_signed_requests: bool = Field(
        False, description="Authorization requests of this client that are not signed (RFC 9101) are refused."
    )


class CertificateName(Schema):
    """The alternative name by which the client's certificate is known (RFC 8705, 2.1.2)."""

    kind: str = Field("", max_length=5, description="dns, uri, ip or email; empty: the CN counts.")
    name: str = Field("", max_length=253)


class AskingCustomers(Schema):
    is_allowed: bool = Field(description="Whether the client may ask customers on their own devices (CIBA).")


class ServiceAccountOut(Schema):
    name: str
    client_id: str


def subscription_out(subscription: Subscription) -> SubscriptionOut:
    return SubscriptionOut(
        id=subscription.public_id,
        product=subscription.product.name,
        title=subscription.product.title,
        scopes=sorted(scope.name for scope in subscription.product.scopes.all()),
        created_at=subscription.created_at,
    )


def client_out(client: Client) -> ClientOut:
    account = getattr(client, "service_account", None)
    return ClientOut(
        client_id=client.client_id,
        application=client.application.public_id,
        environment=client.environment.name,
        status=client.status,
        decided_at=client.decided_at,
        decision_reason=client.decision_reason,
        requested_at=client.requested_at,
        requests=client.requests,
        request_note=client.request_note,
        security_profile=client.security_profile,
        token_endpoint_auth_method=client.token_endpoint_auth_method,
        has_secret=bool(client.secret_digest),
        old_secret_ends_at=client.old_secret_ends_at if client.has_two_secrets else None,
        binds_tokens_to_certificate=client.binds_tokens_to_certificate,
        orders_certificate=client.orders_certificate,
        may_ask_customers=client.may_ask_customers,
        redirect_uris=client.redirect_uris,
        source_ranges=sorted(row.cidr for row in client.source_ranges.all()),
        public_keys=client.public_keys,
        certificate_name_kind=client.certificate_name_kind,
        certificate_name=client.certificate_name,
        jwks_uri=client.jwks_uri,
        registered_itself=bool(client.registration_digest),
        legacy_ends_at=client.legacy_ends_at if client.is_legacy else None,
        legacy_reason=client.legacy_reason if client.is_legacy else "",
        service_account=account.name if account else None,
        plan=client.plan.name,
        scopes=list(scopes_of(client)),
        subscriptions=[subscription_out(row) for row in client.subscriptions.all()],
        created_at=client.created_at,
    )


def regeneration_out(row: Regeneration) -> RegenerationOut:
    return RegenerationOut(
        id=row.public_id,
        client_id=row.client.client_id,
        application=row.client.application.public_id,
        environment=row.client.environment.name,
        state=row.state,
        reason=row.reason,
        asked_by=row.asked_by.public_id if row.asked_by else None,
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        note=row.note,
        may_be_known=row.may_be_known,
        overlap=row.overlap,
    )


def application_out(application: Application) -> ApplicationOut:
    return ApplicationOut(
        id=application.public_id,
        organization=application.organization.public_id,
        name=application.name,
        type=application.type,
        contact_email=application.contact_email,
        created_at=application.created_at,
        clients=[client_out(client) for client in application.clients.all()],
    )
