"""Who calls, and how they reached us: the headers that the gateway sets (ARCHITECTURE, what an upstream receives).

They are believed because only the gateway reaches the Unix socket, and it removes them from what callers send.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from starlette.datastructures import Headers

from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id
from propylon.sandbox.consent import Consent, consent_of
from propylon.sandbox.customer_names import CustomerNames

BASE_PATH = "/accounts/v1"
_DEFAULT_PORTS = {"https": "443", "http": "80"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`owner`: the subject whose accounts are seen; None, a service token, sees all.

    `consent`: which of their accounts, and what of them.
    """

    owner: str | None
    consent: Consent
    base_url: str  # "https://localhost:8444/sandbox/accounts/v1": what links begin with


def caller_of(headers: Headers, names: CustomerNames) -> Caller:
    """Refuses with `caller.unknown` a request that did not come through the gateway."""
    subject = headers.get("x-propylon-subject", "")
    if not subject:
        raise PropylonError(
            "caller.unknown",
            "The sandbox bank does not know who calls. Call it through the gateway, with an access token.",
            kind=Kind.UNAUTHENTICATED,
        )
    is_service = subject == headers.get("x-propylon-client", "")
    return Caller(None if is_service else names.subject_of(subject), consent_of(headers), base_url(headers))


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
