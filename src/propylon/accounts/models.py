"""Portal users, organizations and their members."""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Organization(models.Model):
    """A partner, or the bank itself (`is_operator`)."""

    public_id = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120, unique=True)
    is_operator = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """A person who signs in to portal, console or management API; `email` is stored in lower case."""

    public_id = models.CharField(max_length=40, unique=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    language = models.CharField(max_length=12, blank=True)  # of pages and mails; empty: as the browser asks
    created_at = models.DateTimeField()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]
    objects = UserManager()

    def __str__(self) -> str:
        return self.email


class Membership(models.Model):
    """A user's role in an organization; roles of the operator organization are the program's staff.

    `role` is a key of `propylon.accounts.roles.ROLES`.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=24)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "organization"], name="one_role_per_organization"),)

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.organization}"


class PersonalAccessToken(models.Model):
    """A key to the management API. Shown once; only its digest is stored."""

    public_id = models.CharField(max_length=40, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class SignUp(models.Model):
    """Somebody asked for an account and must still prove that the address is theirs; then it becomes a `User`.

    Nothing is stored on an account before that: only the link of this very sign-up makes its password count.
    """

    digest = models.CharField(max_length=64, unique=True)  # of the secret in the mail
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=120)
    password = models.CharField(max_length=200)  # Django password hash
    organization_name = models.CharField(max_length=120)
    language = models.CharField(max_length=12, blank=True)
    terms_version = models.CharField(max_length=20, blank=True)  # that the person accepted on the page
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-up of {self.email}"


class Invitation(models.Model):
    """A mail that makes its reader a member. Open while neither accepted nor withdrawn, until `expires_at`."""

    public_id = models.CharField(max_length=40, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=24)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"


class TermsAcceptance(models.Model):
    """Who accepted which version of the terms and conditions, and when (FEATURES P7). Rows are never changed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="terms_acceptances")
    version = models.CharField(max_length=20)
    accepted_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "version"], name="accepted_once_per_version"),)

    def __str__(self) -> str:
        return f"{self.user} accepted {self.version}"


class AttemptCounter(models.Model):
    """How often something that must not be tried too often was tried in the running window."""

    key = models.CharField(max_length=64, unique=True)  # SHA-256: no address is kept in clear
    count = models.PositiveIntegerField(default=0)
    window_ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.count} until {self.window_ends_at:%H:%M}"
