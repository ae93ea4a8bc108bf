"""Which quota is in force for a client, and for all clients at once."""

from __future__ import annotations

from propylon.applications.models import Client, ClientStatus
from propylon.catalog.quotas import Quota, quota_of


def quota_in_force(client: Client) -> Quota:
    """The plan's."""
    return quota_of(client.plan)


def quotas_in_force(kind: str) -> dict[str, Quota]:
    """The quotas of this kind by client id, of clients that may call."""
    found = Client.objects.select_related("plan").filter(
        status=ClientStatus.APPROVED, application__deleted_at=None, plan__quota_kind=kind
    )
    return {client.client_id: quota_in_force(client) for client in found}
