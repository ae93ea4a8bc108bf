"""Environments, upstreams and plans: what products are published with."""

from __future__ import annotations

from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction

from propylon.audit.actions import record_event
from propylon.catalog.check_infrastructure import name_mistakes, plan_mistakes, prefix_mistakes, upstream_mistakes
from propylon.catalog.models import Environment, Plan, Upstream
from propylon.catalog.quotas import Quota, plan_fields, quota_mistakes
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError


@transaction.atomic
def create_environment(
    *,
    acting_user: Actor,
    name: str,
    title: str,
    path_prefix: str = "",
    approves_by_itself: bool = False,
    position: int = 0,
    demands_nonces: bool = False,
) -> Environment:
    """A new environment; its prefix is `/<name>` unless given."""
    prefix = path_prefix or f"/{name}"
    mistakes = name_mistakes(name, 40) + prefix_mistakes(prefix, settings.PROPYLON_OAUTH_ALIASES)
    if mistakes:
        raise invalid_environment(mistakes)
    if Environment.objects.filter(name=name).exists() or Environment.objects.filter(path_prefix=prefix).exists():
        raise existing_environment(name, prefix)
    environment = Environment.objects.create(
        name=name,
        title=title,
        path_prefix=prefix,
        approves_by_itself=approves_by_itself,
        position=position,
        demands_nonces=demands_nonces,
    )
    record_event(
        acting_user=acting_user,
        action="environment.created",
        object_kind="environment",
        object_id=name,
        data={"path_prefix": prefix, "approves_by_itself": approves_by_itself, "demands_nonces": demands_nonces},
    )
    return environment


class UpstreamFacts(TypedDict, total=False):
    """Each address is `unix:/path`, `http://host:port` or `https://host:port`; the others mean what the model says."""

    address: str
    further_addresses: list[str]
    timeout_ms: int
    ca_pem: str
    sends_client_certificate: bool
    health_path: str
    max_parallel_calls: int


@transaction.atomic
def create_upstream(*, acting_user: Actor, name: str, **facts: Unpack[UpstreamFacts]) -> Upstream:
    """A new upstream. Raises `catalog.upstream.invalid`, `catalog.upstream.exists`."""
    upstream = Upstream(name=name, **facts)
    mistakes = name_mistakes(name, 60) + mistakes_of(upstream)
    if mistakes:
        raise invalid_upstream(mistakes)
    if Upstream.objects.filter(name=name).exists():
        raise PropylonError(
            "catalog.upstream.exists", f"An upstream {name} exists already. Choose another name.", kind=Kind.CONFLICT
        )
    upstream.save(force_insert=True)
    record_event(
        acting_user=acting_user,
        action="upstream.created",
        object_kind="upstream",
        object_id=name,
        data={"address": upstream.address, "further_addresses": upstream.further_addresses},
    )
    return upstream


def mistakes_of(upstream: Upstream) -> list[FieldError]:
    return upstream_mistakes(
        address=upstream.address,
        further_addresses=upstream.further_addresses,
        timeout_ms=upstream.timeout_ms,
        ca_pem=upstream.ca_pem,
        health_path=upstream.health_path,
        max_parallel_calls=upstream.max_parallel_calls,
    )


@transaction.atomic
def create_plan(
    *,
    acting_user: Actor,
    name: str,
    title: str,
    requests_per_second: int,
    burst: int,
    quota: Quota | None = None,
    is_default: bool = False,
) -> Plan:
    """A new plan. The default plan is the one that new clients get; there is at most one."""
    quota = quota or Quota()
    mistakes = name_mistakes(name, 40) + plan_mistakes(requests_per_second, burst) + quota_mistakes(quota)
    if mistakes:
        raise invalid_plan(mistakes)
    if Plan.objects.filter(name=name).exists():
        raise PropylonError(
            "catalog.plan.exists", f"A plan {name} exists already. Choose another name.", kind=Kind.CONFLICT
        )
    if is_default:
        Plan.objects.filter(is_default=True).update(is_default=False)
    plan = Plan.objects.create(
        name=name,
        title=title,
        requests_per_second=requests_per_second,
        burst=burst,
        is_default=is_default,
        **plan_fields(quota),
    )
    record_event(
        acting_user=acting_user,
        action="plan.created",
        object_kind="plan",
        object_id=name,
        data={
            "requests_per_second": requests_per_second,
            "burst": burst,
            "is_default": is_default,
            **plan_fields(quota),
        },
    )
    return plan


def invalid_environment(mistakes: list[FieldError]) -> PropylonError:
    return PropylonError(
        "catalog.environment.invalid",
        "This is no valid environment. Correct the fields named in errors.",
        kind=Kind.MALFORMED,
        errors=mistakes,
    )


def invalid_upstream(mistakes: list[FieldError]) -> PropylonError:
    return PropylonError(
        "catalog.upstream.invalid",
        "This is no valid upstream. Correct the fields named in errors.",
        kind=Kind.MALFORMED,
        errors=mistakes,
    )


def invalid_plan(mistakes: list[FieldError]) -> PropylonError:
    return PropylonError(
        "catalog.plan.invalid",
        "This is no valid plan. Correct the fields named in errors.",
        kind=Kind.MALFORMED,
        errors=mistakes,
    )


def existing_environment(name: str, prefix: str) -> PropylonError:
    return PropylonError(
        "catalog.environment.exists",
        f"An environment {name} or with the prefix {prefix} exists already. Choose another name.",
        kind=Kind.CONFLICT,
    )
