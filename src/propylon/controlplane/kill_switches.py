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
from propylon.audit.models import Event
from propylon.catalog.models import Environment, Product
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.marks.actions import UNTIL_LIFTED, lift_mark, place_mark
from propylon.marks.models import Mark
from propylon.marks.selectors import marks_in_force, unknown_mark

STOPPED_KINDS = ("product", "environment", "organization")
_EVERYWHERE = "every"  # in the audit, instead of an environment


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
    by: str  # who threw it; "" for a mark that was placed by hand


@dataclass(frozen=True, slots=True)
class Stopped:
    """Where a product does not answer: `environments` are titles; none means everywhere."""

    environments: tuple[str, ...] = ()


def kill_switches() -> list[Thrown]:
    """What is stopped at present, the newest first."""
    found = list(marks_in_force().filter(kind__in=STOPPED_KINDS).order_by("-placed_at", "-pk"))
    throwers = _throwers([switch_of(mark.kind, mark.value) for mark in found])
    return [_thrown(mark, throwers) for mark in found]


def kill_switch(kind: str, value: str) -> Thrown:
    """The one that is in force. Raises `marks.mark.unknown`."""
    found = next((row for row in kill_switches() if (row.switch.kind, row.switch.value) == (kind, value)), None)
    if found is None:
        raise unknown_mark()
    return found


def stopped(product: str) -> Stopped | None:
    """Where calls of the product are refused at present; None when nowhere. For everybody: it says no reason."""
    marks = marks_in_force().filter(kind__in=("product", "environment"))
    switches = [switch_of(kind, value) for kind, value in marks.values_list("kind", "value")]
    own = [each for each in switches if each.kind == "environment" or each.target == product]
    if any(each.kind == "product" and not each.environment for each in own):
        return Stopped()
    names = {each.environment or each.target for each in own}
    places = Environment.objects.filter(name__in=names, publications__product_version__product__name=product)
    titles = places.order_by("position", "pk").distinct().values_list("title", flat=True) if names else ()
    return Stopped(tuple(titles)) if titles else None


def title_of(switch: KillSwitch) -> str:
    """Of what it stops. Raises `gateway.kill_switch.invalid` when there is no such thing."""
    if mistakes := _mistakes(switch):
        raise _invalid(mistakes)
    return _title(switch)


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


def _thrown(mark: Mark, throwers: dict[KillSwitch, str]) -> Thrown:
    switch = switch_of(mark.kind, mark.value)
    by = throwers.get(switch, "")
    return Thrown(switch, _title(switch) or switch.target, mark.reason, mark.placed_at, by)


def _throwers(switches: list[KillSwitch]) -> dict[KillSwitch, str]:
    """Who threw each last."""
    if not switches:
        return {}
    rows = Event.objects.filter(action="kill_switch.thrown", object_id__in=[each.target for each in switches])
    told = rows.order_by("pk").values_list("object_kind", "object_id", "data", "actor_label")
    return {KillSwitch(kind, target, _place(data)): label for kind, target, data, label in told}


def _place(data: dict[str, str]) -> str:
    return "" if data["environment"] == _EVERYWHERE else data["environment"]


def _record(acting_user: Actor, action: str, switch: KillSwitch, reason: str) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind=switch.kind,
        object_id=switch.target,
        organization_id=switch.target if switch.kind == "organization" else "",
        data={"environment": switch.environment or _EVERYWHERE, "reason": reason},
    )
