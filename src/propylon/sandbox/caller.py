"""Who calls, and how they reached us: the headers that the gateway sets (ARCHITECTURE, what an upstream receives).

They are believed because only the gateway reaches the Unix socket, and it removes them from what callers send.
"""

from __future__ import annotations

import json
import re
import uuid
from base64 import b64decode
from dataclasses import dataclass

from starlette.datastructures import Headers

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id

BASE_PATH = "/accounts/v1"
ACCOUNT_ID = re.compile(r"acc-([0-9]{6})", re.ASCII)
_SCOPE = "accounts"
_DEFAULT_PORTS = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner`: the subject whose accounts are seen; None, a service token, sees all.

    `numbers`: of the accounts that the consent covers; None: it names none, so all of the owner's.
    """

    owner: str | None
    numbers: frozenset[int] | None
    base_url: str  # "https://localhost:8444/sandbox/accounts/v1": what links begin with


def caller_of(headers: Headers) -> Caller:
    """Refuses with `caller.unknown` a request that did not come through the gateway."""
    subject = headers.get("x-propylon-subject", "")
    if not subject:
        raise PropylonError(
            "caller.unknown",
            "The sandbox bank does not know who calls. Call it through the gateway, with an access token.",
            kind=Kind.UNAUTHENTICATED,
        )
    is_service = subject == headers.get("x-propylon-client", "")
    return Caller(None if is_service else subject, account_numbers(headers), base_url(headers))


def account_numbers(headers: Headers) -> frozenset[int] | None:
    """What the customer chose for this API's scope. What cannot be read covers nothing."""
    text = headers.get("x-propylon-accounts")
    if text is None:
        return None
    try:
        covered = json.loads(b64decode(text, validate=True))
        ids = covered.get(_SCOPE)
        return None if ids is None else frozenset(int(form[1]) for each in ids if (form := ACCOUNT_ID.fullmatch(each)))
    except (ValueError, AttributeError, TypeError):
        return frozenset()


def base_url(headers: Headers) -> str:
    """Where the caller reached this API: on the listener and below the prefix that they used."""
    scheme = headers.get("x-forwarded-proto", "http")
    host = headers.get("x-forwarded-host") or headers.get("host", "localhost")
    port = headers.get("x-forwarded-port", "")
    if port and not _has_port(host) and port != _DEFAULT_PORTS.get(scheme):
        host = f"{host}:{port}"
    return f"{scheme}://{host}{headers.get('x-forwarded-prefix') or BASE_PATH}"


def tracking_id_of(headers: Headers) -> str:
    """The gateway's RequestTrackingId; one of our own when there is no gateway."""
    given = headers.get(TRACKING_HEADER, "")
    return given if is_tracking_id(given) else str(uuid.uuid4())


def _has_port(host: str) -> bool:
    return ":" in host.rpartition("]")[2]
