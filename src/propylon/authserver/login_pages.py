"""The login page of an authorization request, by its environment's directory, and what stands in while that is away."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.pages import page
from propylon.catalog.models import Environment
from propylon.customers.directory import may_try_again_at
from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.models import Customer
from propylon.customers.provider_login import provider_of
from propylon.kernel.secret import Secret
from propylon.oauth.errors import invalid_request
from propylon.oauth.form import MOST_PARAMETERS, parse_form
from propylon.oauth.records import ClientRecord
from propylon.sealing.entropy import digest

BROWSER_COOKIE = "__Host-authorization"
PROVIDER_PATH = "/oauth/login/provider"
WRONG_LOGIN = _(
    "Identity number or password is not right, or there were too many attempts. "
    "Check both and try again; after several attempts, wait a few minutes."
)
_RETRY_SECONDS = 30  # when a directory is away

_log = logging.getLogger(__name__)


def login_page(request: HttpRequest, client: ClientRecord, reference: str, problem: str | Promise = "") -> HttpResponse:
    """Fields for name and password, or the way to the provider that asks for them."""
    context = {
        "client": client,
        "reference": reference,
        "problem": problem,
        "login_hint": _hint(reference),
        "provider": provider_of(client.environment),
        "provider_address": f"{PROVIDER_PATH}?{urlencode({'request': reference})}",
        **environment_facts(client),
    }
    return page(request, "authserver/login", context, here=f"/oauth/login?request={reference}")


def _hint(reference: str) -> str:
    """OpenID Connect Core 3.1.2.1, `login_hint`: for the field alone, it proves nothing."""
    row = AuthorizationRequest.objects.filter(reference_digest=digest(Secret(reference))).first()
    hint: str = row.parameters.get("login_hint", "") if row else ""
    return hint


def refused_login(request: HttpRequest, client: ClientRecord, reference: str, form: dict[str, str]) -> HttpResponse:
    """The login page again; with 429 and `Retry-After` (RFC 6585, 4) while another try would be in vain.

    A name that nobody has waits as long as one that somebody has.
    """
    response = login_page(request, client, reference, problem=WRONG_LOGIN)
    slow_down(response, client.environment, form.get("identity_number", ""), source_address(request))
    return response


def slow_down(response: HttpResponse, environment: str, identity_number: str, address: str) -> None:
    again_at = may_try_again_at(environment, identity_number.strip(), address=address)
    if again_at is not None:
        response.status_code = 429
        response["Retry-After"] = str(max(1, int((again_at - timezone.now()).total_seconds()) + 1))


def unavailable_page(
    request: HttpRequest, failure: DirectoryUnavailable, reference: str, client: ClientRecord | None = None
) -> HttpResponse:
    """The customer may try again, or go back to the application, which then hears `temporarily_unavailable`."""
    _log.warning("customer_directory.unavailable", extra={"detail": failure.reason})
    facts = environment_facts(client) if client else {}
    context = {"reference": reference, "client": client, **facts}
    response = page(request, "authserver/unavailable", context, status=503)
    response["Retry-After"] = str(_RETRY_SECONDS)
    return response


def own_form(request: HttpRequest, *, most: int = MOST_PARAMETERS) -> dict[str, str]:
    """A form of ours: from another site's page it is refused before anything is read."""
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise invalid_request("This form was sent from another site. Start again in the application.")
    return read_form(request, most=most)


def read_form(request: HttpRequest, *, most: int = MOST_PARAMETERS) -> dict[str, str]:
    query = request.META["QUERY_STRING"].encode("latin-1")
    return dict(parse_form(content_type=request.content_type or "", query=query, body=request.body, most=most))


def browser_of(request: HttpRequest) -> Secret:
    return Secret(request.COOKIES.get(BROWSER_COOKIE, ""))


def source_address(request: HttpRequest) -> str:
    return request.headers.get("x-propylon-source-address", "")


def environment_facts(client: ClientRecord) -> dict[str, object]:
    environment = Environment.objects.get(name=client.environment)
    is_sandbox = Customer.objects.filter(environment=environment.name, is_sandbox_identity=True).exists()
    return {"environment": environment, "is_sandbox": is_sandbox}
