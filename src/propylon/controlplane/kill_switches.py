"""Kill switches: stop a product, an environment or an organization at all gateways within a second, and start it again.

A kill switch is a mark that somebody lifts (`propylon.gateway.marks`). Nothing is unpublished and no token is revoked:
what is stopped goes on as it was when the switch is lifted.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from propylon.accounts.models import Organization
from propylon.audit.actions import record_event
from propylon.catalog.models import Environment, Product
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.actions import UNTIL_LIFTED, lift_mark, place_mark
from propylon.marks.models import Mark
from propylon.marks.selectors import marks_in_force

STOPPED_KINDS = ("product", "environment", "organization")


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """`target`: the name of a product or environment, the public id of an organization. `environment`: where a product
    is stopped; "" is everywhere."""

    kind: str  # one of STOPPED_KINDS
    target: str
    environment: str = ""

    @property
    def value(self) -> str:
        """Of the mark."""
        return f"{self.target}@{self.environment}" if self.environment else self.target


@dataclass(frozen=True, slots=True)
class Thrown:
    """A kill switch that is in force."""

    switch: KillSwitch
    title: str  # of what is stopped
    reason: str
    since: datetime


def kill_switches() -> list[Thrown]:
    """What is stopped at present, the newest first."""
    found = marks_in_force().filter(kind__in=STOPPED_KINDS).order_by("-placed_at", "-pk")
    return [_thrown(mark) for mark in found]


@transaction.atomic
def throw_kill_switch(*, acting_user: Actor, switch: KillSwitch, reason: str) -> None:
    """Refuse every call to it from now on: 503 for a product or environment, 403 for an organization.

    Raises `gateway.kill_switch.invalid` when there is no such thing to stop, or no reason is given.
    """
    mistakes = _mistakes(switch)
    if not reason.strip():
        mistakes.append(FieldError("reason", "body", "says why: it stands in the audit and beside the switch"))
    if mistakes:
        raise _invalid(mistakes)
    place_mark(acting_user=acting_user, kind=switch.kind, value=switch.value, reason=reason, lifetime=UNTIL_LIFTED)
    _record(acting_user, "kill_switch.thrown", switch, reason)


@transaction.atomic
def lift_kill_switch(*, acting_user: Actor, switch: KillSwitch, reason: str) -> None:
    """Let calls pass again. Raises `marks.mark.unknown` when it is not thrown."""
    if switch.kind not in STOPPED_KINDS:
        raise _invalid(_mistakes(switch))
    lift_mark(acting_user=acting_user, kind=switch.kind, value=switch.value, reason=reason)
    _record(acting_user, "kill_switch.lifted", switch, reason)


def switch_of(kind: str, value: str) -> KillSwitch:
    """The other way round: from a mark's value."""
    target, _, environment = value.partition("@")
    return KillSwitch(kind, target, environment)


def _invalid(mistakes: list[FieldError]) -> PropylonError:
    return PropylonError(
        "gateway.kill_switch.invalid",
        "This is no kill switch that says what it stops and why. Correct the fields named in errors.",
        kind=Kind.MALFORMED,
        errors=mistakes,
    )


def _mistakes(switch: KillSwitch) -> list[FieldError]:
    if switch.kind not in STOPPED_KINDS:
        return [FieldError("kind", "body", f"one of {', '.join(STOPPED_KINDS)}")]
    mistakes = []
    if not _title(switch):
        mistakes.append(FieldError("target", "body", f"the {switch.kind} as this installation names it"))
    if switch.environment and (switch.kind != "product" or not _environments(switch.environment)):
        mistakes.append(FieldError("environment", "body", "an environment of this installation; for products only"))
    return mistakes


def _environments(name: str) -> bool:
    return Environment.objects.filter(name=name).exists()


def _title(switch: KillSwitch) -> str:
    if switch.kind == "organization":
        return Organization.objects.filter(public_id=switch.target).values_list("name", flat=True).first() or ""
    model = Product if switch.kind == "product" else Environment
    return model.objects.filter(name=switch.target).values_list("title", flat=True).first() or ""


def _thrown(mark: Mark) -> Thrown:
    switch = switch_of(mark.kind, mark.value)
    return Thrown(switch, _title(switch) or switch.target, mark.reason, mark.placed_at)


def _record(acting_user: Actor, action: str, switch: KillSwitch, reason: str) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind=switch.kind,
        object_id=switch.target,
        organization_id=switch.target if switch.kind == "organization" else "",
        data={"environment": switch.environment or "every", "reason": reason},
    )
