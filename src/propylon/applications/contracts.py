"""Reading contracts, and the quota that a client has: its contract's limits where one is in force, else its plan's.

| contract in force for the client's organization | the client's quota |
|---|---|
| none, or none that names the client's environment | the plan's |
| one that names the environment | the contract's numbers, both: an empty one is unlimited, whatever the plan says |

How the calls are counted, and what an exact quota's calls get while the control plane is away, is the plan's in either
case; a plan without a quota counts them as "metered".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from django.db.models import Q, QuerySet

from propylon.accounts.models import Organization
from propylon.applications.models import Client, ClientStatus, Contract
from propylon.catalog.models import QuotaKind
from propylon.catalog.quotas import Quota, quota_of


def today() -> date:
    """Contracts count by the calendar in UTC, as quotas do."""
    return datetime.now(UTC).date()


def contracts_of(organization: Organization) -> QuerySet[Contract]:
    """All of them, those that began last first."""
    found = Contract.objects.filter(organization=organization).select_related("organization")
    return found.order_by("-starts_on", "-pk")


def contracts_in_force(day: date | None = None) -> QuerySet[Contract]:
    """Of all organizations, on this day or today."""
    on = day or today()
    found = Contract.objects.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on, ended_at=None)
    return found.select_related("organization")


def contracts_ending_within(days: int) -> QuerySet[Contract]:
    """Those in force whose last day is at most so far away."""
    return contracts_in_force().filter(ends_on__lte=today() + timedelta(days=days)).order_by("ends_on", "pk")


def contract_for(client: Client) -> Contract | None:
    """The one whose limits the client has; the actions see to it that there are never two."""
    return _contracts_by_place([client]).get(_place(client))


def quota_in_force(client: Client) -> Quota:
    """Of one client, with its `application`, `environment` and `plan` loaded: one query."""
    return quota_under(contract_for(client), client)


def quota_under(contract: Contract | None, client: Client) -> Quota:
    """The same for who has read the client's contract already: `contract_for`."""
    by_plan = quota_of(client.plan)
    if contract is None:
        return by_plan
    kind = by_plan.kind or QuotaKind.METERED.value
    return replace(by_plan, kind=kind, calls_per_day=contract.calls_per_day, calls_per_month=contract.calls_per_month)


def quotas_in_force(kind: str) -> dict[str, Quota]:
    """Those of this kind by client id, of clients that may call."""
    may_call = Client.objects.filter(status=ClientStatus.APPROVED, application__deleted_at=None)
    has_one = Q(plan__quota_kind=kind)
    if kind == QuotaKind.METERED:  # which a contract makes of a plan without
        has_one |= Q(plan__quota_kind="", application__organization__in=contracts_in_force().values("organization"))
    found = may_call.filter(has_one).select_related("application", "environment", "plan")
    return {client_id: quota for client_id, quota in quotas_of(found).items() if quota.kind == kind}


def quotas_of(clients: Iterable[Client]) -> dict[str, Quota]:
    """The quotas in force of many by client id: one query for all."""
    listed = list(clients)
    contracts = _contracts_by_place(listed)
    return {client.client_id: quota_under(contracts.get(_place(client)), client) for client in listed}


def _contracts_by_place(clients: list[Client]) -> dict[tuple[int, str], Contract]:
    organizations = {client.application.organization_id for client in clients}
    found = contracts_in_force().filter(organization__in=organizations).order_by("starts_on", "pk")
    return {(row.organization_id, environment): row for row in found for environment in row.environments}


def _place(client: Client) -> tuple[int, str]:
    return client.application.organization_id, client.environment.name
