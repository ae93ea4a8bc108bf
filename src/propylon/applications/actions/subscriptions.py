"""Subscribing a client to products: their scopes become the ones it may ask for."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.applications.events import record_client
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Client, Subscription
from propylon.catalog.models import Product
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.sealing.entropy import new_public_id


@transaction.atomic
def subscribe(*, acting_user: Actor, client: Client, product: Product) -> Subscription:
    """Raises `subscription.exists`."""
    if Subscription.objects.filter(client=client, product=product).exists():
        raise PropylonError("subscription.exists", f"The client has {product.title} already.", kind=Kind.CONFLICT)
    subscription = Subscription.objects.create(
        public_id=new_public_id("sub"), client=client, product=product, created_at=timezone.now()
    )
    record_client(acting_user, "subscribed", client, product=product.name)
    return subscription


@transaction.atomic
def unsubscribe(*, acting_user: Actor, subscription: Subscription) -> None:
    """Tokens that carry the product's scopes are refused at once; the client asks for new ones."""
    client = locked(subscription.client)
    product = subscription.product
    deleted, _ = Subscription.objects.filter(pk=subscription.pk).delete()
    if deleted:
        end_tokens(acting_user=acting_user, client=client, reason="unsubscribed")
        record_client(acting_user, "unsubscribed", client, product=product.name)
