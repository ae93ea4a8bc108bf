"""Revisions and what each gateway node runs."""

from __future__ import annotations

from django.db import models


class Revision(models.Model):
    """A compiled configuration, named by the hash of its content."""

    version = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    diagnostics = models.JSONField(default=list)

    def __str__(self) -> str:
        return self.version


class Node(models.Model):
    """A gateway node as it last reported itself."""

    name = models.CharField(max_length=60, unique=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class NodeResource(models.Model):
    """Which version of a resource kind Envoy itself reports on this node."""

    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="resources")
    kind = models.CharField(max_length=16)
    version = models.CharField(max_length=64)
    confirmed_at = models.DateTimeField()
    rejection = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["node", "kind"], name="resource_of_node"),)

    def __str__(self) -> str:
        return f"{self.node} {self.kind} {self.version}"
