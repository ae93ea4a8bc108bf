"""Passwords: changed by their owner, or set anew by the link of a mail."""

from __future__ import annotations

from django.db import transaction

from propylon.accounts import mails
from propylon.accounts.actions.sessions import end_sessions
from propylon.accounts.attempts import RESET_BY_ADDRESS, RESET_BY_PLACE, spend_attempt
from propylon.accounts.checks import check_password, normal_email, refuse_if
from propylon.accounts.models import User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor


@transaction.atomic
def set_password(*, acting_user: Actor, user: User, password: str, session_key: str = "") -> User:
    """Every session but `session_key` ends, and a mail tells the owner. Raises `user.password.invalid`."""
    errors = check_password(password, email=user.email, name=user.name)
    refuse_if("user.password.invalid", "Choose another password.", errors)
    user.set_password(password)
    user.save(update_fields=["password"])
    record_event(acting_user=acting_user, action="user.password_changed", object_kind="user", object_id=user.public_id)
    end_sessions(acting_user=acting_user, user=user, but=session_key)
    mails.security_notice(user, mails.PASSWORD_CHANGED)
    return user


def spend_reset(*, email: str, source_address: str) -> None:
    """Before a reset link is mailed: known and unknown addresses count alike. Raises `attempts.too_many`."""
    spend_attempt(RESET_BY_PLACE, source_address)
    spend_attempt(RESET_BY_ADDRESS, normal_email(email))
