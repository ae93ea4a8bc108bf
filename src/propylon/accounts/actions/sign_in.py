"""Checking a password, with a limit on how often it may be tried."""

from __future__ import annotations

from django.contrib.auth.hashers import check_password, make_password

from propylon.accounts.attempts import PASSWORD_BY_ADDRESS, PASSWORD_BY_PLACE, forget_attempts, spend_attempt
from propylon.accounts.checks import normal_email
from propylon.accounts.models import User
from propylon.kernel.errors import Kind, PropylonError


def sign_in(*, email: str, password: str, source_address: str) -> User:
    """The user. Unknown address, wrong password and switched-off account give one and the same answer."""
    email = normal_email(email)
    _spend(email, source_address)
    user = User.objects.filter(email=email, is_active=True, email_verified_at__isnull=False).first()
    if user is None:
        make_password(password)  # as slow as a check, so that the time tells nothing
    elif user.has_usable_password() and user.check_password(password):
        _forget(email, source_address)
        return user
    raise PropylonError(
        "sign_in.refused",
        "Address or password is wrong, or the address is not verified yet. Check both and try again.",
        kind=Kind.UNAUTHENTICATED,
    )


def confirm_password(*, user: User, password: str, source_address: str) -> None:
    """Before something delicate is shown: it is still the same person. Raises `sign_in.confirmation.wrong`."""
    _spend(user.email, source_address)
    if not check_password(password, user.password):
        raise PropylonError("sign_in.confirmation.wrong", "This is not your password. Try again.", kind=Kind.FORBIDDEN)
    _forget(user.email, source_address)


def _spend(email: str, source_address: str) -> None:
    spend_attempt(PASSWORD_BY_PLACE, f"{email} {source_address}")
    spend_attempt(PASSWORD_BY_ADDRESS, email)


def _forget(email: str, source_address: str) -> None:
    forget_attempts(PASSWORD_BY_PLACE, f"{email} {source_address}")
    forget_attempts(PASSWORD_BY_ADDRESS, email)
