"""Where the customer is logged in for applications, and ending that: one login, or all of them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from propylon.authserver.customer_session import actor_of
from propylon.authserver.login_session import end_logins_of_customer, is_of_browser, logins_of
from propylon.authserver.models import CustomerSession
from propylon.authserver.pages import page, see_other
from propylon.catalog.models import Environment
from propylon.kernel.errors import Kind, PropylonError
from propylon.oauth.acr import TWO_STEPS
from propylon.portal.consents.access import logged_in

_MOST = 50


@require_http_methods(["GET", "HEAD"])
@logged_in("consents")
def logins(request: HttpRequest, session: CustomerSession) -> HttpResponse:
    rows = logins_of(session.environment, session.subject)[:_MOST]
    context = {
        "logins": [(row, is_of_browser(row, request), row.acr == TWO_STEPS) for row in rows],
        "ended": request.GET.get("ended", "")[:10],
        "environment": Environment.objects.filter(name=session.environment).first(),
    }
    return page(request, "portal/consents/logins", context)


@require_POST
@logged_in("consents")
def end(request: HttpRequest, session: CustomerSession) -> HttpResponse:
    """The form names one login, or none: then all end. One that is gone already is as good as ended."""
    try:
        end_logins_of_customer(
            acting_user=actor_of(session),
            environment=session.environment,
            subject=session.subject,
            public_id=request.POST.get("login", "")[:40],
        )
    except PropylonError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
    return see_other(f"{reverse('portal_consents:logins')}?ended=yes")
