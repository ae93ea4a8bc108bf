"""Deleting an application: tokens refused within a second, keys gone, name free again (FEATURES A4)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from propylon.applications.actions.regenerations import close_waiting
from propylon.applications.actions.secrets import SECRET_FIELDS, wipe_secrets
from propylon.applications.events import record_application
from propylon.applications.generation import end_tokens, locked
from propylon.applications.models import Application, Client, ClientStatus, SourceRange, Subscription
from propylon.kernel.actor import Actor


@transaction.atomic
def delete_application(*, acting_user: Actor, application: Application) -> None:
    """Deleting twice changes nothing. The rows stay, emptied, so that history and call records keep their names.

    A service account's name stays taken: certificates that carry it may still be valid.
    """
    current = Application.objects.select_for_update().get(pk=application.pk)
    if current.deleted_at is not None:
        return
    for client in current.clients.all():
        _end_client(acting_user, locked(client))
    current.deleted_at = timezone.now()
    current.save(update_fields=["deleted_at"])
    record_application(acting_user, "deleted", current, name=current.name)


def _end_client(acting_user: Actor, client: Client) -> None:
    end_tokens(acting_user=acting_user, client=client, reason="application deleted")
    SourceRange.objects.filter(client=client).delete()
    Subscription.objects.filter(client=client).delete()
    client.status = ClientStatus.DELETED
    wipe_secrets(client)
    close_waiting(acting_user, client)
    client.redirect_uris = []
    client.save(update_fields=["status", "redirect_uris", *SECRET_FIELDS])
