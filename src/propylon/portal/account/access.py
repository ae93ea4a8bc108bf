"""Who is at this page: decorators for the views of portal and console.

@signed_in
def keys(request: HttpRequest, application_id: str) -> HttpResponse:
    user = signed_in_user(request)
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from allauth.core.exceptions import ReauthenticationRequired
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from propylon.accounts.models import User
from propylon.kernel.errors import Kind, PropylonError

View = TypeVar("View", bound=Callable[..., HttpResponse])


def signed_in_user(request: HttpRequest) -> User:
    """The person of the session. Raises `sign_in.required` where a view forgot its decorator."""
    if not isinstance(request.user, User):
        raise PropylonError("sign_in.required", "Sign in to see this page.", kind=Kind.UNAUTHENTICATED)
    return request.user


def signed_in(view: View) -> View:
    """Sends who is not signed in to the sign-in page and back afterwards."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': way_back(request)})}", status=303)
        return view(request, *args, **kwargs)

    return cast("View", wrapped)


def confirmed_recently(view: View) -> View:
    """For what is delicate: asks for the password, a code or a passkey again unless that was minutes ago.

    The person comes back to where they were; a form that was on its way is sent again. Implies `signed_in`.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not did_recently_reauthenticate(request):
            raise ReauthenticationRequired  # allauth's middleware leads there and back
        return view(request, *args, **kwargs)

    return cast("View", signed_in(wrapped))


def way_back(request: HttpRequest) -> str:
    """Where to lead after signing in; a form's address may answer nothing else, so then the page it was on."""
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    origin, referrer = settings.PROPYLON_PUBLIC_URL, request.headers.get("referer", "")
    return referrer.removeprefix(origin) if referrer.startswith(f"{origin}/") else request.path
