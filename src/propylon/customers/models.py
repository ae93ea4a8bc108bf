"""The built-in customer directory."""

from __future__ import annotations

from django.db import models


class Customer(models.Model):
    """A customer of the bank in one environment.

    `subject` is what tokens carry and the bank's systems know the customer by: opaque, never the identity number.
    """

    environment = models.CharField(max_length=40)  # catalog.Environment.name
    identity_number = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    password = models.CharField(max_length=200)  # Django password hash
    published_password = models.CharField(max_length=80, blank=True)  # of sandbox identities: documentation
    subject = models.CharField(max_length=64)
    product = models.CharField(max_length=80, blank=True)  # the product whose documentation names this identity
    is_sandbox_identity = models.BooleanField(default=False)
    locked_until = models.DateTimeField(null=True, blank=True)
    failed_attempts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["environment", "identity_number"], name="customer_identity"),
            models.UniqueConstraint(fields=["environment", "subject"], name="customer_subject"),
        )

    def __str__(self) -> str:
        return f"{self.subject} in {self.environment}"


class AddressThrottle(models.Model):
    """Failed logins from one address, over all identities; forgotten at `window_ends_at`."""

    address = models.CharField(max_length=45, unique=True)
    failed_attempts = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failed_attempts} failures from {self.address}"
