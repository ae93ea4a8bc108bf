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
    directory = models.CharField(max_length=10, blank=True, default="")  # another that knows them: ldap, openid
    locked_until = models.DateTimeField(null=True, blank=True)
    failed_attempts = models.PositiveIntegerField(default=0)
    email = models.EmailField(max_length=254, blank=True, default="")  # for notices; most directories have none

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["environment", "identity_number"], name="customer_identity"),
            models.UniqueConstraint(fields=["environment", "subject"], name="customer_subject"),
        )

    def __str__(self) -> str:
        return f"{self.subject} in {self.environment}"


class CustomerAccount(models.Model):
    """An account that a customer may let applications use. `account_id` is what the bank's APIs call it: opaque."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="accounts")
    account_id = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    number = models.CharField(max_length=40, blank=True)  # as the customer knows it: an IBAN; stands in no token
    currency = models.CharField(max_length=3, blank=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["customer", "account_id"], name="account_of_customer"),)

    def __str__(self) -> str:
        return self.account_id


class AddressThrottle(models.Model):
    """Failed logins from one address, over all identities; forgotten at `window_ends_at`."""

    address = models.CharField(max_length=45, unique=True)
    failed_attempts = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.failed_attempts} failures from {self.address}"


class NameThrottle(models.Model):
    """Failed logins with a name of which the built-in directory has no row to count in: unknown, or another's."""

    environment = models.CharField(max_length=40)
    name_digest = models.CharField(max_length=64)  # keyed: what was typed may be an identity number
    failed_attempts = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["environment", "name_digest"], name="throttled_name"),)

    def __str__(self) -> str:
        return f"{self.failed_attempts} failures in {self.environment}"


class CustomerDirectory(models.Model):
    """Where the customers of an environment log in. No row, or an empty `kind`: in the built-in directory."""

    environment = models.CharField(max_length=40, unique=True)  # catalog.Environment.name
    kind = models.CharField(max_length=10, blank=True)  # ldap, openid
    settings = models.JSONField(default=dict)  # customers.directory_settings
    secret_sealed = models.TextField(blank=True)  # purpose "customer-directory"
    subject_key_sealed = models.TextField()  # purpose "customer-subjects"; stays for good
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind or 'built-in'} in {self.environment}"


class ProviderLogin(models.Model):
    """A customer on the way to the bank's OpenID provider and back; used once."""

    state_digest = models.CharField(max_length=64, unique=True)
    browser_digest = models.CharField(max_length=64)  # of a cookie of the browser that left
    environment = models.CharField(max_length=40)
    journey_sealed = models.TextField()  # purpose "provider-login": nonce, code verifier, where to go on
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"login in {self.environment}"


class Approval(models.Model):
    """A question to a customer by the built-in approver (customers.approvals), in the words of when it was asked.

    Nobody answered and `expires_at` is past: it timed out.
    """

    public_id = models.CharField(max_length=40, unique=True)
    environment = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    client_id = models.CharField(max_length=40, db_index=True)  # who asks
    application = models.CharField(max_length=80)
    organization = models.CharField(max_length=200)
    organization_id = models.CharField(max_length=40)
    allows = models.JSONField(default=list)  # one text for each thing that a yes allows
    binding_message = models.CharField(max_length=100, blank=True)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    asks_accounts = models.BooleanField(default=False)  # the customer says which of their accounts a yes is about
    accounts = models.JSONField(default=list, blank=True)  # ids of those that were chosen
    answer = models.CharField(max_length=10, blank=True)  # approved, denied
    answered_at = models.DateTimeField(null=True, blank=True)
    authenticated_at = models.DateTimeField(null=True, blank=True)  # when who answered had logged in

    class Meta:
        indexes = (models.Index(fields=["environment", "subject", "expires_at"], name="approvals_waiting"),)

    def __str__(self) -> str:
        return self.public_id


class AskThrottle(models.Model):
    """How often a client asked for one customer, or for customers that nobody knows; forgotten at `window_ends_at`."""

    digest = models.CharField(max_length=64, unique=True)
    asked = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.asked} questions"


class PasswordLink(models.Model):
    """A new customer's own choice of a password: mailed, for a few days, used once."""

    customer = models.OneToOneField(Customer, on_delete=models.CASCADE, related_name="password_link")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"link of {self.customer}"


class PairwiseKey(models.Model):
    """The one key of pairwise subjects, made with the first of them and kept for good."""

    sealed = models.TextField()  # purpose "pairwise-subjects"

    def __str__(self) -> str:
        return "key of pairwise subjects"
