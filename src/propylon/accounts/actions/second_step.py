"""The second step of signing in: codes of an authenticator app (RFC 6238) and recovery codes."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator

from propylon.accounts.attempts import CODE_BY_USER, forget_attempts, spend_attempt, use_once
from propylon.accounts.models import User
from propylon.kernel.errors import Kind, PropylonError

_CODE_LIFETIME = timedelta(seconds=120)  # longer than any code of an authenticator app is accepted


def has_second_step(user: User) -> bool:
    rows = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return bool(rows.exists())


def check_code(*, user: User, code: str) -> Authenticator:
    """What accepted the code; it works once. Raises `sign_in.code.wrong`, `attempts.too_many`."""
    spend_attempt(CODE_BY_USER, user.public_id)
    code = "".join(code.split())
    for row in Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN):
        if row.wrap().validate_code(code) and use_once("code", f"{user.public_id} {code}", _CODE_LIFETIME):
            forget_attempts(CODE_BY_USER, user.public_id)
            return row
    raise PropylonError(
        "sign_in.code.wrong",
        "This code is not right, or it was used already. Wait for the next one and try again.",
        kind=Kind.UNAUTHENTICATED,
    )


def require_second_step(*, user: User, code: str) -> None:
    """For callers that have no pages: a password alone opens no account that is protected by a second step."""
    if not has_second_step(user):
        return
    if not code:
        raise PropylonError(
            "sign_in.code.required",
            "This account asks for a second step. Send a code of the authenticator app, or a recovery code, as `code`.",
            kind=Kind.UNAUTHENTICATED,
        )
    check_code(user=user, code=code)
