"""The language pressed below a page is also that of the mails of whoever is signed in: one choice, not two."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from propylon.accounts.access import actor_of
from propylon.accounts.actions.profile import change_profile
from propylon.accounts.models import User
from propylon.design.preferences import language_chosen


def connect() -> None:
    """Once per process, when Django is ready."""
    language_chosen.connect(_keep)


def _keep(request: HttpRequest, language: str, **_: Any) -> None:
    user = request.user
    if isinstance(user, User) and user.is_active:
        change_profile(acting_user=actor_of(user), user=user, name=user.name, language=language)
