"""The internal CA and the life of an order."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from propylon.applications.models import Client


class Authority(models.Model):
    """A certificate authority of this installation: `kind` is root, issuing or nodes (which has no CRL)."""

    kind = models.CharField(max_length=8, unique=True)
    certificate_pem = models.TextField()
    key_sealed = models.TextField()  # purpose "ca-key"
    crl_pem = models.TextField(blank=True)
    crl_number = models.PositiveIntegerField(default=0)
    crl_next_update = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} CA"


class TrustAnchor(models.Model):
    """A foreign authority whose certificates the mutual listener lets through, once it has its revocation list.

    Who shows one is nobody yet: a service account is bound to single certificates, each registered with its client.
    """

    public_id = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=64, unique=True)  # SHA-256 of the DER, hex
    name = models.CharField(max_length=200)
    subject_dn = models.CharField(max_length=1000)  # RFC 4514
    certificate_pem = models.TextField()
    not_after = models.DateTimeField()
    source = models.CharField(max_length=40)  # "pem", or "trusted list SE"
    crl_pem = models.TextField(blank=True)  # without one the listener would refuse all that it has issued
    crl_next_update = models.DateTimeField(null=True, blank=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    @property
    def state(self) -> str:
        """in_force; or nothing of it passes: waiting (for its first revocation list), list_ended, expired."""
        now = timezone.now()
        if self.not_after <= now:
            return "expired"
        if self.crl_next_update is None:
            return "waiting"
        return "in_force" if self.crl_next_update > now else "list_ended"

    def __str__(self) -> str:
        return self.name


class OrderStatus(models.TextChoices):
    """requested → approved → signing → issued → downloaded; refused ends it from any step before issued."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SIGNING = "signing"
    ISSUED = "issued"
    DOWNLOADED = "downloaded"
    REFUSED = "refused"


class Order(models.Model):
    """An order for a client's identity certificate. With a server-made key the sealed key lives until the download."""

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="certificate_orders")
    status = models.CharField(max_length=12, choices=OrderStatus.choices, default=OrderStatus.REQUESTED)
    csr_pem = models.TextField(blank=True)  # empty: the key is made here
    psd2_roles = models.JSONField(default=list, blank=True)  # of a test certificate in the shape of a QWAC; empty: none
    key_sealed = models.TextField(blank=True)  # purpose "certificate-key"; emptied when it was downloaded
    # The intent, committed before anything is signed: the same three always give the same certificate.
    intended_serial = models.CharField(max_length=40, blank=True)  # 40 hex digits
    intended_not_before = models.DateTimeField(null=True, blank=True)
    intended_tbs_digest = models.CharField(max_length=64, blank=True)
    requested_by = models.CharField(max_length=80)
    requested_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    refusal_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = (models.Index(fields=["status", "requested_at"], name="orders_in_status"),)

    def __str__(self) -> str:
        return self.public_id


class MadeFor(models.TextChoices):
    """Who holds the key: the partner, or for an hour the portal's call console."""

    PARTNER = "partner"
    CONSOLE = "console"


class Certificate(models.Model):
    """An issued certificate. `fingerprint` is SHA-256 of the DER in lower-case hex."""

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="certificates")
    made_for = models.CharField(max_length=8, choices=MadeFor.choices, default=MadeFor.PARTNER)
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="certificate", null=True, blank=True)
    is_own = models.BooleanField(default=False)  # the partner brought it; another authority has issued it
    serial = models.CharField(max_length=40, db_index=True)  # 40 hex digits
    fingerprint = models.CharField(max_length=64, unique=True)
    common_name = models.CharField(max_length=64, db_index=True)
    subject_dn = models.CharField(max_length=400)  # RFC 4514
    certificate_pem = models.TextField()
    chain_pem = models.TextField()  # the issuers above it, without the root
    psd2_roles = models.JSONField(default=list, blank=True)  # that it gives: as read from it (ETSI TS 119 495)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (models.Index(fields=["not_after"], name="certificates_by_end"),)
        constraints = (  # among ours: what others number is their affair
            models.UniqueConstraint(
                fields=["serial"], condition=models.Q(is_own=False), name="certificate_serial_unique"
            ),
        )

    @property
    def state(self) -> str:
        """active, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.not_after <= timezone.now() else "active"

    def __str__(self) -> str:
        return f"{self.common_name} {self.serial}"


class DownloadLink(models.Model):
    """Valid for one download, and until `expires_at`. Only the digest of its secret is stored."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="download_links")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link of {self.order}"
