"""Where versions answer, and who sees products."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.catalog.mocks import is_mocked, mock_prefix, sync_mocks
from propylon.catalog.models import Environment, Product, ProductVersion, Publication, Upstream
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
