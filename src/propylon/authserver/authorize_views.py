"""The authorization endpoint, RFC 6749 section 3.1, with its login and consent pages."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from propylon.authserver.answers import address_with
from propylon.authserver.before_consent import before_consent
from propylon.authserver.consent_request import MOST_FIELDS, consent_request
from propylon.authserver.expected_customer import check_expected_customer
from propylon.authserver.foreign_keys import client_for
from propylon.authserver.interactions import (
    allow,
    consent_lifetime,
    deny,
    find_open,
    find_pushed,
    note_login,
    open_request,
)
from propylon.authserver.known_devices import awaits_second_step, judge_login
from propylon.authserver.login_pages import (
    BROWSER_COOKIE,
    browser_of,
    environment_facts,
    login_page,
    own_form,
    read_form,
    refused_login,
    source_address,
    unavailable_page,
)
from propylon.authserver.login_session import begin_login, end_login
from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.page_language import keep_language, wanted_language
from propylon.authserver.pages import error_page, page, see_other
from propylon.authserver.selectors import scope_titles
from propylon.authserver.silent import answer_silently, go_on_with, usable_login
from propylon.customers.directory import authenticate
from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.models import Customer
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_request import CheckedRequest, SentBack, check_authorization
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.form import Parameters, parse_parameters
from propylon.oauth.records import ClientRecord
from propylon.oauth.request_object import signed_parameters
from propylon.oauth.scopes import OPENID
from propylon.oauth.sign_in_wish import read_sign_in_wish
from propylon.sealing.entropy import new_secret

_COOKIE_AGE = 3600

_View = Callable[[HttpRequest], HttpResponse]


def shows_errors(view: _View) -> _View:
    @wraps(view)
    def wrapped(request: HttpRequest) -> HttpResponse:
        try:
            return view(request)
        except SentBack as answer:
            return see_other(address_with(answer.back, answer.error.body()))
        except OAuthError as error:
            return error_page(request, error)

    return wrapped


@csrf_exempt  # it changes nothing; POST is allowed by OpenID Connect Core, 3.1.2.1
@require_http_methods(["GET", "POST"])
@shows_errors
def authorize(request: HttpRequest) -> HttpResponse:
    """Check the request and show the login page; the consent page to who has logged in lately."""
    sent = _parameters(request)
    client = _client(sent)
    pushed = None
    if "request_uri" in sent.values and "request_uri" not in sent.repeated:
        # Nothing beside client_id and request_uri counts (FAPI 2.0, 5.3.2.2; RFC 9126, 4).
        pushed = find_pushed(sent.values["request_uri"], client.client_id)
        checked = _recheck(client, pushed)
    else:
        checked = check_authorization(_attempt(client, sent))
    check_expected_customer(client, checked)
    language = wanted_language(request, checked)
    login_before = usable_login(request, client, checked)
    if read_sign_in_wish(checked.sign_in).is_silent:
        return see_other(answer_silently(client, checked, login_before, pushed))
    given = request.COOKIES.get(BROWSER_COOKIE, "")
    browser = Secret(given) if len(given) >= 40 else new_secret()
    reference = open_request(client, checked, browser, pushed=pushed)
    if login_before is not None:
        go_on_with(login_before, find_open(reference, browser)[0], client)
        response = see_other(f"/oauth/consent?request={reference}")
    else:
        response = login_page(request, client, reference)
    response.set_cookie(
        BROWSER_COOKIE, browser.reveal(), max_age=_COOKIE_AGE, secure=True, httponly=True, samesite="Lax"
    )
    keep_language(response, language)
    return response


def _attempt(client: ClientRecord, sent: Parameters) -> AuthorizationAttempt:
    """A request in the address, or in an object there that the client signed: then nothing else counts."""
    if "request" not in sent.values:
        return AuthorizationAttempt(client, sent.values, False, sent.repeated)
    if "request" in sent.repeated:
        raise invalid_request("request was sent more than once.")
    issuer, now = settings.PROPYLON_ISSUER_URL, int(time.time())
    inside = signed_parameters(sent.values["request"], client, issuer=issuer, now=now)
    return AuthorizationAttempt(client, inside, False, is_signed=True)


def _parameters(request: HttpRequest) -> Parameters:
    if request.method == "GET":
        return parse_parameters(request.META["QUERY_STRING"].encode("latin-1"))
    return Parameters(read_form(request), frozenset())


def _client(sent: Parameters) -> ClientRecord:
    if "client_id" in sent.repeated:
        raise invalid_request("client_id was sent more than once.")
    client = client_for(sent.values.get("client_id", ""), sent.values.get("request", ""))
    if client is None or not client.is_active:
        raise OAuthError("unauthorized_client", "There is no such client, or it is not approved.")
    return client


def _recheck(client: ClientRecord, pushed: AuthorizationRequest) -> CheckedRequest:
    """The client may have changed since it pushed (RFC 9126, 7.4)."""
    stored = {name: value for name, value in pushed.parameters.items() if value}
    is_signed = bool(stored.pop("is_signed", ""))
    stored.setdefault("response_type", "code")
    if "code_challenge" in stored:
        stored["code_challenge_method"] = "S256"
    return check_authorization(AuthorizationAttempt(client, stored, is_pushed=True, is_signed=is_signed))


@csrf_exempt  # guarded by the form's reference and the browser's cookie together: see interactions
@require_http_methods(["GET", "POST"])
@shows_errors
def login(request: HttpRequest) -> HttpResponse:
    """The login page again, or its form."""
    if request.method == "GET":
        reference = request.GET.get("request", "")
        _row, client = find_open(reference, browser_of(request))
        return login_page(request, client, reference)
    form = own_form(request)
    reference = form.get("request", "")
    row, client = find_open(reference, browser_of(request))
    try:
        customer = authenticate(
            client.environment,
            form.get("identity_number", "").strip(),
            form.get("password", ""),
            address=source_address(request),
        )
    except DirectoryUnavailable as failure:
        return unavailable_page(request, failure, reference, client)
    if customer is None:
        return refused_login(request, client, reference, form)
    note_login(acting_user=Actor("customer", customer.subject, "customer"), row=row)
    response = see_other(f"/oauth/consent?request={reference}")
    judge_login(request, response, row, customer)
    if awaits_second_step(row, client.environment):
        end_login(request, response, client.environment)
    else:
        begin_login(request, response, row, client.environment)
    return response


@csrf_exempt  # guarded as login is
@require_http_methods(["GET", "POST"])
@shows_errors
def consent(request: HttpRequest) -> HttpResponse:
    """The consent page, and its answer."""
    form = (
        {"request": request.GET.get("request", "")} if request.method == "GET" else own_form(request, most=MOST_FIELDS)
    )
    reference = form.get("request", "")
    row, client = find_open(reference, browser_of(request))
    if not row.subject:
        return see_other(f"/oauth/login?request={reference}")
    if elsewhere := before_consent(row, client, reference):
        return see_other(elsewhere)
    if request.method == "GET":
        return _consent_page(request, row, client, reference)
    customer = Actor("customer", row.subject, "customer")
    decision = form.get("decision", "")
    if decision not in {"allow", "deny"}:
        raise invalid_request("The form's answer is missing: allow or deny.")
    if decision == "deny":
        return see_other(deny(acting_user=customer, row=row, client=client))
    asked = consent_request(row, client)
    if not asked.is_answered(form):
        return _consent_page(request, row, client, reference, form=form)
    return see_other(allow(acting_user=customer, row=row, client=client, granted=asked.granted(form)))


def _consent_page(
    request: HttpRequest,
    row: AuthorizationRequest,
    client: ClientRecord,
    reference: str,
    form: Mapping[str, str] | None = None,
) -> HttpResponse:
    """`form` is an answer that lacks a choice of accounts."""
    wanted = consent_request(row, client)
    asked = wanted.scopes
    who = Customer.objects.filter(environment=client.environment, subject=row.subject).first()
    context = {
        "client": client,
        "reference": reference,
        "scopes": scope_titles(asked),
        "asks_identity": OPENID in asked,
        "details": wanted.shown_details(form or {}),
        "shared_choice": wanted.shared_choice(form or {}),
        "lacks_accounts": wanted.lacks_accounts,
        "lacks_choice": form is not None,
        "ends_at": timezone.now() + timedelta(seconds=consent_lifetime(row, client)),
        "customer_name": who.name if who else "",
        **environment_facts(client),
    }
    here = f"/oauth/consent?request={reference}"
    status = 200 if form is None else 400
    leads_to = row.parameters["redirect_uri"]
    return page(request, "authserver/consent", context, status=status, here=here, leads_to=leads_to)
