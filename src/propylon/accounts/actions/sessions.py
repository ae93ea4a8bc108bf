"""Browser sessions: ended by their owner."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.db import transaction

from propylon.accounts.models import User
from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError


@transaction.atomic
def end_session(*, acting_user: Actor, user: User, session_id: int) -> None:
    """The browser is signed out with its next request. Raises `session.unknown`."""
    row = UserSession.objects.filter(user=user, pk=session_id).first()
    if row is None:
        raise PropylonError("session.unknown", "There is no such session among yours.", kind=Kind.NOT_FOUND)
    row.end()
    _record(acting_user, user, 1)


@transaction.atomic
def end_sessions(*, acting_user: Actor, user: User, but: str = "") -> int:
    """All of the user's, except the one with the session key `but`; how many they were."""
    rows = list(UserSession.objects.filter(user=user).exclude(session_key=but))
    for row in rows:
        row.end()
    if rows:
        _record(acting_user, user, len(rows))
    return len(rows)


def _record(acting_user: Actor, user: User, count: int) -> None:
    record_event(
        acting_user=acting_user,
        action="session.ended",
        object_kind="user",
        object_id=user.public_id,
        data={"sessions": count},
    )
