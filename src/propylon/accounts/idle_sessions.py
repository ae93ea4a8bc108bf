"""Sessions end after twelve hours without a request (SESSION_COOKIE_AGE), not twelve hours after their start."""

from __future__ import annotations

import time
from collections.abc import Callable

from allauth.usersessions.models import UserSession
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

GetResponse = Callable[[HttpRequest], HttpResponse]
_PRECISION = 600  # seconds: writing with every request would cost each page a write
_SEEN = "seen_at"


def keep_alive(get_response: GetResponse) -> GetResponse:
    """Middleware: notes every ten minutes that the person is there, which stores the session for another age."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.session.session_key and time.time() - request.session.get(_SEEN, 0) > _PRECISION:
            _note(request)
        return get_response(request)

    return middleware


def _note(request: HttpRequest) -> None:
    if not request.user.is_authenticated:
        return
    request.session[_SEEN] = time.time()
    UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=timezone.now())
