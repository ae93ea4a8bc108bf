"""The end-session endpoint: OpenID Connect RP-Initiated Logout 1.0. The customer is asked before anything ends."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from propylon.authserver.authorize_views import shows_errors
from propylon.authserver.customer_session import end_session
from propylon.authserver.expected_customer import audience_of_hint
from propylon.authserver.login_pages import BROWSER_COOKIE, own_form, read_form
from propylon.authserver.login_session import end_logins
from propylon.authserver.logout_addresses import logout_addresses
from propylon.authserver.pages import page, see_other
from propylon.authserver.selectors import client_record
from propylon.oauth.end_session import PARAMETERS, check_way_back, client_that_asks
from propylon.oauth.errors import invalid_request
from propylon.oauth.form import parse_parameters


@csrf_exempt  # what it is asked by others it only shows; the answer must come from a page of ours
@require_http_methods(["GET", "POST"])
@shows_errors
def end_session_endpoint(request: HttpRequest) -> HttpResponse:
    """Sections 2 and 3: the parameters by GET or POST; `answer` is in our own form alone."""
    sent = _sent(request)
    hinted = audience_of_hint(sent["id_token_hint"]) if sent.get("id_token_hint") else ""
    client_id = client_that_asks(sent, hinted)
    check_way_back(sent, logout_addresses(client_id) if client_id else ())
    if sent.get("answer") != "log_out":
        return _question(request, sent, client_id)
    own_form(request)
    if sent.get("post_logout_redirect_uri"):
        response = see_other(_address(sent))
    else:
        response = page(request, "authserver/logged_out", {})
    end_session(request, response)
    client = client_record(client_id) if client_id else None
    end_logins(request, response, client.environment if client else "")
    response.delete_cookie(BROWSER_COOKIE, samesite="Lax")
    return response


def _sent(request: HttpRequest) -> dict[str, str]:
    if request.method == "POST":
        return read_form(request)
    parameters = parse_parameters(request.META["QUERY_STRING"].encode("latin-1"))
    if parameters.repeated:
        raise invalid_request("A parameter was sent more than once.")
    return {name: value for name, value in parameters.values.items() if name in PARAMETERS}


def _question(request: HttpRequest, sent: Mapping[str, str], client_id: str) -> HttpResponse:
    context = {
        "client": client_record(client_id) if client_id else None,
        "sent": [(name, sent[name]) for name in PARAMETERS if name in sent],
    }
    return page(request, "authserver/end_session", context, leads_to=sent.get("post_logout_redirect_uri", ""))


def _address(sent: Mapping[str, str]) -> str:
    """Section 3: the state goes back as it came."""
    uri, state = sent["post_logout_redirect_uri"], sent.get("state", "")
    if not state:
        return uri
    return uri + ("&" if "?" in uri else "?") + urlencode({"state": state})
