"""Leaving for the bank's OpenID provider and coming back, and what a customer sees while a directory is away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from propylon.authserver.customer_session import begin_session
from propylon.authserver.interactions import find_open, give_up, note_login
from propylon.authserver.login_pages import browser_of, login_page, own_form, unavailable_page
from propylon.authserver.login_session import begin_login
from propylon.authserver.pages import error_page, page, see_other
from propylon.customers.directory_errors import DirectoryUnavailable, LoginRefused
from propylon.customers.models import Customer
from propylon.customers.provider_login import Journey, arrive, depart, journey_of
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.oauth.acr import BY_PROVIDER
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.form import parse_parameters
from propylon.sealing.entropy import new_secret

CALLBACK_PATH = "/oauth/login/callback"  # what the bank registers at its provider
CONSENTS_PATH = "/oauth/consents"
OWN_PAGES = {"": CONSENTS_PATH, "approvals": "/oauth/approvals"}
_COOKIE = "__Host-provider-login"
_COOKIE_AGE = 600
_NOT_LOGGED_IN = _("The login did not succeed or was broken off. Try again.")

_log = logging.getLogger(__name__)
_View = Callable[[HttpRequest], HttpResponse]


def callback_url() -> str:
    return f"{settings.PROPYLON_ISSUER_URL}{CALLBACK_PATH}"


def _shows_errors(view: _View) -> _View:
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except OAuthError as error:
            return error_page(request, error)

    return wrapped


@require_safe
@_shows_errors
def leave(request: HttpRequest) -> HttpResponse:
    """To the provider: for an authorization request (`request`), or for the customer's consents (`environment`)."""
    reference, environment = request.GET.get("request", ""), request.GET.get("environment", "")
    client = None
    if reference:
        _row, client = find_open(reference, browser_of(request))
        environment = client.environment
    given = request.COOKIES.get(_COOKIE, "")
    browser = Secret(given) if len(given) >= 40 else new_secret()
    try:
        wanted = request.GET.get("to", "")
        leads_to = wanted if wanted in OWN_PAGES else ""
        address = depart(environment, reference, browser, redirect_uri=callback_url(), leads_to=leads_to)
    except DirectoryUnavailable as failure:
        return unavailable_page(request, failure, reference, client)
    except LoginRefused:
        raise invalid_request("Nobody logs in this way here. Start again in the application.") from None
    response = see_other(address)
    response.set_cookie(_COOKIE, browser.reveal(), max_age=_COOKIE_AGE, secure=True, httponly=True, samesite="Lax")
    return response


@require_safe
@_shows_errors
def come_back(request: HttpRequest) -> HttpResponse:
    """The provider's answer; what is not one of ours, not of this browser or repeated is refused before it is used."""
    sent = parse_parameters(request.META["QUERY_STRING"].encode("latin-1"))
    journey = (
        None if sent.repeated else journey_of(sent.values.get("state", ""), Secret(request.COOKIES.get(_COOKIE, "")))
    )
    if journey is None:
        raise invalid_request("This login has expired, or began in another browser. Start again in the application.")
    try:
        customer = arrive(journey, sent.values, redirect_uri=callback_url())
    except DirectoryUnavailable as failure:
        return unavailable_page(request, failure, journey.reference)
    except LoginRefused as refusal:
        return _try_again(request, journey, refusal)
    return _go_on(request, journey, customer)


def _go_on(request: HttpRequest, journey: Journey, customer: Customer) -> HttpResponse:
    if journey.reference:
        row, client = find_open(journey.reference, browser_of(request))
        if client.environment != customer.environment:
            raise invalid_request("This login is of another environment. Start again in the application.")
        note_login(acting_user=Actor("customer", customer.subject, "customer"), row=row, sign_in=BY_PROVIDER)
        response = see_other(f"/oauth/consent?request={journey.reference}")
        begin_login(request, response, row, client.environment)
        return response
    # A page, not a redirect: the session's cookie is Strict, so the browser sends it only from a page of ours.
    response = page(request, "authserver/logged_in", {"next": OWN_PAGES[journey.leads_to], "name": customer.name})
    begin_session(response, customer=customer)
    return response


def _try_again(request: HttpRequest, journey: Journey, refusal: LoginRefused) -> HttpResponse:
    note_refusal(refusal)
    if not journey.reference:
        return see_other(f"{CONSENTS_PATH}/log-in?environment={journey.environment}&to={journey.leads_to}")
    _row, client = find_open(journey.reference, browser_of(request))
    return login_page(request, client, journey.reference, problem=_NOT_LOGGED_IN)


def note_refusal(refusal: LoginRefused) -> None:
    """The reason is for the log: it names what the provider sent."""
    _log.warning("provider_login.refused", extra={"detail": refusal.reason})


@csrf_exempt  # guarded by the form's reference and the browser's cookie together: see interactions
@require_POST
@_shows_errors
def back_to_application(request: HttpRequest) -> HttpResponse:
    """The customer does not wait for the directory: the application hears `temporarily_unavailable`."""
    form = own_form(request)
    row, client = find_open(form.get("request", ""), browser_of(request))
    return see_other(give_up(row=row, client=client))
