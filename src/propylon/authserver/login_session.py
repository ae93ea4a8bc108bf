"""A customer's login at this browser, good for further authorizations of the same environment, for a while.

A cookie for each environment, whose value stands in the database as a digest alone. It is never taken from the browser,
but drawn anew at each login and each second step, so nobody can plant one (session fixation). `oauth.login_session`
decides what the login is good for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.authserver.login_pages import source_address
from propylon.authserver.models import AuthorizationRequest, LoginSession
from propylon.customers.models import Customer
from propylon.customers.selectors import customer_who_may_log_in
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.oauth.acr import SignIn
from propylon.oauth.login_session import Login
from propylon.sealing.entropy import digest, new_public_id, new_secret

COOKIE = "__Host-login-"  # with the environment's name: none is ever read for another environment
_LONGEST_BROWSER, _LONGEST_ADDRESS = 200, 45


def begin_login(request: HttpRequest, response: HttpResponse, row: AuthorizationRequest, environment: str) -> None:
    """After the customer has logged in for `row`: what this browser had before is over."""
    _forget(request, environment)
    customer = customer_who_may_log_in(environment, row.subject)
    if customer is None or row.authenticated_at is None or not settings.PROPYLON_LOGIN_SESSION_MINUTES:
        return
    token = new_secret()
    LoginSession.objects.create(
        public_id=new_public_id("ls"),
        digest=digest(token),
        environment=environment,
        subject=row.subject,
        acr=row.acr,
        amr=row.amr,
        password_digest=_password_digest(customer),
        browser=request.headers.get("user-agent", "")[:_LONGEST_BROWSER],
        address=source_address(request)[:_LONGEST_ADDRESS],
        begun_at=row.authenticated_at,
        used_at=timezone.now(),
    )
    _set_cookie(response, environment, token)


def strengthen_login(request: HttpRequest, response: HttpResponse, row: AuthorizationRequest, environment: str) -> None:
    """After a second step: the same login, known by another cookie."""
    session = _living(request, environment)
    if session is None or session.subject != row.subject:
        return
    token = new_secret()
    LoginSession.objects.filter(pk=session.pk).update(digest=digest(token), acr=row.acr, amr=row.amr)
    _set_cookie(response, environment, token)


def login_of(request: HttpRequest, environment: str) -> tuple[Login, Customer] | None:
    """The living login of this browser in this environment, which lives on by being used."""
    session = _living(request, environment)
    customer = customer_who_may_log_in(environment, session.subject) if session else None
    if session is None or customer is None or session.password_digest != _password_digest(customer):
        return None
    LoginSession.objects.filter(pk=session.pk).update(used_at=timezone.now())
    sign_in = SignIn(session.acr, tuple(session.amr))
    return Login(session.subject, sign_in, int(session.begun_at.timestamp())), customer


def end_login(request: HttpRequest, response: HttpResponse, environment: str) -> None:
    """Of this browser in this environment."""
    if _forget(request, environment):
        response.delete_cookie(COOKIE + environment, samesite="Lax")


def end_logins(request: HttpRequest, response: HttpResponse, environment: str = "") -> None:
    """Of this browser: in this environment, or in all."""
    for name in [environment] if environment else _environments_in(request):
        end_login(request, response, name)


def logins_of(environment: str, subject: str) -> QuerySet[LoginSession]:
    """Those that live, of one customer in all browsers, the newest first."""
    idle, begun = _bounds()
    rows = LoginSession.objects.filter(environment=environment, subject=subject, used_at__gt=idle, begun_at__gt=begun)
    return rows.order_by("-begun_at", "-pk")


def is_of_browser(session: LoginSession, request: HttpRequest) -> bool:
    token = request.COOKIES.get(COOKIE + session.environment, "")
    return bool(token) and session.digest == digest(Secret(token))


@transaction.atomic
def end_logins_of_customer(*, acting_user: Actor, environment: str, subject: str, public_id: str = "") -> None:
    """The one, or all. Raises `login_session.unknown`: another customer's is as unknown as none."""
    rows = LoginSession.objects.filter(environment=environment, subject=subject)
    ended = rows.filter(public_id=public_id) if public_id else rows
    names = list(ended.values_list("public_id", flat=True))
    if public_id and not names:
        raise PropylonError(
            "login_session.unknown", "There is no such login among yours, or it has ended.", kind=Kind.NOT_FOUND
        )
    ended.delete()
    for name in names:
        record_event(
            acting_user=acting_user, action="customer.login_ended", object_kind="login_session", object_id=name
        )


def end_dead_logins() -> None:
    idle, begun = _bounds()
    LoginSession.objects.filter(Q(used_at__lt=idle) | Q(begun_at__lt=begun)).delete()


def _environments_in(request: HttpRequest) -> list[str]:
    return [each.removeprefix(COOKIE) for each in request.COOKIES if each.startswith(COOKIE)]


def _forget(request: HttpRequest, environment: str) -> bool:
    """Whether the browser sent a cookie; what it stood for is over."""
    token = request.COOKIES.get(COOKIE + environment, "")
    if token:
        LoginSession.objects.filter(digest=digest(Secret(token)), environment=environment).delete()
    return bool(token)


def _living(request: HttpRequest, environment: str) -> LoginSession | None:
    token = request.COOKIES.get(COOKIE + environment, "")
    if not token:
        return None
    idle, begun = _bounds()
    rows = LoginSession.objects.filter(digest=digest(Secret(token)), environment=environment)
    return rows.filter(used_at__gt=idle, begun_at__gt=begun).first()


def _bounds() -> tuple[datetime, datetime]:
    """Whoever was used last before the first, or has begun before the second, has ended."""
    now = timezone.now()
    idle, longest = settings.PROPYLON_LOGIN_SESSION_IDLE_MINUTES, settings.PROPYLON_LOGIN_SESSION_MINUTES
    return now - timedelta(minutes=idle), now - timedelta(minutes=longest)


def _password_digest(customer: Customer) -> str:
    return digest(Secret(customer.password))


def _set_cookie(response: HttpResponse, environment: str, token: Secret) -> None:
    """Until the browser is closed. Lax: the customer comes from the application's site."""
    response.set_cookie(COOKIE + environment, token.reveal(), secure=True, httponly=True, samesite="Lax")
