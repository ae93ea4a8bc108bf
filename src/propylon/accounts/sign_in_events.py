"""What django-allauth did, written to the event log, and told to the person by mail where it matters."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import user_logged_in
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.http import HttpRequest

from propylon.accounts import mails
from propylon.accounts.access import actor_of
from propylon.accounts.api_auth import source_address
from propylon.accounts.models import User
from propylon.audit.actions import record_event


def connect() -> None:
    """Once per process, when Django is ready."""
    user_logged_in.connect(_signed_in)
    user_logged_out.connect(_signed_out)
    authenticator_added.connect(_added)
    authenticator_removed.connect(_removed)
    authenticator_reset.connect(_reset)


def _signed_in(request: HttpRequest, user: User, **_: Any) -> None:
    methods = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
    _record(user, "user.signed_in", {"methods": methods, "address": source_address(request)})


def _signed_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if isinstance(user, User):
        _record(user, "user.signed_out", {})


def _added(user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(user, authenticator, "added")


def _removed(user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(user, authenticator, "removed")


def _reset(user: User, authenticator: Authenticator, **_: Any) -> None:
    _tell(user, authenticator, "reset")


@transaction.atomic
def _tell(user: User, authenticator: Authenticator, what: str) -> None:
    _record(user, f"user.mfa_{what}", {"type": str(authenticator.type)})
    if (words := f"{authenticator.type!s}_{what}") in mails.SECURITY_WORDS:
        mails.security_notice(user, words)


@transaction.atomic
def _record(user: User, action: str, data: dict[str, Any]) -> None:
    record_event(
        acting_user=actor_of(user), action=action, object_kind="user", object_id=user.public_id, data=data or None
    )
