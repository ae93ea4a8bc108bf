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
