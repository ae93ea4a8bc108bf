"""Where versions answer, who sees products, which operations are open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.mocks import is_mocked, mock_prefix, sync_mocks
from propylon.catalog.models import Environment, Operation, Plan, Product, ProductVersion, Publication, Upstream
from propylon.gateway.routing import STREAMS
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError

_PREFIX = re.compile(r"^(?:(?:/[A-Za-z0-9\-._~]+)+)?$")


@transaction.atomic
def publish(
    *,
    acting_user: Actor,
    product_version: ProductVersion,
    environment: Environment,
    upstream: Upstream,
    upstream_prefix: str = "",
) -> Publication:
    """The version answers in the environment, or from another upstream than before; repeating it changes nothing.

    `upstream_prefix` is what the upstream's paths begin with. Without one, the upstream `sandbox` answers with mocks.
    """
    prefix = mock_prefix(product_version) if is_mocked(upstream, upstream_prefix) else upstream_prefix
    if not _PREFIX.fullmatch(prefix) or len(prefix) > 200:
        raise PropylonError(
            "catalog.publication.invalid",
            "The upstream's prefix must be a literal path such as '/accounts/v1', without a slash at its end.",
            kind=Kind.MALFORMED,
            errors=[FieldError("upstream_prefix", "body", "no literal path")],
        )
    publication = Publication.objects.filter(product_version=product_version, environment=environment).first()
    if publication is not None and (publication.upstream_id, publication.upstream_prefix) == (upstream.pk, prefix):
        return publication
    publication, _ = Publication.objects.update_or_create(
        product_version=product_version,
        environment=environment,
        defaults={"upstream": upstream, "upstream_prefix": prefix},
        create_defaults={"upstream": upstream, "upstream_prefix": prefix, "created_at": timezone.now()},
    )
    _record(acting_user, "product.published", publication)
    transaction.on_commit(sync_mocks, robust=True)
    return publication


@transaction.atomic
def unpublish(*, acting_user: Actor, publication: Publication) -> None:
    """The version no longer answers in that environment."""
    _record(acting_user, "product.unpublished", publication)
    publication.delete()
    transaction.on_commit(sync_mocks, robust=True)


@transaction.atomic
def set_visibility(*, acting_user: Actor, product: Product, is_visible: bool) -> None:
    """Whether partners find the product in the catalogue; who has subscribed keeps it."""
    if product.is_visible == is_visible:
        return
    product.is_visible = is_visible
    product.save()
    record_event(
        acting_user=acting_user,
        action="product.shown" if is_visible else "product.hidden",
        object_kind="product",
        object_id=product.name,
    )


@transaction.atomic
def set_operation_access(
    *,
    acting_user: Actor,
    operation: Operation,
    is_public: bool,
    requires_certificate: bool,
    plans: Sequence[str] | None = None,
    streams: str | None = None,
) -> None:
    """Opens an operation to callers without a token, or asks for a client certificate; only for some plans; streaming.

    `plans`: names, empty for all; `streams`: "answer", "websocket" or ""; None leaves either as it is.
    Raises `catalog.operation.contradiction`, `catalog.operation.invalid`.
    """
    wanted = {
        "is_public": is_public,
        "requires_certificate": requires_certificate,
        "plans": operation.plans if plans is None else sorted(set(plans)),
        "streams": operation.streams if streams is None else streams,
    }
    _check_access(operation, wanted)
    if all(getattr(operation, name) == value for name, value in wanted.items()):
        return
    for name, value in wanted.items():
        setattr(operation, name, value)
    operation.save()
    version = operation.product_version
    record_event(
        acting_user=acting_user,
        action="operation.access_changed",
        object_kind="product",
        object_id=version.product.name,
        data={"version": version.version, "operation": str(operation), **wanted},
    )


def _check_access(operation: Operation, wanted: dict[str, Any]) -> None:
    if wanted["is_public"] and (wanted["requires_certificate"] or wanted["plans"]):
        raise PropylonError(
            "catalog.operation.contradiction",
            "An operation is public, or asks for a certificate or a plan, not both. Choose one.",
            kind=Kind.MALFORMED,
        )
    mistakes = []
    if unknown := set(wanted["plans"]) - set(Plan.objects.values_list("name", flat=True)):
        mistakes.append(FieldError("plans", "body", f"names of plans; unknown: {', '.join(sorted(unknown))}"))
    if wanted["streams"] not in STREAMS or (wanted["streams"] == "websocket" and operation.method != "GET"):
        mistakes.append(FieldError("streams", "body", "answer, websocket (on GET), or empty"))
    if mistakes:
        raise PropylonError(
            "catalog.operation.invalid",
            "These are no rules for an operation. Correct the fields named in errors.",
            kind=Kind.MALFORMED,
            errors=mistakes,
        )


def write_mocks() -> None:
    """Repairs the sandbox's folder of mocked documents; for the start, and after a restore."""
    sync_mocks()


def _record(acting_user: Actor, action: str, publication: Publication) -> None:
    version = publication.product_version
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="product",
        object_id=version.product.name,
        data={
            "version": version.version,
            "environment": publication.environment.name,
            "upstream": publication.upstream.name,
            "upstream_prefix": publication.upstream_prefix,
        },
    )
