"""What must act at once."""

from __future__ import annotations

from django.db import models

UNSETTLED = 2**31 - 1  # greater than every settlement's number


class Mark(models.Model):
    """Tokens that carry exactly this value are refused, until they would have expired anyway.

    `kind` is a key of `propylon.gateway.marks.MARK_KINDS`; `value` what the token's claim (or certificate) must equal.
    """

    kind = models.CharField(max_length=16)
    value = models.CharField(max_length=160)
    reason = models.CharField(max_length=80)
    placed_at = models.DateTimeField()  # the last time
    expires_at = models.DateTimeField(db_index=True)
    # The number of the settlement that held this mark first since it was last placed (propylon.gateway.layers).
    settled_in = models.IntegerField(default=UNSETTLED, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "value"], name="mark_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
