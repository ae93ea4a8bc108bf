"""Where versions answer, who sees products, which operations are open."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.mocks import is_mocked, mock_prefix, sync_mocks
from propylon.catalog.models import Environment, Operation, Product, ProductVersion, Publication, Upstream
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
    *, acting_user: Actor, operation: Operation, is_public: bool, requires_certificate: bool
) -> None:
    """Opens an operation to callers without a token, or asks for a client certificate."""
    if is_public and requires_certificate:
        raise PropylonError(
            "catalog.operation.contradiction",
            "An operation is public or asks for a certificate, not both. Choose one.",
            kind=Kind.MALFORMED,
        )
    if (operation.is_public, operation.requires_certificate) == (is_public, requires_certificate):
        return
    operation.is_public, operation.requires_certificate = is_public, requires_certificate
    operation.save()
    version = operation.product_version
    record_event(
        acting_user=acting_user,
        action="operation.access_changed",
        object_kind="product",
        object_id=version.product.name,
        data={
            "version": version.version,
            "operation": str(operation),
            "is_public": is_public,
            "requires_certificate": requires_certificate,
        },
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
