"""Dynamic client registration, RFC 7591, and its management, RFC 7592. Behind an initial access token."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from propylon.applications.actions import change_registration, delete_application, register_client
from propylon.applications.models import Client, ClientStatus, RegistrationToken
from propylon.applications.selectors import complete_client, scopes_of
from propylon.authserver.attempts import Bound
from propylon.authserver.pairwise import set_pairwise
from propylon.authserver.registered_clients import registration_of, secret_of
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError
from propylon.kernel.secret import Secret
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.metadata import REGISTER
from propylon.oauth.registration import (
    Registered,
    Registration,
    client_information,
    invalid_metadata,
    invalid_redirect_uri,
    read_registration,
)
from propylon.sealing.entropy import digest

_LONGEST_BODY = 64 * 1024
_FAILURES = Bound("registration from an address", 30, timedelta(minutes=1))
_NOT_TO_SEND = frozenset(
    {"registration_access_token", "registration_client_uri", "client_secret_expires_at", "client_id_issued_at"}
)
_Answer = tuple[int, dict[str, Any]]
_NO_CONTENT: dict[str, Any] = {}


def _json_endpoint(*methods: str) -> Callable[[Callable[..., _Answer]], Callable[..., HttpResponse]]:
    def decorate(endpoint: Callable[..., _Answer]) -> Callable[..., HttpResponse]:
        @csrf_exempt  # no cookie means anything here
        @wraps(endpoint)
        def view(request: HttpRequest, **named: str) -> HttpResponse:
            if request.method not in methods:
                response: HttpResponse = JsonResponse(
                    invalid_request(f"Send {' or '.join(methods)}.").body(), status=405
                )
                response["Allow"] = ", ".join(methods)
            else:
                response = _answered(endpoint, request, named)
            response["Cache-Control"] = "no-store"
            return response

        return view

    return decorate


def _answered(endpoint: Callable[..., _Answer], request: HttpRequest, named: dict[str, str]) -> HttpResponse:
    address = request.headers.get("x-propylon-source-address", "")
    if _FAILURES.is_spent(address):
        spent = OAuthError("temporarily_unavailable", "Too many failures. Try again in a minute.", status=429)
        return _refusal(spent, address)
    try:
        status, body = endpoint(request, **named)
    except OAuthError as error:
        return _refusal(error, address)
    except PropylonError as error:
        return _refusal(_in_words_of_rfc7591(error), address)
    return JsonResponse(body, status=status) if body else HttpResponse(status=status)


def _refusal(error: OAuthError, address: str) -> HttpResponse:
    response = JsonResponse(error.body(), status=error.status)
    if error.status == 401:
        _FAILURES.count(address)
        response["WWW-Authenticate"] = f'Bearer error="{error.code}"'
    elif error.status == 429:
        response["Retry-After"] = "60"
    return response


def _in_words_of_rfc7591(error: PropylonError) -> OAuthError:
    """The rooms' own refusals: a name that is taken, a mail address that is none."""
    names = {"name": "client_name", "contact_email": "contacts"}
    said = "; ".join(f"{names.get(each.field, each.field)} {each.reason}" for each in error.errors) or error.message
    is_redirect = any(each.field.startswith("redirect_uris") for each in error.errors)
    return invalid_redirect_uri(said) if is_redirect else invalid_metadata(said)


@_json_endpoint("POST")
def register(request: HttpRequest) -> _Answer:
    """RFC 7591, 3."""
    presented = _bearer(request)
    token = RegistrationToken.objects.select_related("organization", "environment", "created_by")
    found = token.filter(digest=digest(presented)).first()
    if found is None or not found.is_live:
        raise _invalid_token()
    wish = read_registration(_body(request))
    with transaction.atomic():
        made = register_client(token=found, wish=wish)
        if made is None:
            raise _invalid_token()
        client, access_token = made
        if wish.is_pairwise:
            set_pairwise(acting_user=_actor(client), client=client, is_pairwise=True)
    return 201, _information(client, access_token=access_token)


@_json_endpoint("GET", "PUT", "DELETE")
def configuration(request: HttpRequest, client_id: str) -> _Answer:
    """RFC 7592, 2. A wrong token and an unknown client are one answer."""
    client = _own_client(request, client_id)
    if request.method == "PUT":
        sent = _body(request)
        _check_change(sent, client)
        wish = _same_kind(read_registration(sent), client)
        change_registration(acting_user=_actor(client), client=client, wish=wish)
    elif request.method == "DELETE":
        if client.application.clients.count() > 1:
            raise OAuthError(
                "access_denied",
                "The application is in further environments. Delete it on its page.",
                status=403,
            )
        delete_application(acting_user=_actor(client), application=client.application)
        return 204, _NO_CONTENT
    return 200, _information(client)


def _check_change(sent: dict[str, Any], client: Client) -> None:
    """Section 2.2: what belongs to the server is not sent, and what identifies the client is right."""
    named = sorted(_NOT_TO_SEND.intersection(sent))
    if named:
        raise invalid_request(f"Leave out what the server decides: {', '.join(named)}.")
    if sent.get("client_id") != client.client_id:
        raise invalid_request("client_id is missing, or is another client's.")
    secret = sent.get("client_secret")
    if secret is not None and not (
        isinstance(secret, str) and hmac.compare_digest(digest(Secret(secret)), client.secret_digest)
    ):
        raise invalid_request("client_secret is not the present one; it cannot be chosen.")


def _same_kind(wish: Registration, client: Client) -> Registration:
    before = registration_of(client)
    for member, old, new in (
        ("grant_types and application_type", before.type, wish.type),
        ("require_pushed_authorization_requests", before.profile, wish.profile),
        ("token_endpoint_auth_method", before.auth_method, wish.auth_method),
        ("tls_client_certificate_bound_access_tokens", before.binds_tokens, wish.binds_tokens),
        ("subject_type", before.is_pairwise, wish.is_pairwise),
    ):
        if old != new:
            raise invalid_metadata(f"{member} cannot be changed. Register another client.")
    return wish


def _own_client(request: HttpRequest, client_id: str) -> Client:
    given = digest(_bearer(request))
    clients = Client.objects.select_related("application__organization", "environment")
    found = clients.filter(client_id=client_id, application__deleted_at=None).first()
    is_own = found is not None and hmac.compare_digest(given, found.registration_digest)
    if found is None or not is_own or found.status in {ClientStatus.DELETED, ClientStatus.REJECTED}:
        raise _invalid_token()
    return found


def _bearer(request: HttpRequest) -> Secret:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _invalid_token()
    return Secret(token.strip())


def _invalid_token() -> OAuthError:
    return OAuthError("invalid_token", "The token is unknown, used up, or has ended.", status=401)


def _body(request: HttpRequest) -> dict[str, Any]:
    if (request.content_type or "").lower() != "application/json":
        raise invalid_request("Send a JSON object with Content-Type: application/json.")
    if len(request.body) > _LONGEST_BODY:
        raise invalid_request(f"The body is longer than {_LONGEST_BODY} bytes.", status=413)
    try:
        sent = json.loads(request.body.decode("utf-8"))
        json.dumps(sent, ensure_ascii=False).encode("utf-8")  # halves of characters are no text
    except (ValueError, RecursionError):
        raise invalid_request("The body is no JSON.") from None
    if not isinstance(sent, dict):
        raise invalid_request("The body is one JSON object.")
    return sent


def _information(client: Client, *, access_token: Secret | None = None) -> dict[str, Any]:
    found = complete_client(client)
    account = getattr(found, "service_account", None)
    secret = secret_of(found, acting_user=_actor(found))
    return client_information(
        Registered(
            client_id=found.client_id,
            issued_at=int(found.created_at.timestamp()),
            registration=registration_of(found),
            scopes=scopes_of(found),
            service_account=account.name if account else "",
            secret=secret.reveal() if secret else "",
            is_approved=found.status == ClientStatus.APPROVED,
            address=f"{settings.PROPYLON_ISSUER_URL}{REGISTER}/{found.client_id}",
            access_token=access_token.reveal() if access_token else "",
        )
    )


def _actor(client: Client) -> Actor:
    return Actor("client", client.client_id, client.application.name)
