"""Whether a client may ask customers on their own devices (CIBA): allowed one by one, by the operator."""

from __future__ import annotations

from django.db import transaction

from propylon.applications.client_policy import may_be_allowed_to_ask
from propylon.applications.events import record_client
from propylon.applications.generation import locked
from propylon.applications.models import Client
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


@transaction.atomic
def allow_asking_customers(*, acting_user: Actor, client: Client, is_allowed: bool) -> None:
    """In force with the next request. What customers approved already stays their consent until they withdraw it."""
    current = locked(client)
    if is_allowed and not may_be_allowed_to_ask(current):
        raise PropylonError(
            "client.asking_customers.not_for_type",
            "Applications of this type do not ask customers on their own devices: web applications and those of the "
            "bank do.",
            kind=Kind.CONFLICT,
        )
    if current.may_ask_customers == is_allowed:
        client.may_ask_customers = is_allowed
        return
    current.may_ask_customers = is_allowed
    current.save(update_fields=["may_ask_customers"])
    record_client(acting_user, "asking_customers_set", current, is_allowed=is_allowed)
    client.may_ask_customers = is_allowed
