"""What clients ask beside tokens: PAR (RFC 9126), CIBA, revocation (RFC 7009), introspection (RFC 7662)."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from propylon.authserver.actions import end_grant, revoke_access_token
from propylon.authserver.asking_customers import ask_customer
from propylon.authserver.caller import Caller, caller_of
from propylon.authserver.client_attempts import counted, retry_headers
from propylon.authserver.foreign_keys import client_for
from propylon.authserver.interactions import push_request
from propylon.authserver.issued import find_refresh_token, introspection, verified_claims
from propylon.authserver.nonces import NONCE_HEADER, nonce_to_tell
from propylon.authserver.proofs import remember_assertion, remember_proof
from propylon.authserver.signing import INTROSPECTION_TYPE, signers
from propylon.kernel.actor import Actor
from propylon.kernel.tracking import TRACKING_HEADER
from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_request import SentBack, check_authorization
from propylon.oauth.client_authentication import authenticate, challenge, read_presented
from propylon.oauth.errors import OAuthError, invalid_client, invalid_request
from propylon.oauth.policy import PRIVATE_KEY_JWT
from propylon.oauth.records import ClientRecord
from propylon.oauth.request_object import signed_parameters
from propylon.oauth.token_request import check_caller
from propylon.oauth.tokens import PUSHED_REQUEST_TTL

_Answer = tuple[int, dict[str, Any] | str]  # JSON, or a JWT
_INTROSPECTION_MEDIA_TYPE = f"application/{INTROSPECTION_TYPE}"
_Endpoint = Callable[[Caller, ClientRecord], _Answer]


def _back_channel(endpoint: _Endpoint) -> Callable[[HttpRequest], HttpResponse]:
    """POST with a form from an authenticated client; JSON back, never stored by anybody."""

    @csrf_exempt  # no cookie means anything here
    @wraps(endpoint)
    def view(request: HttpRequest) -> HttpResponse:
        authorization = request.headers.get("authorization", "")
        asked = refused = ""
        waits: tuple[tuple[str, str], ...] = ()
        if request.method == "OPTIONS":
            return _open_to_browsers(HttpResponse(status=204))
        body: dict[str, Any] | str
        try:
            caller, client = _authenticated(request)
            status, body = endpoint(caller, client)
        except OAuthError as error:
            status, body, asked, refused = error.status, error.body(), challenge(error, authorization), error.code
            waits = retry_headers(error)
        response = _response(status, body)
        response["Cache-Control"] = "no-store"
        if asked:
            response["WWW-Authenticate"] = asked
        for name, value in waits:
            response[name] = value
        if nonce := nonce_to_tell(proof=request.headers.get("dpop", ""), error=refused):
            response[NONCE_HEADER] = nonce
        if status == 405:
            response["Allow"] = "POST, OPTIONS"
        return _open_to_browsers(response)

    return view


def _response(status: int, body: dict[str, Any] | str) -> HttpResponse:
    if isinstance(body, str):
        return HttpResponse(body, status=status, content_type=_INTROSPECTION_MEDIA_TYPE)
    return JsonResponse(body, status=status) if body else HttpResponse(status=status)


def _open_to_browsers(response: HttpResponse) -> HttpResponse:
    response["Access-Control-Allow-Origin"] = "*"
    response["Access-Control-Allow-Methods"] = "POST"
    response["Access-Control-Allow-Headers"] = "authorization, content-type, dpop"
    response["Access-Control-Expose-Headers"] = f"{TRACKING_HEADER}, {NONCE_HEADER}"
    return response


def _authenticated(request: HttpRequest) -> tuple[Caller, ClientRecord]:
    if request.method != "POST":
        raise invalid_request("Send a POST with a form body.", status=405)
    headers = {name.lower(): value for name, value in request.headers.items()}
    query = request.META["QUERY_STRING"].encode("latin-1")
    caller = caller_of(headers, path=request.path, query=query, body=request.body)
    now = int(time.time())
    with counted(caller):
        presented = read_presented(caller.form, caller.authorization)
        assertion = presented.secret if presented.method == PRIVATE_KEY_JWT else ""
        client = client_for(presented.client_id, assertion, caller.form.get("request", ""))
        proven = authenticate(client, presented, caller.certificate, now, issuer=settings.PROPYLON_ISSUER_URL)
    if proven.assertion is not None:
        remember_assertion(proven.assertion)
    check_caller(caller.attempt(proven.client, "", now))
    return caller, proven.client


@_back_channel
def push(caller: Caller, client: ClientRecord) -> _Answer:
    """RFC 9126: the checks of the authorization endpoint, every refusal as JSON."""
    now = int(time.time())
    proof, sent, is_signed = caller.proof(client, now), caller.form, "request" in caller.form
    if is_signed:  # RFC 9126, 3
        sent = signed_parameters(sent["request"], client, issuer=settings.PROPYLON_ISSUER_URL, now=now)
    try:
        checked = check_authorization(
            AuthorizationAttempt(client, sent, is_pushed=True, proof=proof, is_signed=is_signed)
        )
    except SentBack as answer:
        raise answer.error from None
    if proof is not None:  # RFC 9449, 10.1
        remember_proof(proof)
    request_uri = push_request(acting_user=_actor(client), client=client, checked=checked)
    return 201, {"request_uri": request_uri, "expires_in": PUSHED_REQUEST_TTL}


@_back_channel
def ask(caller: Caller, client: ClientRecord) -> _Answer:
    """CIBA Core, 7: a customer is asked elsewhere."""
    return 200, ask_customer(dict(caller.form), client)


@_back_channel
def revoke(caller: Caller, client: ClientRecord) -> _Answer:
    """RFC 7009, 2.2: 200 also for tokens that are unknown; those of other clients are left alone."""
    token = caller.form.get("token", "")
    if not token:
        raise invalid_request("The parameter token is missing.")
    refresh = find_refresh_token(token, client.client_id)
    claims = None if refresh else verified_claims(token, client.client_id)
    if refresh:
        end_grant(acting_user=_actor(client), grant=refresh.grant, reason="refresh token revoked by the client")
    elif claims:
        revoke_access_token(acting_user=_actor(client), claims=claims, reason="revoked by the client")
    return 200, {}


@_back_channel
def introspect(caller: Caller, client: ClientRecord) -> _Answer:
    """RFC 7662: a confidential client may ask about its own tokens; about all else it learns `active: false`.

    The answer is signed for who accepts that (RFC 9701).
    """
    if client.policy.is_public:
        raise invalid_client("public clients cannot introspect")
    token = caller.form.get("token", "")
    if not token:
        raise invalid_request("The parameter token is missing.")
    told = introspection(token, client)
    if _INTROSPECTION_MEDIA_TYPE not in caller.accept:
        return 200, told
    claims = {"iss": settings.PROPYLON_ISSUER_URL, "aud": client.client_id, "iat": int(time.time())}
    return 200, signers.get().introspection({**claims, "token_introspection": told})


def _actor(client: ClientRecord) -> Actor:
    return Actor("client", client.client_id, client.application_name)
