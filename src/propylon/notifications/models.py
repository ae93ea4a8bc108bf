"""Mails as the outbox keeps them."""

from __future__ import annotations

from django.db import models


class Mail(models.Model):
    """One mail to one address; queued in the transaction of the action, delivered by the worker.

    `next_attempt_at` is empty once it was delivered, or after the last attempt failed.
    """

    public_id = models.CharField(max_length=40, unique=True)
    to = models.EmailField(max_length=254, db_index=True)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    queued_at = models.DateTimeField()
    next_attempt_at = models.DateTimeField(null=True, blank=True, db_index=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["queued_at"],
                condition=models.Q(next_attempt_at__isnull=True, delivered_at__isnull=True),
                name="mails_failed",  # few of many: counted on the console's first page
            ),
        )

    @property
    def state(self) -> str:
        """sent, queued, or failed for good."""
        if self.delivered_at is not None:
            return "sent"
        return "failed" if self.next_attempt_at is None else "queued"

    def __str__(self) -> str:
        return f"{self.to}: {self.subject}"
