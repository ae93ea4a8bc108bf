"""Where an environment's customers log in, in the management API. It stands here because environments do."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.catalog.access import environment_named
from propylon.customers.directory_records import directory_of, draft, use_built_in, use_directory
from propylon.customers.directory_trial import try_directory
from propylon.customers.models import CustomerDirectory
from propylon.kernel.secret import Secret

BUILT_IN = "built_in"
router = Router(tags=["Customers"])
_PATH = "/environments/{name}/customer-directory"


class DirectoryIn(Schema):
    kind: str = Field(description="built_in, ldap or openid")
    settings: dict[str, str] = Field(
        default_factory=dict,
        description="ldap: address, base_dn, bind_dn, login_attribute, subject_attribute, name_attribute, "
        "mail_attribute, filter, ca_pem. openid: issuer, title, client_id, auth_method, scope, ca_pem.",
    )
    secret: str | None = Field(
        None,
        max_length=500,
        description="The password of bind_dn, or the client secret. Left out: as stored, for the same place.",
    )


class DirectoryOut(Schema):
    """The secret is never shown."""

    kind: str
    settings: dict[str, str]
    has_secret: bool
    changed_at: datetime | None


class TrialStep(Schema):
    title: str
    is_good: bool
    reason: str = Field(description="What is wrong, and what to look at.")


class Trial(Schema):
    is_good: bool
    steps: list[TrialStep] = Field(description="Up to the first that fails.")


@router.get(_PATH, response=DirectoryOut, summary="Where the customers of an environment log in")
def customer_directory(request: HttpRequest, name: str) -> DirectoryOut:
    require(current_user(request), Permission.VIEW_PROGRAM)
    return _out(directory_of(environment_named(name).name))


@router.put(_PATH, response=DirectoryOut, summary="Let the customers log in elsewhere")
def set_customer_directory(request: HttpRequest, name: str, payload: DirectoryIn) -> DirectoryOut:
    """From the next login on. Customers of another directory have subjects of their own, so consents of theirs, too."""
    user = current_user(request)
    require(user, Permission.MANAGE_PROGRAM)
    environment = environment_named(name).name
    if payload.kind == BUILT_IN:
        use_built_in(acting_user=actor_of(user), environment=environment)
        return _out(None)
    made = use_directory(
        acting_user=actor_of(user),
        environment=environment,
        kind=payload.kind,
        told=payload.settings,
        secret=_secret(payload),
    )
    return _out(made)


@router.post(f"{_PATH}/trial", response=Trial, summary="Try a directory before it is used")
def try_customer_directory(request: HttpRequest, name: str, payload: DirectoryIn) -> Trial:
    """Every step of a login that needs no customer. Nothing is stored."""
    require(current_user(request), Permission.MANAGE_PROGRAM)
    wanted = draft(environment_named(name).name, payload.kind, payload.settings, _secret(payload))
    steps = try_directory(wanted)
    shown = [TrialStep(title=str(step.title), is_good=step.is_good, reason=step.reason) for step in steps]
    return Trial(is_good=all(step.is_good for step in steps), steps=shown)


def _secret(payload: DirectoryIn) -> Secret | None:
    return Secret(payload.secret) if payload.secret else None


def _out(row: CustomerDirectory | None) -> DirectoryOut:
    if row is None:
        return DirectoryOut(kind=BUILT_IN, settings={}, has_secret=False, changed_at=None)
    return DirectoryOut(
        kind=row.kind, settings=row.settings, has_secret=bool(row.secret_sealed), changed_at=row.changed_at
    )
