"""Log in, look, withdraw: plain forms that work without scripts, each on one page."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from propylon.authserver.actions import end_grant
from propylon.authserver.consents import access_consent, ended_consents, living_consents
from propylon.authserver.customer_session import actor_of, begin_session, end_session, session_of
from propylon.authserver.login_pages import PROVIDER_PATH, slow_down, source_address, unavailable_page
from propylon.authserver.login_session import end_logins
from propylon.authserver.models import CustomerSession
from propylon.authserver.pages import page, see_other
from propylon.catalog.models import Environment
from propylon.customers.directory import authenticate
from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.provider_login import provider_of
from propylon.customers.selectors import environments_with_customers, waiting_approvals
from propylon.portal.consents.access import LEADS_TO, logged_in
from propylon.portal.consents.seen import seen

_MOST_LIVING, _MOST_ENDED = 200, 20
_WRONG = _(
    "Identity number or password is not right, or there were too many attempts. "
    "Check both and try again; after several attempts, wait a few minutes."
)


@require_http_methods(["GET", "HEAD"])
@logged_in("consents")
def consents(request: HttpRequest, session: CustomerSession) -> HttpResponse:
    context = {
        "consents": seen(living_consents(session)[:_MOST_LIVING]),
        "ended": list(ended_consents(session)[:_MOST_ENDED]),
        "questions": waiting_approvals().filter(environment=session.environment, subject=session.subject).exists(),
        "withdrawn": request.GET.get("withdrawn", "")[:80],
        "environment": _environment(session.environment),
    }
    return page(request, "portal/consents/list", context)


@require_http_methods(["GET", "HEAD", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """For the bank's customers, of whom each environment has its own."""
    offered = list(Environment.objects.filter(name__in=environments_with_customers()).order_by("position"))
    asked = request.POST.get("environment") or request.GET.get("environment", "")
    # The real one, where people come by themselves.
    environment = _named(asked, offered) or (offered[-1] if offered else None)
    problem = None
    provider = provider_of(environment.name) if environment else None
    if request.method == "POST" and provider and environment:
        return see_other(f"{reverse('portal_consents:log_in')}?{_query(request, environment)}")
    if request.method == "POST":
        try:
            customer = environment and authenticate(
                environment.name,
                request.POST.get("identity_number", "")[:40].strip(),
                request.POST.get("password", "")[:200],
                address=source_address(request),
            )
        except DirectoryUnavailable as failure:
            return unavailable_page(request, failure, "")
        if customer:
            response = see_other(reverse(LEADS_TO.get(request.GET.get("to", ""), "portal_consents:list")))
            begin_session(response, customer=customer)
            return response
        problem = _WRONG
    context = {
        "problem": problem,
        "environments": offered,
        "environment": environment,
        "provider": provider,
        "is_for_approvals": request.GET.get("to") == "approvals",
        "provider_address": f"{PROVIDER_PATH}?{_query(request, environment)}" if environment else "",
    }
    response = page(request, "portal/consents/log_in", context, status=400 if problem else 200)
    if problem and environment:
        slow_down(response, environment.name, request.POST.get("identity_number", "")[:40], source_address(request))
    return response


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """Here, and for the applications that this browser was logged in for."""
    response = see_other(reverse("portal_consents:log_in"))
    session = session_of(request)
    end_session(request, response)
    if session is not None:
        end_logins(request, response, session.environment)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@logged_in("consents")
def withdraw(request: HttpRequest, session: CustomerSession, consent_id: str) -> HttpResponse:
    """Says what will happen, and makes it happen: the next call with this consent is refused."""
    grant = access_consent(session, consent_id)
    if request.method == "POST":
        end_grant(acting_user=actor_of(session), grant=grant, reason="withdrawn by the customer")
        return see_other(f"{reverse('portal_consents:list')}?withdrawn={grant.public_id}")
    context = {"consent": seen([grant])[0], "environment": _environment(session.environment)}
    return page(request, "portal/consents/withdraw", context)


def _query(request: HttpRequest, environment: Environment) -> str:
    return urlencode({"environment": environment.name, "to": request.GET.get("to", "")[:20]})


def _named(name: str, offered: list[Environment]) -> Environment | None:
    return next((each for each in offered if each.name == name), None)


def _environment(name: str) -> Environment | None:
    return Environment.objects.filter(name=name).first()
