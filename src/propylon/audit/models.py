"""The append-only event log."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """One thing that somebody did. Written in the transaction of the action itself; never changed."""

    at = models.DateTimeField(db_index=True)
    action = models.CharField(max_length=80)  # "application.registered": room's noun, dot, past participle
    actor_kind = models.CharField(max_length=16)
    actor_id = models.CharField(max_length=80)
    actor_label = models.CharField(max_length=254)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=254)
    organization_id = models.CharField(max_length=80, blank=True, db_index=True)  # public id
    tracking_id = models.CharField(max_length=36, blank=True)
    data = models.JSONField(default=dict)  # never a secret, a token or personal data of a customer

    class Meta:
        indexes = (
            models.Index(fields=["object_id", "object_kind"], name="events_about"),
            models.Index(fields=["actor_id"], name="events_by"),
            models.Index(fields=["tracking_id"], name="events_of_request"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_label} {self.action} {self.object_id}"
