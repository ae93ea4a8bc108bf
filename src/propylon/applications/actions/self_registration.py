"""Clients that register themselves (RFC 7591, 7592): initial access tokens, and what a registration becomes."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.accounts.models import Organization, User
from propylon.applications.actions.certificate_names import set_certificate_name
from propylon.applications.actions.changes import change_application, set_redirect_uris
from propylon.applications.actions.public_keys import set_public_keys
from propylon.applications.actions.registration import register_application
from propylon.applications.actions.subscriptions import subscribe, unsubscribe
from propylon.applications.check_reason import check_required_reason
from propylon.applications.events import record_client
from propylon.applications.models import Client, RegistrationToken
from propylon.applications.scope_products import products_with_scopes
from propylon.audit.actions import record_event
from propylon.catalog.models import Environment
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError
from propylon.kernel.secret import Secret
from propylon.oauth.registration import Registration
from propylon.sealing.entropy import digest, new_public_id, new_secret

MOST_USES, MOST_DAYS = 100, 90


@transaction.atomic
def make_registration_token(
    *,
    acting_user: Actor,
    organization: Organization,
    environment: Environment,
    created_by: User | None,
    note: str,
    uses: int,
    days: int,
) -> tuple[RegistrationToken, Secret]:
    """The token, told once. Raises `registration_token.invalid` with every mistake."""
    errors = check_required_reason(note, "note")
    if not errors and len(note.strip()) > 120:
        errors = [FieldError("note", "body", "longer than 120 characters")]
    bounds = {"uses": (uses, MOST_USES), "days": (days, MOST_DAYS)}
    errors += [
        FieldError(name, "body", f"between 1 and {most}")
        for name, (value, most) in bounds.items()
        if not 1 <= value <= most
    ]
    refuse_if("registration_token.invalid", "Correct the fields named in errors and try again.", errors)
    secret, now = new_secret("pit_"), timezone.now()
    token = RegistrationToken.objects.create(
        public_id=new_public_id("rgt"),
        digest=digest(secret),
        organization=organization,
        environment=environment,
        note=note.strip(),
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(days=days),
        uses_left=uses,
    )
    _record(acting_user, "made", token, uses=uses, expires_at=token.expires_at.isoformat())
    return token, secret


@transaction.atomic
def end_registration_token(*, acting_user: Actor, token: RegistrationToken) -> None:
    """Twice changes nothing. Clients that were registered with it stay."""
    if RegistrationToken.objects.filter(pk=token.pk, ended_at=None).update(ended_at=timezone.now()):
        _record(acting_user, "ended", token)


@transaction.atomic
def register_client(*, token: RegistrationToken, wish: Registration) -> tuple[Client, Secret] | None:
    """The client and its registration access token; None if the initial access token is of no use (any more).

    Raises `application.request.invalid`, `client.public_keys.invalid`, `client.scope.unknown`; then no use was made.
    """
    current = RegistrationToken.objects.select_for_update().get(pk=token.pk)
    if not current.is_live:
        return None
    current.uses_left -= 1
    current.save(update_fields=["uses_left"])
    actor = actor_of_token(current)
    _, client, _ = register_application(
        acting_user=actor,
        organization=current.organization,
        name=wish.name,
        type=wish.type,
        contact_email=wish.contact,
        environment=current.environment,
        created_by=current.created_by,
        redirect_uris=wish.redirect_uris,
        products=[product.name for product in products_with_scopes(wish.scope)],
        security_profile=wish.profile,
        token_endpoint_auth_method=wish.auth_method,
        binds_tokens_to_certificate=wish.binds_tokens,
        note=f"Registered by itself, with the token for {current.note}"[:400],
    )
    if wish.has_keys:
        _set_keys(actor, client, wish)
    _set_name(actor, client, wish)
    secret = new_secret("prg_")
    client.registered_with, client.registration_digest = current, digest(secret)
    client.save(update_fields=["registered_with", "registration_digest"])
    record_client(actor, "registered_itself", client, token=current.public_id, note=current.note)
    return client, secret


@transaction.atomic
def change_registration(*, acting_user: Actor, client: Client, wish: Registration) -> None:
    """RFC 7592, 2.2: all of it anew. Type, profile and method stay; keys of the client's secret are never rotated here.

    Raises what the actions behind it raise; then nothing was changed.
    """
    change_application(
        acting_user=acting_user, application=client.application, name=wish.name, contact_email=wish.contact
    )
    if list(wish.redirect_uris) != client.redirect_uris:
        set_redirect_uris(acting_user=acting_user, client=client, redirect_uris=wish.redirect_uris)
    before = (client.public_keys, client.jwks_uri, client.requires_signed_requests)
    if ([dict(key) for key in wish.keys], wish.key_address, wish.requires_signed_requests) != before:
        _set_keys(acting_user, client, wish)
    _set_name(acting_user, client, wish)
    wanted = {product.pk: product for product in products_with_scopes(wish.scope)}
    held = {row.product_id: row for row in client.subscriptions.select_related("product", "client")}
    for key in held.keys() - wanted.keys():
        unsubscribe(acting_user=acting_user, subscription=held[key])
    for key in wanted.keys() - held.keys():
        subscribe(acting_user=acting_user, client=client, product=wanted[key])
    client.refresh_from_db()


def actor_of_token(token: RegistrationToken) -> Actor:
    return Actor("client", token.public_id, token.note)


def _set_keys(actor: Actor, client: Client, wish: Registration) -> None:
    keys = [dict(key) for key in wish.keys]
    set_public_keys(
        acting_user=actor,
        client=client,
        keys=keys,
        jwks_uri=wish.key_address,
        requires_signed_requests=wish.requires_signed_requests,
    )


def _set_name(actor: Actor, client: Client, wish: Registration) -> None:
    kind, name = wish.certificate_name
    set_certificate_name(acting_user=actor, client=client, kind=kind, name=name)


def _record(acting_user: Actor, what: str, token: RegistrationToken, **data: object) -> None:
    record_event(
        acting_user=acting_user,
        action=f"registration_token.{what}",
        object_kind="registration_token",
        object_id=token.public_id,
        organization_id=token.organization.public_id,
        data={"note": token.note, "environment": token.environment.name, **data},
    )
