"""Applications of partners and what they authenticate with."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import models
from django.utils import timezone

from propylon.accounts.models import Organization, User
from propylon.catalog.models import Environment, Plan, Product
from propylon.oauth.key_address import LONGEST_KEPT


class Application(models.Model):
    """What a developer registers; `type` and each client's `security_profile` are keys of `propylon.oauth.policy`."""

    public_id = models.CharField(max_length=40, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="applications")
    name = models.CharField(max_length=80)
    type = models.CharField(max_length=16)
    contact_email = models.EmailField(max_length=254)
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=models.Q(deleted_at__isnull=True),
                name="application_name_in_organization",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ClientStatus(models.TextChoices):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    DELETED = "deleted"


class Client(models.Model):
    """An application in one environment: its OAuth client. Tokens carry `generation`; moving it on kills them."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="clients")
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="clients")
    client_id = models.CharField(max_length=40, unique=True)
    generation = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=ClientStatus.choices, default=ClientStatus.PENDING)
    security_profile = models.CharField(max_length=10)
    token_endpoint_auth_method = models.CharField(max_length=30)
    secret_digest = models.CharField(max_length=64, blank=True)
    secret_sealed = models.TextField(blank=True)  # for Show; purpose "client-secret"
    old_secret_digest = models.CharField(max_length=64, blank=True)
    old_secret_ends_at = models.DateTimeField(null=True, blank=True)
    redirect_uris = models.JSONField(default=list)
    public_keys = models.JSONField(default=list, blank=True)  # JWKs; what it signs is verified with them
    jwks_uri = models.CharField(max_length=500, blank=True)  # instead of `public_keys`: FetchedKeys lie there
    requires_signed_requests = models.BooleanField(default=False)  # RFC 9101
    certificate_name_kind = models.CharField(max_length=5, blank=True)  # dns, uri, ip or email (RFC 8705, 2.1.2)
    certificate_name = models.CharField(max_length=253, blank=True)  # its certificates have it; empty: the CN counts
    legacy_ends_at = models.DateTimeField(null=True, blank=True)  # until then an operator allows the profile `legacy`
    legacy_reason = models.CharField(max_length=400, blank=True)
    registered_with = models.ForeignKey(
        "RegistrationToken", on_delete=models.SET_NULL, null=True, blank=True, related_name="clients"
    )  # it registered itself (RFC 7591)
    registration_digest = models.CharField(max_length=64, blank=True, db_index=True)  # of its registration access token
    may_ask_customers = models.BooleanField(default=False)  # on their own devices (CIBA), where its type can
    authorization_details_types = models.JSONField(default=list, blank=True)  # RFC 9396, 10; empty: its products'
    binds_tokens_to_certificate = models.BooleanField(default=False)
    orders_certificate = models.BooleanField(default=False)  # at its approval, key made here; an order takes it back
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="clients")
    created_at = models.DateTimeField()
    requested_at = models.DateTimeField(default=timezone.now)  # the last time
    requests = models.PositiveSmallIntegerField(default=1)  # how often: more than once after a rejection
    request_note = models.CharField(max_length=400, blank=True)  # what has changed since, for who decides
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["application", "environment"], name="client_per_environment"),)
        indexes = (
            models.Index(fields=["status", "requested_at"], name="clients_waiting"),
            models.Index(
                fields=["id"], condition=models.Q(orders_certificate=True), name="clients_wishing_certificate"
            ),
            models.Index(
                fields=["legacy_ends_at"], condition=models.Q(legacy_ends_at__isnull=False), name="clients_with_legacy"
            ),
        )

    @property
    def has_two_secrets(self) -> bool:
        """The old secret still works beside the present one."""
        return (
            bool(self.old_secret_digest)
            and self.old_secret_ends_at is not None
            and (timezone.now() < self.old_secret_ends_at)
        )

    @property
    def is_legacy(self) -> bool:
        """The permission is in force now; its end needs nobody to act."""
        return self.legacy_ends_at is not None and timezone.now() < self.legacy_ends_at

    def __str__(self) -> str:
        return self.client_id


class FetchedKeys(models.Model):
    """What lay at a client's `jwks_uri` when it was asked last; the row goes when another address is set."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="fetched_keys")
    keys = models.JSONField(default=list, blank=True)  # JWKs that can verify; old ones stay while nothing answers
    fetched_at = models.DateTimeField(null=True, blank=True)  # these keys; null: never yet
    asked_at = models.DateTimeField(null=True, blank=True)  # the last time
    answered_at = models.DateTimeField(null=True, blank=True)  # with whatever outcome
    ask_at = models.DateTimeField()  # the worker asks then
    failures = models.PositiveSmallIntegerField(default=0)  # since the last success
    problem = models.CharField(max_length=200, blank=True)  # of the last time; "" after a success

    class Meta:
        indexes = (models.Index(fields=["ask_at"], name="keys_to_fetch"),)

    @property
    def usable(self) -> list[dict[str, str]]:
        """The keys, unless the address has been silent for too long."""
        oldest = timezone.now() - timedelta(seconds=LONGEST_KEPT)
        return self.keys if self.fetched_at is not None and self.fetched_at > oldest else []

    def __str__(self) -> str:
        return f"keys of {self.client}"


class RegistrationToken(models.Model):
    """An initial access token (RFC 7591, 3): whoever has it registers applications of one organization in one place."""

    public_id = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    environment = models.ForeignKey(Environment, on_delete=models.CASCADE, related_name="+")
    note = models.CharField(max_length=120)  # for whom it is
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses_left = models.PositiveIntegerField()
    ended_at = models.DateTimeField(null=True, blank=True)

    @property
    def is_live(self) -> bool:
        return self.ended_at is None and self.uses_left > 0 and timezone.now() < self.expires_at

    def __str__(self) -> str:
        return self.public_id


class RegenerationState(models.TextChoices):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Regeneration(models.Model):
    """A request for a new client secret and what became of it; `asked_by` is empty for one of the operator's own."""

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="regenerations")
    state = models.CharField(max_length=10, choices=RegenerationState.choices, default=RegenerationState.WAITING)
    reason = models.CharField(max_length=400)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)  # of who decided; why it was refused
    overlap = models.CharField(max_length=8, blank=True)  # a name of `propylon.applications.overlaps`
    may_be_known = models.BooleanField(default=False)  # somebody else may have the old secret, say those who ask

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(state="waiting"), name="one_regeneration_waits"
            ),
        )
        indexes = (models.Index(fields=["state", "asked_at"], name="regenerations_in_state"),)

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"


class ServiceAccount(models.Model):
    """The CN that the client's certificate must carry (FEATURES C2)."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="service_account")
    name = models.CharField(max_length=64, unique=True)  # svcPartnerNameV01

    def __str__(self) -> str:
        return self.name


class SourceRange(models.Model):
    """Calls and token requests of the client come from these addresses only; none listed means from anywhere."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="source_ranges")
    cidr = models.CharField(max_length=43)  # "192.0.2.0/24", "2001:db8::/32", canonical form

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client", "cidr"], name="source_range_once"),)

    def __str__(self) -> str:
        return self.cidr


class Subscription(models.Model):
    """The client may ask for the scopes of this product."""

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="subscriptions")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="subscriptions")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["client", "product"], name="subscribed_once"),)

    def __str__(self) -> str:
        return f"{self.client} to {self.product}"


class Contract(models.Model):
    """What the operator agreed with an organization: its order form, how long it counts, how often may be called.

    With `environments`, each of the organization's clients there has these limits instead of its plan's numbers
    (propylon.applications.contracts). Days are those of UTC; `ends_on` is the last day, none: until it is ended.
    """

    public_id = models.CharField(max_length=40, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="contracts")
    number = models.CharField(max_length=60)  # of the order form
    title = models.CharField(max_length=120)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    environments = models.JSONField(default=list, blank=True)  # names; empty: the plans' quotas stand
    calls_per_day = models.PositiveBigIntegerField(null=True, blank=True)  # null: unlimited; 0: none
    calls_per_month = models.PositiveBigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)  # the partner reads it, too
    document_link = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # before its time
    end_reason = models.CharField(max_length=400, blank=True)
    notice_days = models.PositiveSmallIntegerField(null=True, blank=True)  # the last notice of its end: 30 or 7

    class Meta:
        constraints = (models.UniqueConstraint(fields=["organization", "number"], name="contract_number_once"),)
        indexes = (models.Index(fields=["ends_on"], name="contracts_by_end"),)

    @property
    def state(self) -> str:
        """coming, in_force or ended."""
        today = datetime.now(UTC).date()
        if self.ended_at is not None or (self.ends_on is not None and self.ends_on < today):
            return "ended"
        return "coming" if today < self.starts_on else "in_force"

    def days_left(self, today: date) -> int | None:
        """0 on the last day; None without an end."""
        return (self.ends_on - today).days if self.ends_on is not None else None

    def __str__(self) -> str:
        return self.number


class VersionNewsCursor(models.Model):
    """How far in the event log subscribers were told of versions; one row."""

    event = models.BigIntegerField()  # the event's primary key

    def __str__(self) -> str:
        return str(self.event)


class EndUserRequest(models.Model):
    """An application's people ask for customers of one environment to try it with; the operator decides (FEATURES P11).

    `persons`: list of {name, email, identity_number}; once decided without identity number, with `subject` if made.
    """

    public_id = models.CharField(max_length=40, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="end_user_requests")
    persons = models.JSONField()
    reason = models.CharField(max_length=400)
    state = models.CharField(max_length=10, choices=RegenerationState.choices, default=RegenerationState.WAITING)
    asked_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=400, blank=True)  # of who decided

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["client"], condition=models.Q(state="waiting"), name="one_end_user_request_waits"
            ),
        )
        indexes = (models.Index(fields=["state", "asked_at"], name="end_user_requests_in_state"),)

    def __str__(self) -> str:
        return f"{self.public_id} {self.state}"
