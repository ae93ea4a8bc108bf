"""The operator keeps an organization's contracts: made, changed, ended before their time, and announced when they end.

One at a time for each organization, whose row is locked: else two could set limits for one environment.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.accounts.checks import refuse_if
from propylon.accounts.models import Organization
from propylon.applications import contract_mails
from propylon.applications.check_contract import ContractTerms, check_contract
from propylon.applications.check_reason import check_required_reason
from propylon.applications.contracts import contracts_ending_within, today
from propylon.applications.models import Contract
from propylon.audit.actions import record_event
from propylon.catalog.models import Environment
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id

NOTICE_DAYS = (7, 30)  # before the last day


@transaction.atomic
def create_contract(*, acting_user: Actor, organization: Organization, terms: ContractTerms) -> Contract:
    """Its limits count from its first day on. Raises `contract.terms.invalid` with every mistake."""
    locked = _locked(organization)
    fields = _checked(terms, locked)
    contract = Contract.objects.create(
        public_id=new_public_id("con"), organization=locked, created_at=timezone.now(), **fields
    )
    _record(acting_user, "created", contract, **_told(fields))
    return contract


@transaction.atomic
def change_contract(*, acting_user: Actor, contract: Contract, terms: ContractTerms) -> Contract:
    """All of its terms; the same once more change nothing. Raises `contract.terms.invalid`, `contract.ended`."""
    current = _current(contract)
    fields = _checked(terms, current.organization, current)
    before = {name: getattr(current, name) for name in fields}
    if before == fields:
        return current
    for name, value in fields.items():
        setattr(current, name, value)
    if before["ends_on"] != current.ends_on:
        current.notice_days = None  # of another end nobody was told
    current.save()
    changed = {name for name in fields if before[name] != fields[name]}
    _record(
        acting_user,
        "changed",
        current,
        before={name: value for name, value in _told(before).items() if name in changed},
        after={name: value for name, value in _told(fields).items() if name in changed},
    )
    return current


@transaction.atomic
def end_contract(*, acting_user: Actor, contract: Contract, reason: str) -> Contract:
    """From now on its limits count no more, and the plans' quotas do. Its managers have a mail.

    Raises `contract.reason.unfit`, `contract.ended`.
    """
    refuse_if(
        "contract.reason.unfit",
        "Say in a few words why it ends before its time: the partner reads it.",
        check_required_reason(reason),
    )
    current = _current(contract)
    if current.state == "ended":
        raise _has_ended()
    current.ended_at, current.end_reason = timezone.now(), reason.strip()
    current.save(update_fields=["ended_at", "end_reason"])
    _record(acting_user, "ended", current, reason=current.end_reason)
    contract_mails.contract_ended(current)
    return current


def tell_contract_ends() -> int:
    """For the worker: mails about contracts that end within 30 and within 7 days, each once; how many contracts."""
    told = 0
    for contract in contracts_ending_within(max(NOTICE_DAYS)):
        with transaction.atomic():
            told += _tell_end(contract.pk)
    return told


def _tell_end(key: int) -> bool:
    contract = Contract.objects.select_for_update(of=("self",)).select_related("organization").get(pk=key)
    left = contract.days_left(today())
    due = next((days for days in NOTICE_DAYS if left is not None and 0 <= left <= days), None)
    if due is None or contract.state != "in_force" or (contract.notice_days or max(NOTICE_DAYS) + 1) <= due:
        return False
    contract.notice_days = due
    contract.save(update_fields=["notice_days"])
    contract_mails.contract_ends(contract, left or 0)
    _record(SYSTEM, "end_announced", contract, days_left=left)
    return True


def _locked(organization: Organization) -> Organization:
    return Organization.objects.select_for_update().get(pk=organization.pk)


def _current(contract: Contract) -> Contract:
    """As it is now, with its organization locked. Raises `contract.ended`."""
    _locked(contract.organization)
    current = Contract.objects.select_for_update(of=("self",)).select_related("organization").get(pk=contract.pk)
    if current.ended_at is not None:
        raise _has_ended()
    return current


def _has_ended() -> PropylonError:
    return PropylonError(
        "contract.ended", "The contract has ended and stays as it was. Add another one.", kind=Kind.CONFLICT
    )


def _checked(terms: ContractTerms, organization: Organization, current: Contract | None = None) -> dict[str, Any]:
    """The fields of the model."""
    others = Contract.objects.filter(organization=organization)
    others = others.exclude(pk=current.pk) if current else others
    names = set(Environment.objects.values_list("name", flat=True))
    refuse_if(
        "contract.terms.invalid",
        "Correct the fields named in errors and try again. Nothing was stored.",
        check_contract(terms, environments=names, others=others),
    )
    return {
        **asdict(terms),
        "number": terms.number.strip(),
        "title": terms.title.strip(),
        "note": terms.note.strip(),
        "environments": sorted(set(terms.environments)),
    }


def _told(fields: dict[str, Any]) -> dict[str, Any]:
    """As JSON takes it."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in fields.items()}


def _record(acting_user: Actor, action: str, contract: Contract, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"contract.{action}",
        object_kind="contract",
        object_id=contract.public_id,
        organization_id=contract.organization.public_id,
        data={"number": contract.number, **data},
    )
