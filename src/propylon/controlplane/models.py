"""Revisions, what is offered to the gateway nodes, what each of them runs, and the calls that are leased to them."""

from __future__ import annotations

from django.db import models


class Revision(models.Model):
    """A compiled configuration, named by the hash of its content; or an attempt that failed ("failed-…")."""

    version = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)  # the last time; empty: never offered
    resources = models.JSONField(default=dict)  # kind: version
    diagnostics = models.JSONField(default=list)  # [{"place", "code", "message"}]

    def __str__(self) -> str:
        return self.version


class Offer(models.Model):
    """The version of a resource kind that nodes are to run; configuration kinds and marks alike."""

    kind = models.CharField(max_length=16, unique=True)
    version = models.CharField(max_length=64)
    since = models.DateTimeField()
    marks = models.PositiveIntegerField(null=True)  # how many it holds; null for configuration

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class Settlement(models.Model):
    """One rewriting of the bulk of the marks; its number is the primary key (propylon.gateway.layers)."""

    version = models.CharField(max_length=64, blank=True)  # empty until it is compiled
    made_at = models.DateTimeField()
    marks = models.PositiveIntegerField(null=True)  # how many it holds

    def __str__(self) -> str:
        return f"{self.pk} {self.version}"


class QuotaCount(models.Model):
    """The calls of a client with an exact quota that were leased to nodes, in a day or a month of UTC."""

    client_id = models.CharField(max_length=64)
    period = models.CharField(max_length=10)  # "2026-11-22" | "2026-11"
    calls = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client_id", "period"], name="quota_count_of_period"),)

    def __str__(self) -> str:
        return f"{self.client_id} {self.period}: {self.calls}"


class Node(models.Model):
    """A gateway node as it last reported itself."""

    name = models.CharField(max_length=60, unique=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Enrolment(models.Model):
    """A node on another machine that may talk to the control plane, and the certificate by which it is believed.

    Fingerprints are SHA-256 of the DER in lower-case hex. A renewed certificate's forerunner is believed until
    `previous_ends_at`, which is empty until the new one was seen: its answer may have been lost.
    """

    name = models.CharField(max_length=60, unique=True)
    enrolled_at = models.DateTimeField()
    fingerprint = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()
    previous_fingerprint = models.CharField(max_length=64, blank=True)
    previous_ends_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class NodeResource(models.Model):
    """Which version of a resource kind Envoy itself reports on this node, and why it refused a newer one, if it did."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=16)
    version = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField()  # when the node first reported this version
    rejection = models.TextField(blank=True)  # Envoy's words
    marks = models.PositiveIntegerField(null=True)  # how many this version holds; null: not of marks, or unknown

    class Meta:
        constraints = (models.UniqueConstraint(fields=["node", "kind"], name="resource_of_node"),)

    def __str__(self) -> str:
        return f"{self.node} {self.kind} {self.version}"
