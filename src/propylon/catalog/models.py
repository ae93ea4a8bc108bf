"""API products and where they are published."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from propylon.accounts.models import User


class Environment(models.Model):
    """`sandbox`, `production`, or as configured: a path prefix, an audience, credentials of its own."""

    name = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    path_prefix = models.CharField(max_length=40, unique=True)  # "/sandbox"; audience = public URL + prefix
    approves_by_itself = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    demands_nonces = models.BooleanField(default=False)  # in DPoP proofs (RFC 9449, 8)

    def __str__(self) -> str:
        return self.name


class Upstream(models.Model):
    """Where calls are sent: `unix:/path`, `http://host:port` or `https://host:port`; `sandbox` is our own bank."""

    name = models.SlugField(max_length=60, unique=True)
    address = models.CharField(max_length=300)
    timeout_ms = models.PositiveIntegerField(default=15_000)
    ca_pem = models.TextField(blank=True)  # for https; empty: the system's trust
    sends_client_certificate = models.BooleanField(default=False)
    further_addresses = models.JSONField(default=list, blank=True)  # of the same scheme; calls are spread over all
    health_path = models.CharField(max_length=200, blank=True)  # empty: nobody asks
    max_parallel_calls = models.PositiveIntegerField(default=4096)  # per gateway node

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """A group of operations that partners subscribe to."""

    name = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    summary = models.CharField(max_length=300, blank=True)  # the description's first sentence, for cards
    default_scope = models.CharField(max_length=80)
    error_format = models.CharField(max_length=16, default="standard")  # standard | tpp | problem
    is_visible = models.BooleanField(default=True)
    is_featured = models.BooleanField(default=False)  # shown on the portal's home
    is_psd2_only = models.BooleanField(default=False)  # for licensed third parties
    geography = models.CharField(max_length=120, blank=True)  # "Sweden, Finland": where it may be used
    search_text = models.TextField(blank=True)  # propylon.catalog.search_text
    max_body_bytes = models.PositiveBigIntegerField(default=0)  # of a request; 0: the installation's
    max_answer_bytes = models.PositiveBigIntegerField(default=0)  # 0: no bound
    timeout_ms = models.PositiveIntegerField(default=0)  # until an answer is whole; 0: the upstream's
    requires_binding = models.BooleanField(default=False)  # of all its operations that need a token
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Scope(models.Model):
    """What a token may do; names are unique over all products."""

    name = models.CharField(max_length=80, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="scopes")
    title = models.CharField(max_length=200)  # what the consent page says, in words for the bank's customer
    asks_accounts = models.BooleanField(default=False)  # the customer chooses which of their accounts it covers
    risk = models.CharField(max_length=8, default="normal")  # low, normal, high: how customers sign in to consent

    def __str__(self) -> str:
        return self.name


class ProductVersion(models.Model):
    """One version, as its OpenAPI document describes it."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="versions")
    version = models.CharField(max_length=20)  # "v1"
    document = models.JSONField()  # the OpenAPI document as imported
    document_hash = models.CharField(max_length=64)
    mount_path = models.CharField(max_length=200)  # below the environment's prefix: "/accounts/v1", or "/psd2"
    created_at = models.DateTimeField()
    deprecated_at = models.DateTimeField(null=True, blank=True)  # RFC 9745; may lie ahead
    sunset_at = models.DateTimeField(null=True, blank=True)  # RFC 8594
    successor = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    lifecycle_link = models.CharField(max_length=300, blank=True)  # what to do; empty: the portal's page of versions
    ends_at_sunset = models.BooleanField(default=False)  # calls are refused from then on; else still served
    ended_at = models.DateTimeField(null=True, blank=True)  # since when they are

    class Meta:
        constraints = (models.UniqueConstraint(fields=["product", "version"], name="product_version"),)

    def __str__(self) -> str:
        return f"{self.product} {self.version}"

    @property
    def state(self) -> str:
        """current, announced (deprecated from a day to come), deprecated, past_sunset (still served) or ended."""
        now = timezone.now()
        if self.ended_at is not None:
            return "ended"
        if self.deprecated_at is None:
            return "current"
        if self.sunset_at is not None and self.sunset_at <= now:
            return "past_sunset"
        return "deprecated" if self.deprecated_at <= now else "announced"


class DetailType(models.Model):
    """A type of `authorization_details` (RFC 9396): what its objects say is in its schema.

    It exists in an environment where one of its versions answers. Tokens with such details carry `scope` as well, so
    that the gateway lets them call. Where `account_member` names a member of the objects, the customer chooses which of
    their accounts stand there: several if the schema makes it a list, one if it makes it a text.
    """

    name = models.CharField(max_length=80, unique=True)  # the value of `type`
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="detail_types")
    versions = models.ManyToManyField(ProductVersion, related_name="detail_types")
    title = models.CharField(max_length=200)  # what the consent page says, in words for the bank's customer
    schema = models.JSONField()  # JSON Schema of an object, without `type`; titles of members are their labels
    account_member = models.CharField(max_length=60, blank=True)
    scope = models.ForeignKey(Scope, on_delete=models.SET_NULL, null=True, blank=True, related_name="detail_types")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Operation(models.Model):
    """One method on one path template below the version's mount path."""

    product_version = models.ForeignKey(ProductVersion, on_delete=models.CASCADE, related_name="operations")
    operation_id = models.CharField(max_length=160)
    method = models.CharField(max_length=8)  # upper case
    path_template = models.CharField(max_length=400)  # "/accounts/{id}"
    summary = models.CharField(max_length=300, blank=True)
    tag = models.CharField(max_length=120, blank=True)  # the document's first tag: the group it is shown in
    is_deprecated = models.BooleanField(default=False)
    scopes = models.JSONField(default=list)  # all of them are needed
    is_public = models.BooleanField(default=False)  # only an operator makes an operation public
    requires_certificate = models.BooleanField(default=False)
    plans = models.JSONField(default=list, blank=True)  # names of the plans that include it; empty: all
    psd2_roles = models.JSONField(default=list, blank=True)  # one of them is needed; empty: none
    acr_values = models.JSONField(default=list, blank=True)  # one of them is needed; empty: none (RFC 9470)
    max_age = models.PositiveIntegerField(default=0)  # seconds since the customer signed in; 0: any (RFC 9470)
    requires_binding = models.BooleanField(default=False)  # the token is bound to a certificate or a key
    streams = models.CharField(max_length=10, blank=True)  # propylon.gateway.routing.STREAMS

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["product_version", "method", "path_template"], name="operation_route"),
            models.UniqueConstraint(fields=["product_version", "operation_id"], name="operation_name"),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path_template}"


class Publication(models.Model):
    """A version answers in an environment, from an upstream."""

    product_version = models.ForeignKey(ProductVersion, on_delete=models.CASCADE, related_name="publications")
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="publications")
    upstream = models.ForeignKey(Upstream, on_delete=models.PROTECT, related_name="publications")
    upstream_prefix = models.CharField(max_length=200, blank=True)  # what the upstream's paths begin with
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["product_version", "environment"], name="published_once"),)

    def __str__(self) -> str:
        return f"{self.product_version} in {self.environment}"


class ImportDraft(models.Model):
    """A document that somebody has looked at and not imported yet: nothing of it is in the catalogue."""

    public_id = models.CharField(max_length=40, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(db_index=True)
    text = models.TextField()  # the document as JSON
    notes = models.JSONField(default=list)  # [place, reason] of what was mended, which the text does not show any more
    name = models.CharField(max_length=60, blank=True)  # what was chosen instead of what the document says
    title = models.CharField(max_length=120, blank=True)
    version = models.CharField(max_length=20, blank=True)
    scope = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.public_id


class QuotaKind(models.TextChoices):
    """How a quota is kept: `propylon.catalog.quotas` says what each means."""

    NONE = ""
    METERED = "metered"
    EXACT = "exact"


class QuotaOutage(models.TextChoices):
    """What an exact quota's calls get while the control plane cannot be asked."""

    SERVE = "serve"
    REFUSE = "refuse"


class Plan(models.Model):
    """How fast an application may call, and how often in a day and a month (UTC)."""

    name = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    requests_per_second = models.PositiveIntegerField()
    burst = models.PositiveIntegerField()
    quota_kind = models.CharField(max_length=8, choices=QuotaKind.choices, default=QuotaKind.NONE, blank=True)
    calls_per_day = models.PositiveBigIntegerField(null=True, blank=True)  # null: unlimited; 0: none
    calls_per_month = models.PositiveBigIntegerField(null=True, blank=True)
    quota_outage = models.CharField(max_length=8, choices=QuotaOutage.choices, default=QuotaOutage.SERVE)
    is_default = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name
