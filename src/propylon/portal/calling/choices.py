"""Which of my applications may call a version, where, and how: from the database, decided by the policy's table."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from django.db.models import QuerySet

from propylon.accounts.models import User
from propylon.accounts.roles import Permission, roles_with
from propylon.applications.client_policy import policy_of
from propylon.applications.models import Client, ClientStatus
from propylon.catalog.models import Operation, ProductVersion
from propylon.kernel.errors import Kind, PropylonError
from propylon.oauth.policy import CLIENT_CREDENTIALS, Certificate, Listener, ProfilePolicy

PUBLIC, MUTUAL = "public", "mutual"


def callable_clients(user: User, version: ProductVersion) -> QuerySet[Client]:
    """Clients of the organizations where the user may call: approved, subscribed, where the version answers."""
    memberships = user.memberships.filter(role__in=roles_with(Permission.MANAGE_APPLICATIONS))
    return (
        Client.objects.filter(
            application__deleted_at=None,
            application__organization__in=memberships.values("organization"),
            subscriptions__product_id=version.product_id,
            environment__publications__product_version=version,
        )
        # Said so that no index of the state is taken: it would read everybody's clients.
        .exclude(status__in=(ClientStatus.PENDING, ClientStatus.REJECTED, ClientStatus.DELETED))
        .select_related("application__organization", "environment", "service_account")
        .order_by("environment__position", "application__name", "pk")
    )


def callable_client(user: User, version: ProductVersion, client_id: str) -> Client:
    """One of them. Raises `client.not_callable`."""
    found = callable_clients(user, version).filter(client_id=client_id).first()
    if found is None:
        raise PropylonError(
            "client.not_callable",
            "None of your applications with this client id is approved and subscribed where this version answers.",
            kind=Kind.NOT_FOUND,
        )
    return found


@dataclass(frozen=True, slots=True)
class CallingFacts:
    """How one client calls."""

    policy: ProfilePolicy
    binds_tokens: bool
    has_identity: bool  # a certificate can be made or ordered for it

    @property
    def uses_client_credentials(self) -> bool:
        return CLIENT_CREDENTIALS in self.policy.grants

    @property
    def listeners(self) -> tuple[str, ...]:
        """Where it can call, the usual one first. On `mutual` every call presents a certificate."""
        if self.binds_tokens or self.policy.listener is Listener.MUTUAL:
            return (MUTUAL,)
        return (PUBLIC, MUTUAL) if self.has_identity else (PUBLIC,)

    def listeners_for(self, operation: Operation) -> tuple[str, ...]:
        """The same, for an operation that may ask for a certificate; empty if this client cannot call it."""
        if operation.requires_certificate:
            return tuple(listener for listener in self.listeners if listener == MUTUAL)
        return self.listeners


def must_be_bound(operation: Operation, client: Client) -> bool:
    """Whether the token of such a call is bound: by the client's profile (FAPI 2.0, 5.3.2.1-4), or by what it calls."""
    rules = operation.requires_binding or operation.product_version.product.requires_binding
    return not operation.is_public and (rules or policy_of(client).binds_tokens)


def calling_facts(client: Client) -> CallingFacts:
    policy = policy_of(client)
    return CallingFacts(
        policy=policy,
        binds_tokens=client.binds_tokens_to_certificate or policy.certificate is Certificate.REQUIRED,
        has_identity=policy.certificate is not Certificate.NONE and hasattr(client, "service_account"),
    )


def is_in_source_ranges(client: Client, address: str) -> bool:
    """Would the gateway take a call of this client from this address?"""
    ranges = [ipaddress.ip_network(row.cidr) for row in client.source_ranges.all()]
    if not ranges or not address:
        return True
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in ranges)
