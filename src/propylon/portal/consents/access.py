"""Pages that belong to a customer who has logged in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from propylon.authserver.customer_session import session_of
from propylon.authserver.pages import see_other

View = Callable[..., HttpResponse]
# Where a login may lead: the page's word in the address → its name.
LEADS_TO = {"consents": "portal_consents:list", "approvals": "portal_approvals:list"}


def logged_in(wanted: str) -> Callable[[View], View]:
    """Gives the customer's session to the view; sends to the login who has none, and from there to `wanted`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, **arguments: str) -> HttpResponse:
            session = session_of(request)
            if session is None:
                there = reverse("portal_consents:log_in")
                return see_other(there if wanted == "consents" else f"{there}?to={wanted}")
            return view(request, session, **arguments)

        return wrapped

    return decorate
