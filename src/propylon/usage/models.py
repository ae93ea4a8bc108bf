"""Call records, in a database of their own where the installation has one (`usage`)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class CallRecord(models.Model):
    """One call. No personal data but the source address; never a token, its `jti` at most."""

    tracking_id = models.CharField(max_length=36)
    part = models.PositiveIntegerField(default=0)  # propylon.usage.parts: keeps the index over random ids in few pages
    caller_request_id = models.CharField(max_length=128, blank=True)
    at = models.DateTimeField()
    node = models.CharField(max_length=60)
    listener = models.CharField(max_length=8)
    environment = models.CharField(max_length=40, blank=True)
    product = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=20, blank=True)
    operation = models.CharField(max_length=160, blank=True)
    method = models.CharField(max_length=16)
    path = models.CharField(max_length=2100)
    status = models.PositiveSmallIntegerField()
    refusal_code = models.CharField(max_length=80, blank=True)  # empty: the upstream answered
    client_id = models.CharField(max_length=40, blank=True)
    application_id = models.CharField(max_length=40, blank=True)
    grant_id = models.CharField(max_length=40, blank=True)
    jti = models.CharField(max_length=40, blank=True)
    source_address = models.CharField(max_length=45, blank=True)
    certificate_fingerprint = models.CharField(max_length=64, blank=True)
    duration_ms = models.PositiveIntegerField()
    upstream_ms = models.PositiveIntegerField(null=True, blank=True)
    bytes_received = models.PositiveBigIntegerField(default=0)
    bytes_sent = models.PositiveBigIntegerField(default=0)
    details = models.CharField(max_length=300, blank=True)  # Envoy's own words

    class Meta:
        indexes = (
            models.Index(fields=["part", "tracking_id"], name="calls_by_tracking_id"),
            models.Index(fields=["application_id", "at"]),
            # Few calls are refused, and only they cost these two.
            models.Index(fields=["at"], condition=~models.Q(refusal_code=""), name="refused_calls"),
            models.Index(fields=["refusal_code", "at"], condition=~models.Q(refusal_code=""), name="refused_calls_so"),
            # Only calls with a customer's consent cost this one.
            models.Index(fields=["grant_id", "at"], condition=~models.Q(grant_id=""), name="calls_of_grants"),
        )
        constraints = (models.UniqueConstraint(fields=["at", "tracking_id"], name="call_once"),)

    def __str__(self) -> str:
        return f"{self.tracking_id} {self.method} {self.path} {self.status}"


class ShippedSegment(models.Model):
    """How far a node's log segment has been taken in; moves in the transaction that stores the records."""

    node = models.CharField(max_length=60)
    segment = models.CharField(max_length=80)
    offset = models.PositiveBigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["node", "segment"], name="segment_of_node"),)

    def __str__(self) -> str:
        return f"{self.node} {self.segment} {self.offset}"


class PeriodCalls(models.Model):
    """Calls of a client that reached an upstream in a day ("2026-11-22") or a month ("2026-11"), UTC."""

    client_id = models.CharField(max_length=40)
    period = models.CharField(max_length=10)
    calls = models.PositiveBigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client_id", "period"], name="calls_of_client_in_period"),)

    def __str__(self) -> str:
        return f"{self.client_id} {self.period} {self.calls}"


class PendingCounts(models.Model):
    """What is to be counted of one batch of call lines, stored with its records until `usage.rollups` adds it up."""

    counted = models.BinaryField()  # propylon.usage.waiting_calls.pack
    calls = models.PositiveIntegerField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.pk} {self.received_at}"


class Series(models.Model):
    """What is counted over time; `kind` (propylon.usage.counts.SeriesKind) says which of the fields are filled."""

    key = models.CharField(max_length=400, unique=True)  # propylon.usage.counts.SeriesKey.text
    kind = models.CharField(max_length=24)
    environment = models.CharField(max_length=40, blank=True)
    product = models.CharField(max_length=60, blank=True)
    version = models.CharField(max_length=20, blank=True)
    operation = models.CharField(max_length=160, blank=True)
    organization = models.CharField(max_length=40, blank=True)  # public ids
    application = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["application", "kind"], name="series_of_application"),
            models.Index(fields=["kind", "product", "organization"], name="series_of_kind"),
        )

    def __str__(self) -> str:
        parts = (self.environment, self.product, self.version, self.operation, self.organization, self.application)
        return f"{self.kind} {' '.join(part for part in parts if part)}"


class PeriodCounts(models.Model):
    """Sums over the calls of one series in one minute, hour, day or week, as propylon.usage.counts.Counts says.

    The key is the series first: a page reads few series over many days.
    """

    pk = models.CompositePrimaryKey("series_id", "start")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="+")
    start = models.PositiveBigIntegerField()  # the first second, since 1970, UTC
    calls = models.PositiveBigIntegerField()
    refused = models.PositiveBigIntegerField()
    errors = models.PositiveBigIntegerField()
    failed = models.PositiveBigIntegerField()
    duration_ms = models.PositiveBigIntegerField()
    bytes_received = models.PositiveBigIntegerField()
    bytes_sent = models.PositiveBigIntegerField()
    codes = models.BinaryField()  # a JSON object: code → calls
    latency = models.BinaryField()  # propylon.usage.latency.to_bytes
    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.series_id} {self.start} {self.calls}"


class MinuteCounts(PeriodCounts):
    pass


class HourCounts(PeriodCounts):
    pass


class DayCounts(PeriodCounts):
    """Days are those of UTC."""


class WeekCounts(PeriodCounts):
    """Weeks begin on Monday, UTC. So that a quarter is read from a fifth of the rows."""


class DayOperations(models.Model):
    """What an application called on a day (UTC), operation by operation."""

    pk = models.CompositePrimaryKey("series_id", "start")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="+")  # the application's
    start = models.PositiveBigIntegerField()  # the day's first second, since 1970, UTC
    operations = models.BinaryField()  # propylon.usage.day_operations.to_bytes

    def __str__(self) -> str:
        return f"{self.series_id} {self.start}"


class DayCalls(models.Model):
    """Some calls of an application on a day (UTC) that are not in its DayOperations yet."""

    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="+")  # the application's
    start = models.PositiveBigIntegerField()  # the day's first second, since 1970, UTC
    calls = models.PositiveIntegerField()
    packed = models.BinaryField()  # propylon.usage.waiting_calls.CallsOfDay

    class Meta:
        indexes = (models.Index(fields=["series", "start", "calls"], name="calls_of_day"),)

    def __str__(self) -> str:
        return f"{self.series_id} {self.start} {self.calls}"


class VersionCalls(models.Model):
    """How often an application called a version of a product on a day (UTC)."""

    pk = models.CompositePrimaryKey("series_id", "start", "application")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="+")  # the version's
    start = models.PositiveBigIntegerField()  # the day's first second, since 1970, UTC
    application = models.CharField(max_length=40, blank=True)  # empty: calls without a token
    calls = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()  # the second of the last of them

    def __str__(self) -> str:
        return f"{self.series_id} {self.start} {self.application} {self.calls}"


class DayDowntime(models.Model):
    """For how many seconds of a day a service was down (propylon.usage.downtime); no row means none."""

    pk = models.CompositePrimaryKey("series_id", "start")
    series = models.ForeignKey(Series, on_delete=models.CASCADE, db_index=False, related_name="+")
    start = models.PositiveBigIntegerField()  # the day's first second, since 1970, UTC
    seconds = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.series_id} {self.start} {self.seconds}"
