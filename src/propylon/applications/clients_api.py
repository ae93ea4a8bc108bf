"""Clients in the management API: decisions, keys, redirect URIs, source ranges, subscriptions, service account."""

from __future__ import annotations

import base64

from django.http import HttpRequest
from ninja import Field, Query, Router, Status

from propylon.accounts.access import actor_of, visible_organizations
from propylon.accounts.api_auth import current_user, source_address
from propylon.accounts.roles import Permission
from propylon.applications import actions
from propylon.applications.access import access_asking_customers, access_client
from propylon.applications.models import Client
from propylon.applications.schemas import (
    AskingCustomers,
    CertificateName,
    ClientOut,
    ClientPage,
    DecisionIn,
    LegacyIn,
    PasswordIn,
    PlanChoice,
    PublicKeys,
    ReasonIn,
    RedirectUris,
    RegenerationIn,
    RequestIn,
    SecretOut,
    ServiceAccountOut,
    SourceRanges,
    SubscriptionIn,
    SubscriptionList,
    SubscriptionOut,
    client_out,
    subscription_out,
)
from propylon.applications.selectors import (
    complete_client,
    complete_clients,
    product_to_subscribe,
    subscription_of,
)
from propylon.audit.paging import PageQuery, page_of
from propylon.catalog.access import plan_named
from propylon.kernel.errors import Kind, PropylonError

router = Router(tags=["Clients"])


class ClientQuery(PageQuery):
    status: str = Field("", description="pending, approved or rejected")
    environment: str = ""


@router.get("", response=ClientPage, summary="Clients, for example those that wait for a decision")
def list_clients(request: HttpRequest, query: Query[ClientQuery]) -> ClientPage:
    organizations = visible_organizations(current_user(request), Permission.VIEW_APPLICATIONS)
    found = complete_clients().filter(application__deleted_at=None, application__organization__in=organizations)
    if query.status:
        found = found.filter(status=query.status)
    if query.environment:
        found = found.filter(environment__name=query.environment)
    filters = {"status": query.status, "environment": query.environment}
    page = page_of(found, query, name="clients", filters=filters)
    return ClientPage(data=[client_out(row) for row in page.rows], paging=page.paging)


@router.get("/{client_id}", response=ClientOut, summary="One client")
def show_client(request: HttpRequest, client_id: str) -> ClientOut:
    return client_out(complete_client(_client(request, client_id, Permission.VIEW_APPLICATIONS)))


@router.post("/{client_id}/decision", response=ClientOut, summary="Approve or reject (operator)")
def decide(request: HttpRequest, client_id: str, payload: DecisionIn) -> ClientOut:
    """Rejecting an approved client takes the approval back: its tokens are refused at once."""
    actor = actor_of(current_user(request))
    client = _client(request, client_id, Permission.APPROVE)
    if payload.decision == "approve":
        actions.approve_client(acting_user=actor, client=client, reason=payload.reason, seen_status=payload.seen_status)
    else:
        actions.reject_client(acting_user=actor, client=client, reason=payload.reason, seen_status=payload.seen_status)
    return client_out(complete_client(client))


@router.post("/{client_id}/request", response=ClientOut, summary="Ask again after a rejection")
def ask_again(request: HttpRequest, client_id: str, payload: RequestIn) -> ClientOut:
    """Change the application first: name, redirect URIs, source ranges, subscriptions. Then an operator decides."""
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    actions.ask_again(acting_user=actor_of(current_user(request)), client=client, note=payload.note)
    return client_out(complete_client(client))


@router.post("/{client_id}/secret", response=SecretOut, summary="Show the secret (asks for your password, audited)")
def show_secret(request: HttpRequest, client_id: str, payload: PasswordIn) -> SecretOut:
    user = current_user(request)
    client = _client(request, client_id, Permission.SHOW_SECRETS)
    secret = actions.show_secret(
        acting_user=actor_of(user),
        user=user,
        client=client,
        password=payload.password,
        source_address=source_address(request),
    ).reveal()
    basic = base64.b64encode(f"{client.client_id}:{secret}".encode()).decode()
    return SecretOut(client_id=client.client_id, client_secret=secret, basic=basic)


@router.post("/{client_id}/secret-regeneration", response={204: None}, summary="Replace the secret (operator)")
def regenerate_secret(request: HttpRequest, client_id: str, payload: RegenerationIn) -> Status[None]:
    """Answers a request of the developers that waits, if there is one."""
    client = _client(request, client_id, Permission.MANAGE_PROGRAM)
    actions.regenerate_secret(
        acting_user=actor_of(current_user(request)), client=client, reason=payload.reason, overlap=payload.overlap
    )
    return Status(204, None)


@router.delete("/{client_id}/old-secret", response={204: None}, summary="End the old secret before its time")
def end_old_secret(
    request: HttpRequest,
    client_id: str,
    refuse_tokens: Query[bool] = False,
) -> Status[None]:
    """Of the two that work after a regeneration with overlap. `refuse_tokens` ends the client's tokens as well."""
    client = _client(request, client_id, Permission.SECURE)
    actions.end_old_secret(acting_user=actor_of(current_user(request)), client=client, refuse_tokens=refuse_tokens)
    return Status(204, None)


@router.post("/{client_id}/token-refusal", response={204: None}, summary="Refuse all tokens that it has")
def refuse_tokens(request: HttpRequest, client_id: str, payload: ReasonIn) -> Status[None]:
    """At once, at every gateway. Tokens that the client asks for afterwards work."""
    client = _client(request, client_id, Permission.SECURE)
    actions.refuse_tokens(acting_user=actor_of(current_user(request)), client=client, reason=payload.reason)
    return Status(204, None)


@router.put("/{client_id}/plan", response=ClientOut, summary="Give another plan (operator)")
def give_plan(request: HttpRequest, client_id: str, payload: PlanChoice) -> ClientOut:
    """How fast and how often it may call, by tokens that it asks for from now on."""
    client = _client(request, client_id, Permission.MANAGE_PROGRAM)
    actions.give_plan(acting_user=actor_of(current_user(request)), client=client, plan=plan_named(payload.plan))
    return client_out(complete_client(client))


@router.put("/{client_id}/legacy", response=ClientOut, summary="Allow the profile legacy until a day (operator)")
def allow_legacy(request: HttpRequest, client_id: str, payload: LegacyIn) -> ClientOut:
    """In force with the next request. Its developers are told, and read a warning until it ends by itself."""
    client = _client(request, client_id, Permission.MANAGE_PROGRAM)
    actions.allow_legacy(
        acting_user=actor_of(current_user(request)), client=client, reason=payload.reason, last_day=payload.last_day
    )
    return client_out(complete_client(client))


@router.post("/{client_id}/legacy/end", response=ClientOut, summary="End the profile legacy at once (operator)")
def end_legacy(request: HttpRequest, client_id: str, payload: ReasonIn) -> ClientOut:
    """Every token that the client has is refused within a second; what it gets by the standard profile works."""
    client = _client(request, client_id, Permission.MANAGE_PROGRAM)
    actions.end_legacy(acting_user=actor_of(current_user(request)), client=client, reason=payload.reason)
    return client_out(complete_client(client))


@router.put("/{client_id}/redirect-uris", response=RedirectUris, summary="Set the redirect URIs")
def set_redirect_uris(request: HttpRequest, client_id: str, payload: RedirectUris) -> RedirectUris:
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    actions.set_redirect_uris(
        acting_user=actor_of(current_user(request)), client=client, redirect_uris=payload.redirect_uris
    )
    return RedirectUris(redirect_uris=client.redirect_uris)


@router.put("/{client_id}/public-keys", response=PublicKeys, summary="Set the public keys of private_key_jwt")
def set_public_keys(request: HttpRequest, client_id: str, payload: PublicKeys) -> PublicKeys:
    """A JWK Set, or its address. With these alone the client's assertions are verified from now on; none: it cannot
    authenticate."""
    client = _client(request, client_id, Permission.SHOW_SECRETS)
    actions.set_public_keys(
        acting_user=actor_of(current_user(request)),
        client=client,
        keys=payload.keys,
        jwks_uri=payload.jwks_uri,
        requires_signed_requests=payload.requires_signed_requests,
    )
    return PublicKeys(
        keys=client.public_keys,
        jwks_uri=client.jwks_uri,
        requires_signed_requests=client.requires_signed_requests,
    )


@router.put("/{client_id}/certificate-name", response=CertificateName, summary="Set the name of its certificate")
def set_certificate_name(request: HttpRequest, client_id: str, payload: CertificateName) -> CertificateName:
    """Certificates that are ordered from now on have it, and only such a one authenticates the client."""
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    actions.set_certificate_name(
        acting_user=actor_of(current_user(request)), client=client, kind=payload.kind, name=payload.name
    )
    return CertificateName(kind=client.certificate_name_kind, name=client.certificate_name)


@router.put("/{client_id}/asking-customers", response=AskingCustomers, summary="Allow it to ask customers by CIBA")
def allow_asking_customers(request: HttpRequest, client_id: str, payload: AskingCustomers) -> AskingCustomers:
    """In a sandbox by the application's own people, elsewhere by the operator. In force with the next request."""
    user = current_user(request)
    client = access_asking_customers(user, client_id)
    actions.allow_asking_customers(acting_user=actor_of(user), client=client, is_allowed=payload.is_allowed)
    return AskingCustomers(is_allowed=client.may_ask_customers)


@router.get("/{client_id}/source-ranges", response=SourceRanges, summary="Where calls may come from")
def show_source_ranges(request: HttpRequest, client_id: str) -> SourceRanges:
    client = _client(request, client_id, Permission.VIEW_APPLICATIONS)
    return SourceRanges(source_ranges=sorted(client.source_ranges.values_list("cidr", flat=True)))


@router.put("/{client_id}/source-ranges", response=SourceRanges, summary="Set where calls may come from")
def set_source_ranges(request: HttpRequest, client_id: str, payload: SourceRanges) -> SourceRanges:
    """In force at the gateway within a second, also on open connections. None means from anywhere."""
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    ranges = actions.set_source_ranges(
        acting_user=actor_of(current_user(request)), client=client, source_ranges=payload.source_ranges
    )
    return SourceRanges(source_ranges=list(ranges))


@router.get("/{client_id}/service-account", response=ServiceAccountOut, summary="The CN its certificate must carry")
def show_service_account(request: HttpRequest, client_id: str) -> ServiceAccountOut:
    client = _client(request, client_id, Permission.VIEW_APPLICATIONS)
    account = getattr(client, "service_account", None)
    if account is None:
        raise PropylonError(
            "client.service_account.none",
            "This client has no service account; it needs none.",
            kind=Kind.NOT_FOUND,
        )
    return ServiceAccountOut(name=account.name, client_id=client.client_id)


@router.get("/{client_id}/subscriptions", response=SubscriptionList, summary="The products of the client")
def list_subscriptions(request: HttpRequest, client_id: str) -> SubscriptionList:
    client = complete_client(_client(request, client_id, Permission.VIEW_APPLICATIONS))
    return SubscriptionList(data=[subscription_out(row) for row in client.subscriptions.all()])


@router.post("/{client_id}/subscriptions", response={201: SubscriptionOut}, summary="Subscribe to a product")
def subscribe(request: HttpRequest, client_id: str, payload: SubscriptionIn) -> Status[SubscriptionOut]:
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    product = product_to_subscribe(payload.product)
    subscription = actions.subscribe(acting_user=actor_of(current_user(request)), client=client, product=product)
    return Status(201, subscription_out(subscription))


@router.delete("/{client_id}/subscriptions/{subscription_id}", response={204: None}, summary="Give a subscription up")
def unsubscribe(request: HttpRequest, client_id: str, subscription_id: str) -> Status[None]:
    """Tokens got before are refused within a second; the client asks for new ones."""
    client = _client(request, client_id, Permission.MANAGE_APPLICATIONS)
    actions.unsubscribe(
        acting_user=actor_of(current_user(request)), subscription=subscription_of(client, subscription_id)
    )
    return Status(204, None)


def _client(request: HttpRequest, client_id: str, permission: Permission) -> Client:
    return access_client(current_user(request), client_id, permission)
