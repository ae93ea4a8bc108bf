"""The second step of a customer's login, where more is at stake (RFC 9470; the risk of scopes)."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from propylon.authserver.answers import Answer
from propylon.authserver.authorize_views import shows_errors
from propylon.authserver.interactions import find_open, note_second_step, refuse
from propylon.authserver.known_devices import remember_place
from propylon.authserver.login_pages import browser_of, own_form
from propylon.authserver.login_session import begin_login, strengthen_login
from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.pages import page, see_other
from propylon.authserver.strength import needs_second_step
from propylon.catalog.models import Environment
from propylon.customers.models import Customer
from propylon.customers.second_step import SANDBOX_CODE, begin_second_step, mailed_to
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.oauth.errors import OAuthError
from propylon.oauth.records import ClientRecord
from propylon.sealing.entropy import digest

MOST_FAILURES = 5  # on one page
MOST_FAILURES_AN_HOUR = 15  # of one customer, on all: who knows a password must not guess codes for long
_WRONG_CODE = _("That code is not right. Type the six digits once more.")


@csrf_exempt  # guarded as login is: see interactions
@require_http_methods(["GET", "POST"])
@shows_errors
def second_step(request: HttpRequest) -> HttpResponse:
    """The page that asks for the code, and its form."""
    form = {"request": request.GET.get("request", "")} if request.method == "GET" else own_form(request)
    reference = form.get("request", "")
    row, client = find_open(reference, browser_of(request))
    if not row.subject:
        return see_other(f"/oauth/login?request={reference}")
    if not needs_second_step(row, client):
        return see_other(f"/oauth/consent?request={reference}")
    if request.method == "GET":
        _begin(row, client, reference)
        return _page(request, row, client, reference)
    if "code" not in form or not row.step_digest or _is_worn_out(row):
        return see_other(_leave(row, client))
    if constant_time_compare(row.step_digest, _digest(reference, form["code"])):
        note_second_step(acting_user=_customer(row), row=row)
        response = see_other(f"/oauth/consent?request={reference}")
        keep = begin_login if row.is_unusual else strengthen_login  # an unusual one begins only now
        keep(request, response, row, client.environment)
        remember_place(row, client.environment)
        return response
    return _failed(request, row, client, reference)


@transaction.atomic
def _begin(row: AuthorizationRequest, client: ClientRecord, reference: str) -> None:
    """One code for one login: a page that is loaded again sends no second mail."""
    if row.step_digest:
        return
    code = begin_second_step(client.environment, row.subject, application=client.application_name)
    if code:
        row.step_digest = _digest(reference, code.reveal())
        row.save(update_fields=["step_digest"])


def _digest(reference: str, code: str) -> str:
    """With the page's secret, which is not stored: from the table nobody guesses six digits."""
    return digest(Secret(f"{reference}.{''.join(code.split())}"))


def _failed(request: HttpRequest, row: AuthorizationRequest, client: ClientRecord, reference: str) -> HttpResponse:
    AuthorizationRequest.objects.filter(pk=row.pk).update(step_failures=F("step_failures") + 1)
    row.refresh_from_db(fields=["step_failures"])
    if row.step_failures >= MOST_FAILURES:
        return see_other(_leave(row, client))
    return _page(request, row, client, reference, problem=_WRONG_CODE)


def _is_worn_out(row: AuthorizationRequest) -> bool:
    """Whether this customer, or somebody with their password, has typed too many wrong codes."""
    lately = AuthorizationRequest.objects.filter(
        subject=row.subject,
        client__environment_id=row.client.environment_id,
        expires_at__gt=timezone.now() - timedelta(minutes=45),  # a page lives for 15
    )
    failures: int = lately.aggregate(all=Sum("step_failures"))["all"] or 0
    return failures >= MOST_FAILURES_AN_HOUR


def _leave(row: AuthorizationRequest, client: ClientRecord) -> Answer:
    error = OAuthError("unmet_authentication_requirements", "The customer could not sign in as strongly as is needed.")
    return refuse(acting_user=_customer(row), row=row, client=client, error=error)


def _customer(row: AuthorizationRequest) -> Actor:
    return Actor("customer", row.subject, "customer")


def _page(
    request: HttpRequest, row: AuthorizationRequest, client: ClientRecord, reference: str, problem: str | Promise = ""
) -> HttpResponse:
    who = Customer.objects.filter(environment=client.environment, subject=row.subject).first()
    context = {
        "client": client,
        "reference": reference,
        "problem": problem,
        "has_step": bool(row.step_digest),
        "is_unusual": row.is_unusual,
        "mailed_to": mailed_to(client.environment, row.subject),
        "sandbox_code": SANDBOX_CODE if who and who.is_sandbox_identity else "",
        "environment": Environment.objects.get(name=client.environment),
    }
    here, leads_to = f"/oauth/second-step?request={reference}", row.parameters["redirect_uri"]
    return page(request, "authserver/second_step", context, here=here, leads_to=leads_to)
