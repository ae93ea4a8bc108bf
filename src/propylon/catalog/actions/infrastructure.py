"""Environments, upstreams and plans: what products are published with."""

from __future__ import annotations

import re

from django.db import transaction

from propylon.audit.actions import record_event
from propylon.catalog.models import Environment, Plan, Upstream
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

RESERVED_PREFIXES = frozenset(
    {"/oauth", "/.well-known", "/manage", "/console", "/health", "/ca.crt", "/certificates", "/static", "/mga", "/open"}
)
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")
_PREFIX = re.compile(r"^/[a-z0-9][a-z0-9-]{0,38}$")
_ADDRESS = re.compile(r"^(?:unix:/[^\s\0]{1,290}|https?://(?:[A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:]{2,45}\]):[0-9]{1,5})$")


@transaction.atomic
def create_environment(
    *,
    acting_user: Actor,
    name: str,
    title: str,
    path_prefix: str = "",
    approves_by_itself: bool = False,
    position: int = 0,
) -> Environment:
    """A new environment; its prefix is `/<name>` unless given."""
    prefix = path_prefix or f"/{name}"
    mistakes = _name_mistakes(name, 40)
    if not _PREFIX.fullmatch(prefix) or prefix in RESERVED_PREFIXES:
        mistakes.append(FieldError("path_prefix", "body", "one free path segment, such as '/sandbox'"))
    if mistakes:
        raise PropylonError(
            "catalog.environment.invalid",
            "This is no valid environment. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    if Environment.objects.filter(name=name).exists() or Environment.objects.filter(path_prefix=prefix).exists():
        raise PropylonError(
            "catalog.environment.exists",
            f"An environment {name} or with the prefix {prefix} exists already. Choose another name.",
            kind=Kind.CONFLICT,
        )
    environment = Environment.objects.create(
        name=name, title=title, path_prefix=prefix, approves_by_itself=approves_by_itself, position=position
    )
    record_event(
        acting_user=acting_user,
        action="environment.created",
        object_kind="environment",
        object_id=name,
        data={"path_prefix": prefix, "approves_by_itself": approves_by_itself},
    )
    return environment


@transaction.atomic
def create_upstream(
    *,
    acting_user: Actor,
    name: str,
    address: str,
    timeout_ms: int = 15_000,
    ca_pem: str = "",
    sends_client_certificate: bool = False,
) -> Upstream:
    """A new upstream: `unix:/path`, `http://host:port` or `https://host:port`."""
    mistakes = _name_mistakes(name, 60)
    if not _ADDRESS.fullmatch(address):
        mistakes.append(FieldError("address", "body", "unix:/path, http://host:port or https://host:port"))
    if not 1 <= timeout_ms <= 600_000:
        mistakes.append(FieldError("timeout_ms", "body", "between 1 and 600000"))
    if mistakes:
        raise PropylonError(
            "catalog.upstream.invalid",
            "This is no valid upstream. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    if Upstream.objects.filter(name=name).exists():
        raise PropylonError(
            "catalog.upstream.exists", f"An upstream {name} exists already. Choose another name.", kind=Kind.CONFLICT
        )
    upstream = Upstream.objects.create(
        name=name,
        address=address,
        timeout_ms=timeout_ms,
        ca_pem=ca_pem,
        sends_client_certificate=sends_client_certificate,
    )
    record_event(
        acting_user=acting_user,
        action="upstream.created",
        object_kind="upstream",
        object_id=name,
        data={"address": address},
    )
    return upstream


@transaction.atomic
def create_plan(
    *, acting_user: Actor, name: str, title: str, requests_per_second: int, burst: int, is_default: bool = False
) -> Plan:
    """A new plan. The default plan is the one that new clients get; there is at most one."""
    mistakes = _name_mistakes(name, 40)
    if requests_per_second < 1:
        mistakes.append(FieldError("requests_per_second", "body", "at least 1"))
    if burst < requests_per_second:
        mistakes.append(FieldError("burst", "body", "at least as much as requests_per_second"))
    if mistakes:
        raise PropylonError(
            "catalog.plan.invalid",
            "This is no valid plan. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )
    if Plan.objects.filter(name=name).exists():
        raise PropylonError(
            "catalog.plan.exists", f"A plan {name} exists already. Choose another name.", kind=Kind.CONFLICT
        )
    if is_default:
        Plan.objects.filter(is_default=True).update(is_default=False)
    plan = Plan.objects.create(
        name=name, title=title, requests_per_second=requests_per_second, burst=burst, is_default=is_default
    )
    record_event(
        acting_user=acting_user,
        action="plan.created",
        object_kind="plan",
        object_id=name,
        data={"requests_per_second": requests_per_second, "burst": burst, "is_default": is_default},
    )
    return plan


def _name_mistakes(name: str, longest: int) -> list[FieldError]:
    if _SLUG.fullmatch(name) and len(name) <= longest:
        return []
    return [FieldError("name", "body", f"1 to {longest} lower-case letters, digits and hyphens")]
