"""Registering an application, and asking for it in a further environment (straight line (c))."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import check_email, check_name, normal_email
from propylon.accounts.models import Organization, User
from propylon.applications import mails
from propylon.applications.actions.decisions import approve_client
from propylon.applications.actions.subscriptions import subscribe
from propylon.applications.events import record_application, record_client
from propylon.applications.models import Application, Client, ServiceAccount, SourceRange
from propylon.applications.plan_client import ClientPlan, ClientWish, plan_client
from propylon.applications.selectors import (
    names_in_use,
    next_service_account_name,
    plan_of_new_clients,
    products_by_name,
)
from propylon.catalog.models import Environment, Product
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.oauth.policy import TYPES
from propylon.sealing.entropy import new_public_id

BY_RULE = "automatically, by the sandbox's rule"  # an environment that approves by itself decided


@transaction.atomic
def register_application(  # noqa: PLR0913
    *,
    acting_user: Actor,
    organization: Organization,
    name: str,
    type: str,  # noqa: A002
    contact_email: str,
    environment: Environment,
    created_by: User | None,
    redirect_uris: Sequence[str] = (),
    products: Sequence[str] = (),
    security_profile: str | None = None,
    source_ranges: Sequence[str] = (),
    token_endpoint_auth_method: str = "",
    binds_tokens_to_certificate: bool = False,
    note: str = "",
    orders_certificate: bool = False,
) -> tuple[Application, Client, Secret | None]:
    """The application with its client in one environment; `products` are names, `note` is for who decides.
    With `orders_certificate` its approval orders the certificate too (`certificates.actions.order_wished`).

    The secret is there if the environment approves by itself and the client has one. Raises
    `application.request.invalid` with every mistake.
    """
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    name = " ".join(name.split())
    wish = ClientWish(
        type=type,
        security_profile=security_profile or "",
        token_endpoint_auth_method=token_endpoint_auth_method,
        binds_tokens_to_certificate=binds_tokens_to_certificate,
        redirect_uris=redirect_uris,
        source_ranges=source_ranges,
        products=products,
        note=note,
        orders_certificate=orders_certificate,
    )
    errors = check_application(organization, name, contact_email) + check_type(organization, type)
    known = products_by_name(list(products))
    plan, mistakes = plan_client(wish, known_products=known)
    if plan is None or errors:
        raise _refusal([*errors, *mistakes])
    application = Application.objects.create(
        public_id=new_public_id("app"),
        organization=organization,
        name=name,
        type=type,
        contact_email=normal_email(contact_email),
        created_by=created_by,
        created_at=timezone.now(),
    )
    record_application(acting_user, "registered", application, name=name, type=type)
    client, secret = _create_client(acting_user, application, environment, plan, list(known.values()))
    return application, client, secret


@transaction.atomic
def add_client(
    *, acting_user: Actor, application: Application, environment: Environment, wish: ClientWish
) -> tuple[Client, Secret | None]:
    """The application in a further environment: a client of its own, with keys of its own.

    Raises `client.exists`, `application.request.invalid` with every mistake.
    """
    Application.objects.select_for_update().get(pk=application.pk)
    if application.clients.filter(environment=environment).exists():
        raise PropylonError("client.exists", f"The application is in {environment.title} already.", kind=Kind.CONFLICT)
    known = products_by_name(list(wish.products))
    plan, mistakes = plan_client(wish, known_products=known)
    if plan is None:
        raise _refusal(mistakes)
    return _create_client(acting_user, application, environment, plan, list(known.values()))


def check_application(
    organization: Organization, name: str, contact_email: str, *, except_for: Application | None = None
) -> list[FieldError]:
    """Every mistake in the application's own fields."""
    errors = check_name(name, longest=80) + check_email(contact_email, "contact_email")
    if name.lower() in names_in_use(organization, except_for=except_for):
        errors.append(FieldError("name", "body", "your organization has an application of this name"))
    return errors


def check_type(organization: Organization, type_name: str) -> list[FieldError]:
    """A type of the bank's own is for the bank's own organizations."""
    policy = TYPES.get(type_name)
    if policy is None or not policy.is_of_the_bank or organization.is_operator:
        return []
    return [FieldError("type", "body", "is for the bank's own organizations; choose another type")]


def _create_client(
    acting_user: Actor, application: Application, environment: Environment, plan: ClientPlan, products: list[Product]
) -> tuple[Client, Secret | None]:
    client = Client.objects.create(
        application=application,
        environment=environment,
        client_id=new_public_id("cli"),
        security_profile=plan.security_profile,
        token_endpoint_auth_method=plan.token_endpoint_auth_method,
        redirect_uris=list(plan.redirect_uris),
        binds_tokens_to_certificate=plan.binds_tokens_to_certificate,
        plan=plan_of_new_clients(),
        created_at=timezone.now(),
        request_note=plan.note,
        orders_certificate=plan.orders_certificate,
    )
    if plan.has_service_account:
        _create_service_account(client)
    SourceRange.objects.bulk_create(SourceRange(client=client, cidr=cidr) for cidr in plan.source_ranges)
    record_client(
        acting_user,
        "requested",
        client,
        security_profile=plan.security_profile,
        token_endpoint_auth_method=plan.token_endpoint_auth_method,
        redirect_uris=list(plan.redirect_uris),
        source_ranges=list(plan.source_ranges),
        **({"note": plan.note} if plan.note else {}),
        **({"orders_certificate": True} if plan.orders_certificate else {}),
    )
    for product in products:
        subscribe(acting_user=acting_user, client=client, product=product)
    if not environment.approves_by_itself:
        mails.request_waits(client)
        return client, None
    return client, approve_client(acting_user=SYSTEM, client=client, reason=BY_RULE)


def _create_service_account(client: Client) -> None:
    name = next_service_account_name(client.application.organization)
    ServiceAccount.objects.create(client=client, name=name)


def _refusal(errors: list[FieldError]) -> PropylonError:
    return PropylonError(
        "application.request.invalid",
        "Correct the fields named in errors and send the request again. Nothing was stored.",
        kind=Kind.MALFORMED,
        errors=errors,
    )
