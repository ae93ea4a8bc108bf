"""The token endpoint, RFC 6749 section 3.2, at its own address and at its aliases: a lean RSGI application, without
Django's middleware.

A client-credentials grant is decided in the event loop from clients in memory; a code or refresh token in a thread,
with everything that it stores in one transaction.
"""

from __future__ import annotations

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings

from propylon.audit.request_context import set_tracking_id
from propylon.authserver.audit_queue import Issued, queue
from propylon.authserver.caller import Caller, caller_of
from propylon.authserver.client_attempts import counted, retry_headers
from propylon.authserver.client_cache import clients
from propylon.authserver.exchange import exchange
from propylon.authserver.foreign_keys import refresh_keys, wants_keys
from propylon.authserver.nonces import NONCE_HEADER, nonce_to_tell
from propylon.authserver.password_grant import password_grant
from propylon.authserver.proofs import remember_assertion, remember_proof
from propylon.authserver.rsgi import ConnectionEnded, Header, Headers, HttpProtocol, Scope
from propylon.authserver.signing import signers
from propylon.authserver.threads import in_thread
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id
from propylon.oauth.client_authentication import Authenticated, Presented, authenticate, challenge, read_presented
from propylon.oauth.errors import OAuthError, invalid_request
from propylon.oauth.form import LONGEST_BODY, too_long
from propylon.oauth.policy import CLIENT_CREDENTIALS, PASSWORD, PRIVATE_KEY_JWT
from propylon.oauth.records import ClientRecord
from propylon.oauth.token_request import decide, grant_type_of
from propylon.oauth.tokens import Issue, token_response
from propylon.sealing.entropy import new_ordered_id

TOKEN_PATH = "/oauth/token"  # noqa: S105  (a path)

_log = logging.getLogger(__name__)
_HEADERS: tuple[Header, ...] = (
    ("content-type", "application/json"),
    ("cache-control", "no-store"),
    ("pragma", "no-cache"),
    ("x-content-type-options", "nosniff"),
    # Single-page applications ask from the browser; no credential of the browser's own is ever read here.
    ("access-control-allow-origin", "*"),
    ("access-control-expose-headers", f"{TRACKING_HEADER}, {NONCE_HEADER}"),
)
_PREFLIGHT: tuple[Header, ...] = (
    ("access-control-allow-methods", "POST"),
    ("access-control-allow-headers", "authorization, content-type, dpop"),
    ("access-control-max-age", "600"),
)
_ONCE = ("authorization", "content-type", "dpop")
# Of the twenty or so that arrive.
_READ = (
    *_ONCE,
    "requesttrackingid",
    "x-propylon-peer-certificate",
    "x-propylon-listener",
    "x-propylon-source-address",
)


async def token_endpoint(scope: Scope, protocol: HttpProtocol) -> None:
    sent = scope.headers  # once: the server copies them all for each look
    headers = {name: value for name in _READ if (value := sent.get(name)) is not None}
    given = headers.get("requesttrackingid", "")
    tracking_id = given if is_tracking_id(given) else str(uuid.uuid4())
    set_tracking_id(tracking_id)
    extra: list[Header] = [(TRACKING_HEADER, tracking_id)]
    if scope.method == "OPTIONS":
        protocol.response_empty(204, [*_HEADERS, *extra, *_PREFLIGHT])
        return
    try:
        body = await _read_body(sent, protocol)
        _check_once(sent, headers)
        answer = await _answer(scope, headers, body, tracking_id)
        status = 200 if scope.path == TOKEN_PATH else 201  # at an alias, as its clients have learnt it
    except OAuthError as error:
        status, answer = error.status, error.body()
        extra += _error_headers(error, headers.get("authorization", ""))
        _log.info("token.refused", extra={"error": error.code, "detail": error.detail or error.description})
    except Exception:  # noqa: BLE001  (the client gets JSON whatever fails, the log the reason)
        status, answer = 500, {"error": "server_error", "error_description": "Something failed on our side."}
        _log.exception("token.failed")
    if nonce := nonce_to_tell(proof=headers.get("dpop", ""), error=answer.get("error", "")):
        extra.append((NONCE_HEADER.lower(), nonce))
    protocol.response_bytes(status, [*_HEADERS, *extra], orjson.dumps(answer))


def _error_headers(error: OAuthError, authorization: str) -> list[Header]:
    if error.status == 405:
        return [("allow", "POST, OPTIONS")]
    asked = challenge(error, authorization)
    return [("www-authenticate", asked)] if asked else list(retry_headers(error))


async def _read_body(sent: Headers, protocol: HttpProtocol) -> bytes:
    """All of it, before any answer: one that comes earlier looks like a broken connection to the gateway."""
    length = sent.get("content-length")
    if length is not None and int(length) > LONGEST_BODY:  # the server has seen that it is a number
        async for _ in protocol:
            pass
        raise too_long()
    try:
        return await protocol()
    except ConnectionEnded:
        raise invalid_request("The request ended before its body.") from None


async def _answer(scope: Scope, headers: dict[str, str], body: bytes, tracking_id: str) -> dict[str, Any]:
    if scope.method != "POST":
        raise invalid_request("Send a POST with a form body.", status=405)
    query = scope.query_string.encode()
    caller = caller_of(headers, path=scope.path, query=query, body=body, takes_json=scope.path != TOKEN_PATH)
    grant_type = grant_type_of(caller.form)
    with counted(caller):
        if "client_assertion" in caller.form:
            await _know_keys(caller)
        if grant_type == CLIENT_CREDENTIALS:
            return await _client_credentials(caller, tracking_id)
        if grant_type == PASSWORD:
            return await in_thread(password_grant, caller)
        return await in_thread(exchange, caller, grant_type)


async def _know_keys(caller: Caller) -> None:
    """Of a client that signs with keys at an address of its own."""
    presented = read_presented(caller.form, caller.authorization)
    if presented.method != PRIVATE_KEY_JWT:
        return
    client, _ = await clients.get(presented.client_id)
    if wants_keys(client, presented.secret):
        await refresh_keys(presented.client_id)
        await clients.load(presented.client_id)


def _check_once(sent: Headers, headers: Mapping[str, str]) -> None:
    """RFC 9110, 5.3. The server hides a value that is not ASCII, but not that there is one."""
    for name in _ONCE:
        if name not in headers:
            if name in sent:
                raise invalid_request(f"The {name.title()} header has characters beyond ASCII.")
        elif len(sent.get_all(name)) > 1:
            raise invalid_request(f"The {name.title()} header was sent more than once.")


async def _client_credentials(caller: Caller, tracking_id: str) -> dict[str, Any]:
    presented = read_presented(caller.form, caller.authorization)
    client, is_fresh = await clients.get(presented.client_id)
    try:
        proven, issue = _decide(caller, presented, client)
    except OAuthError:
        if is_fresh:
            raise
        proven, issue = _decide(caller, presented, await clients.load(presented.client_id))
    client = proven.client
    if proven.assertion is not None:
        await in_thread(remember_assertion, proven.assertion)
    if issue.proof is not None:
        await in_thread(remember_proof, issue.proof)
    signer = signers.cached()
    if signer is None:
        signer = await in_thread(signers.load)
    issued = Issued(
        client_id=client.client_id,
        client_name=client.application_name,
        jti=issue.claims["jti"],
        organization=client.organization,
        tracking_id=tracking_id,
        scope=issue.scope,
        source_address=caller.source_address,
    )
    recorded = queue.add(issued)
    await asyncio.sleep(0)  # the record is under way first: the database and the signature take their time together
    token = signer.access_token(issue.claims)
    if not await recorded:
        raise OAuthError("temporarily_unavailable", "Try again in a few seconds.", status=503)
    return token_response(issue, access_token=token)


def _decide(caller: Caller, presented: Presented, client: ClientRecord | None) -> tuple[Authenticated, Issue]:
    at = time.time()
    now, issuer = int(at), settings.PROPYLON_ISSUER_URL
    proven = authenticate(client, presented, caller.certificate, now, issuer=issuer)
    attempt = caller.attempt(proven.client, CLIENT_CREDENTIALS, now)
    return proven, decide(attempt, issuer=issuer, jti=new_ordered_id("at", at))
