"""Changing environments, upstreams and plans; what others rely on is refused with the reason."""

from __future__ import annotations

from typing import Any, Unpack

from django.conf import settings
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.catalog.actions.infrastructure import (
    UpstreamFacts,
    existing_environment,
    invalid_environment,
    invalid_plan,
    invalid_upstream,
    mistakes_of,
)
from propylon.catalog.check_infrastructure import plan_mistakes, prefix_mistakes, title_mistakes
from propylon.catalog.models import Environment, Operation, Plan, Upstream
from propylon.catalog.quotas import Quota, plan_fields, quota_mistakes
from propylon.catalog.selectors import default_plan, has_applications
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

_LAST_POSITION = 10_000
_LONGEST_SHOWN = 300


@transaction.atomic
def change_environment(
    *,
    acting_user: Actor,
    environment: Environment,
    title: str | None = None,
    path_prefix: str | None = None,
    approves_by_itself: bool | None = None,
    position: int | None = None,
    demands_nonces: bool | None = None,
) -> None:
    """None leaves as it is. What waits for a decision already goes on waiting for it.

    Raises `catalog.environment.invalid`, `catalog.environment.exists`, and `catalog.environment.in_use`: the prefix is
    the audience of its tokens and part of every address, so it stays while an application is there.
    """
    current = Environment.objects.select_for_update().get(pk=environment.pk)
    changes = _changes(
        current,
        title=title,
        path_prefix=path_prefix,
        approves_by_itself=approves_by_itself,
        position=position,
        demands_nonces=demands_nonces,
    )
    mistakes = title_mistakes(changes.get("title", current.title))
    mistakes += prefix_mistakes(changes.get("path_prefix", current.path_prefix), settings.PROPYLON_OAUTH_ALIASES)
    if not 0 <= changes.get("position", 0) <= _LAST_POSITION:
        mistakes.append(FieldError("position", "body", f"between 0 and {_LAST_POSITION}"))
    if mistakes:
        raise invalid_environment(mistakes)
    if "path_prefix" in changes:
        _require_free_prefix(current, changes["path_prefix"])
    _store(acting_user, "environment", current, changes)
    environment.refresh_from_db()


def _require_free_prefix(environment: Environment, wanted: str) -> None:
    if has_applications(environment):
        raise PropylonError(
            "catalog.environment.in_use",
            f"Applications are in {environment.title}: their addresses and the audience of their tokens carry "
            f"{environment.path_prefix}, so it cannot change any more. Add another environment with the new path.",
            kind=Kind.CONFLICT,
            errors=[FieldError("path_prefix", "body", "cannot change while applications are in the environment")],
        )
    if Environment.objects.filter(path_prefix=wanted).exists():
        raise existing_environment(environment.name, wanted)


@transaction.atomic
def change_upstream(*, acting_user: Actor, upstream: Upstream, **facts: Unpack[UpstreamFacts]) -> None:
    """What is not given, or None, stays. Calls go to the new addresses as soon as the gateways run them.

    Raises `catalog.upstream.invalid`, also for an https address without an authority while versions answer from there:
    the gateways would send it no call.
    """
    current = Upstream.objects.select_for_update().get(pk=upstream.pk)
    changes = _changes(current, **facts)
    for name, value in changes.items():
        setattr(upstream, name, value)
    mistakes = mistakes_of(upstream)
    is_unverified = upstream.address.startswith("https:") and not upstream.ca_pem.strip()
    if is_unverified and current.publications.exists():
        mistakes.append(FieldError("ca_pem", "body", "needed for https: products answer from this upstream"))
    if mistakes:
        upstream.refresh_from_db()
        raise invalid_upstream(mistakes)
    _store(acting_user, "upstream", current, changes)


@transaction.atomic
def change_plan(
    *,
    acting_user: Actor,
    plan: Plan,
    title: str | None = None,
    requests_per_second: int | None = None,
    burst: int | None = None,
    quota: Quota | None = None,
    is_default: bool | None = None,
) -> None:
    """None leaves as it is; a quota is given as a whole. New limits are in force for all its applications as soon as
    the gateways run them.

    Raises `catalog.plan.invalid`, `catalog.plan.default` when nothing would be left for new applications.
    """
    current = Plan.objects.select_for_update().get(pk=plan.pk)
    changes = _changes(
        current,
        title=title,
        requests_per_second=requests_per_second,
        burst=burst,
        is_default=is_default,
    )
    if quota:  # here None is a limit: unlimited
        changes |= {name: value for name, value in plan_fields(quota).items() if value != getattr(current, name)}
    mistakes = title_mistakes(changes.get("title", current.title))
    mistakes += plan_mistakes(
        changes.get("requests_per_second", current.requests_per_second), changes.get("burst", current.burst)
    )
    mistakes += quota_mistakes(quota) if quota else []
    if mistakes:
        raise invalid_plan(mistakes)
    if changes.get("is_default") is False:
        raise _is_the_default(current)
    if changes.get("is_default"):
        Plan.objects.filter(is_default=True).update(is_default=False)
    _store(acting_user, "plan", current, changes)
    plan.refresh_from_db()


@transaction.atomic
def remove_plan(*, acting_user: Actor, plan: Plan) -> None:
    """Applications that were deleted under it keep the default plan in its place.

    Raises `catalog.plan.in_use`, `catalog.plan.default`.
    """
    current = Plan.objects.select_for_update().get(pk=plan.pk)
    heir = default_plan()
    if heir == current:
        raise _is_the_default(current)
    users = current.clients.filter(application__deleted_at=None).count()
    if users:
        raise PropylonError(
            "catalog.plan.in_use",
            f"The plan {current.title} is that of {users} clients of applications, so it stays. "
            "Change its limits instead.",
            kind=Kind.CONFLICT,
        )
    named_by = [str(row) for row in Operation.objects.exclude(plans=[]) if current.name in row.plans]
    if named_by:
        raise PropylonError(
            "catalog.plan.in_use",
            f"Operations are only for some plans, and {current.title} is one of them: {', '.join(named_by[:3])}. "
            "Take it from them first.",
            kind=Kind.CONFLICT,
        )
    current.clients.update(plan=heir)
    record_event(
        acting_user=acting_user,
        action="plan.removed",
        object_kind="plan",
        object_id=current.name,
        data={"requests_per_second": current.requests_per_second, "burst": current.burst},
    )
    current.delete()


def _is_the_default(plan: Plan) -> PropylonError:
    return PropylonError(
        "catalog.plan.default",
        f"New applications get the plan {plan.title}. Make another plan theirs first.",
        kind=Kind.CONFLICT,
        errors=[FieldError("is_default", "body", "make another plan the one of new applications first")],
    )


def _changes(row: Environment | Upstream | Plan, **wishes: Any) -> dict[str, Any]:
    return {name: value for name, value in wishes.items() if value is not None and value != getattr(row, name)}


def _store(acting_user: Actor, kind: str, row: Environment | Upstream | Plan, changes: dict[str, Any]) -> None:
    """Nothing happens, and nothing is recorded, when everything stays as it is."""
    if not changes:
        return
    was = {name: getattr(row, name) for name in changes}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    record_event(
        acting_user=acting_user,
        action=f"{kind}.changed",
        object_kind=kind,
        object_id=row.name,
        data={name: {"from": _shown(was[name]), "to": _shown(value)} for name, value in changes.items()},
    )


def _shown(value: Any) -> Any:
    """As the event log keeps it: of a chain of certificates its length."""
    is_long = isinstance(value, str) and len(value) > _LONGEST_SHOWN
    return f"{len(value)} characters" if is_long else value
