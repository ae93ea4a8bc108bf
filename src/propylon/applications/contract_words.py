"""What a contract says, for its pages in portal and console."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from propylon.applications.contracts import today
from propylon.applications.models import Contract
from propylon.catalog.quota_words import quota_words
from propylon.catalog.quotas import Quota
from propylon.catalog.selectors import environment_titles


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """`limits` and `places` are empty when the plans' quotas stand."""

    contract: Contract
    limits: list[str]
    places: list[str]  # titles of the environments
    left: str  # "12 days left"; empty without an end, and for what is not in force


def contract_facts(contract: Contract) -> ContractFacts:
    titles = environment_titles() if contract.environments else {}
    return ContractFacts(
        contract,
        quota_words(Quota(calls_per_day=contract.calls_per_day, calls_per_month=contract.calls_per_month)),
        [titles.get(name, name) for name in contract.environments],
        _left(contract),
    )


def _left(contract: Contract) -> str:
    days = contract.days_left(today())
    if days is None or contract.state != "in_force":
        return ""
    if days == 0:
        return _("the last day")
    return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
