"""Which types of `authorization_details` a client may use (client metadata of RFC 9396, section 10)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from propylon.accounts.checks import refuse_if
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client
from propylon.catalog.models import DetailType
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError


@transaction.atomic
def set_authorization_details_types(*, acting_user: Actor, client: Client, types: Sequence[str]) -> None:
    """These alone; none: all types of the products that it is subscribed to.

    Raises `client.authorization_details_types.invalid`.
    """
    current = locked(client)
    wanted = sorted(set(types))
    known = set(DetailType.objects.filter(product__subscriptions__client=current).values_list("name", flat=True))
    unknown = [name for name in wanted if name not in known]
    refuse_if(
        "client.authorization_details_types.invalid",
        "Name types of products that the application is subscribed to. Nothing was changed.",
        [FieldError("types", "body", f"unknown: {', '.join(unknown)[:200]}")] if unknown else [],
    )
    before = current.authorization_details_types
    if before == wanted:
        return
    current.authorization_details_types = wanted
    current.save(update_fields=["authorization_details_types"])
    record_client(acting_user, "authorization_details_types_set", current, before=before, after=wanted)
    client.authorization_details_types = wanted
