"""Checks of what people type: each gives all its mistakes, none is thrown."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from propylon.accounts.models import User
from propylon.kernel.errors import FieldError, Kind, PropylonError


def normal_email(email: str) -> str:
    """The form in which addresses are stored and compared."""
    return email.strip().lower()


def check_email(email: str, field: str = "email") -> list[FieldError]:
    try:
        validate_email(normal_email(email))
    except ValidationError:
        return [FieldError(field, "body", "not an e-mail address")]
    return [] if len(email) <= 254 else [FieldError(field, "body", "longer than 254 characters")]


def check_name(name: str, field: str = "name", *, longest: int = 120) -> list[FieldError]:
    """Between 2 and `longest` printable characters."""
    text = name.strip()
    if not 2 <= len(text) <= longest:
        return [FieldError(field, "body", f"takes 2 to {longest} characters")]
    if not text.isprintable():
        return [FieldError(field, "body", "holds characters that cannot be printed")]
    return []


def check_password(password: str, *, email: str, name: str) -> list[FieldError]:
    """Django's validators, as the settings list them."""
    if len(password) > 1000:
        return [FieldError("password", "body", "longer than 1000 characters")]
    try:
        validate_password(password, user=User(email=email, name=name))
    except ValidationError as error:
        return [FieldError("password", "body", reason) for reason in error.messages]
    return []


def refuse_if(code: str, message: str, errors: list[FieldError]) -> None:
    """One error with all mistakes, if there are any."""
    if errors:
        raise PropylonError(code, message, kind=Kind.MALFORMED, errors=errors)
