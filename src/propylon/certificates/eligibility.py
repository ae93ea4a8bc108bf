"""Who may hold an identity certificate: its CN is the client's service account, so there must be one."""

from __future__ import annotations

from propylon.applications.client_policy import policy_of
from propylon.applications.models import Client, ClientStatus
from propylon.kernel.errors import Kind, PropylonError
from propylon.oauth.policy import Certificate


def require_eligible(client: Client) -> str:
    """The name of the service account; else the first reason why this client gets no certificate."""
    if client.application.deleted_at is not None or client.status != ClientStatus.APPROVED:
        raise PropylonError(
            "certificate.order.client_not_approved",
            f"Client {client.client_id} is not approved. Order its certificate once it is.",
            kind=Kind.CONFLICT,
        )
    if policy_of(client).certificate is Certificate.NONE:
        raise PropylonError(
            "certificate.order.not_for_this_type",
            f"Applications of type {client.application.type} run on their users' devices and have no certificate.",
            kind=Kind.CONFLICT,
        )
    if not hasattr(client, "service_account"):
        raise PropylonError(
            "certificate.order.no_service_account",
            "The client has no service account, whose name the certificate would carry. Choose the profile fapi2, "
            "or register an application of type server.",
            kind=Kind.CONFLICT,
        )
    return client.service_account.name
