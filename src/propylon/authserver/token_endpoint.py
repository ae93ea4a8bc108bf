"""The token endpoint, RFC 6749 section 3.2: a lean ASGI application, without Django's middleware.

A client-credentials grant is decided in the event loop from clients in memory; a code or refresh token in a thread,
with everything that it stores in one transaction.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from propylon.audit.request_context import set_tracking_id
from propylon.authserver.audit_queue import Issued, queue
from propylon.authserver.caller import Caller, caller_of
from propylon.authserver.client_cache import clients
from propylon.authserver.exchange import exchange
from propylon.authserver.signing import signers
from propylon.authserver.threads import in_thread
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id
from propylon.oauth.client_authentication import Presented, authenticate, challenge, read_presented
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.form import LONGEST_BODY
from propylon.oauth.policy import CLIENT_CREDENTIALS
from propylon.oauth.records import ClientRecord
from propylon.oauth.token_request import decide, grant_type_of
from propylon.oauth.tokens import Issue, token_response
from propylon.sealing.entropy import new_public_id

TOKEN_PATH = "/oauth/token"  # noqa: S105  (a path)

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Header = tuple[bytes, bytes]

_log = logging.getLogger(__name__)
_HEADERS: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
    # Single-page applications ask from the browser; no credential of the browser's own is ever read here.
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", TRACKING_HEADER.encode()),
)
_PREFLIGHT: tuple[Header, ...] = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
)
_ONCE = frozenset({"authorization", "content-type"})


async def token_endpoint(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    headers, repeated = _read_headers(scope["headers"])
    given = headers.get("requesttrackingid", "")
    tracking_id = given if is_tracking_id(given) else str(uuid.uuid4())
    set_tracking_id(tracking_id)
    extra: list[Header] = [(TRACKING_HEADER.encode(), tracking_id.encode())]
    if scope["method"] == "OPTIONS":
        await _respond(send, 204, b"", [*extra, *_PREFLIGHT])
        return
    try:
        status, answer = 200, await _answer(scope, receive, headers, repeated, tracking_id)
    except OAuthError as error:
        status, answer = error.status, error.body()
        extra += _error_headers(error, headers.get("authorization", ""))
        _log.info("token.refused", extra={"error": error.code, "detail": error.detail or error.description})
    except Exception:  # noqa: BLE001  (the client gets JSON whatever fails, the log the reason)
        status, answer = 500, {"error": "server_error", "error_description": "Something failed on our side."}
        _log.exception("token.failed")
    await _respond(send, status, json.dumps(answer, separators=(",", ":")).encode(), extra)


def _read_headers(raw: list[Header]) -> tuple[dict[str, str], bool]:
    headers: dict[str, str] = {}
    repeated = False
    for name, value in raw:
        key = name.decode("latin-1")
        repeated = repeated or (key in _ONCE and key in headers)
        headers[key] = value.decode("latin-1")
    return headers, repeated


def _error_headers(error: OAuthError, authorization: str) -> list[Header]:
    if error.status == 405:
        return [(b"allow", b"POST, OPTIONS")]
    asked = challenge(error, authorization)
    return [(b"www-authenticate", asked.encode())] if asked else []


async def _answer(
    scope: dict[str, Any], receive: Receive, headers: dict[str, str], repeated: bool, tracking_id: str
) -> dict[str, Any]:
    if scope["method"] != "POST":
        raise invalid_request("Send a POST with a form body.", status=405)
    if repeated:
        raise invalid_request("The Authorization or Content-Type header was sent more than once.")
    body = await _read_body(receive)
    caller = caller_of(headers, query=scope["query_string"], body=body)
    grant_type = grant_type_of(caller.form)
    if grant_type == CLIENT_CREDENTIALS:
        return await _client_credentials(caller, tracking_id)
    return await in_thread(exchange, caller, grant_type)


async def _read_body(receive: Receive) -> bytes:
    """The body; of one that is too long only so much that the form parser refuses it.

    The rest is read and dropped: an answer before the end of the request looks like a broken connection to the gateway.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise invalid_request("The request ended before its body.")
        if len(body) <= LONGEST_BODY:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            return body


async def _client_credentials(caller: Caller, tracking_id: str) -> dict[str, Any]:
    presented = read_presented(caller.form, caller.authorization)
    client, is_fresh = await clients.get(presented.client_id)
    try:
        client, issue = _decide(caller, presented, client)
    except OAuthError:
        if is_fresh:
            raise
        client, issue = _decide(caller, presented, await clients.load(presented.client_id))
    if queue.is_full:
        raise OAuthError("temporarily_unavailable", "Try again in a few seconds.", status=503)
    signer = signers.cached()
    if signer is None:
        signer = await in_thread(signers.load)
    token = signer.access_token(issue.claims)
    queue.add(
        Issued(
            at=time.time(),
            jti=issue.claims["jti"],
            client_id=client.client_id,
            client_name=client.application_name,
            organization=client.organization,
            scope=issue.scope,
            source_address=caller.source_address,
            tracking_id=tracking_id,
        )
    )
    return token_response(issue, access_token=token)


def _decide(caller: Caller, presented: Presented, client: ClientRecord | None) -> tuple[ClientRecord, Issue]:
    now = int(time.time())
    proven = authenticate(client, presented, caller.certificate, now)
    attempt = caller.attempt(proven, CLIENT_CREDENTIALS, now)
    return proven, decide(attempt, issuer=settings.PROPYLON_PUBLIC_URL, jti=new_public_id("at"))


async def _respond(send: Send, status: int, body: bytes, extra: list[Header]) -> None:
    headers = [*_HEADERS, *extra, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
