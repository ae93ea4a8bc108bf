"""What every answer of the web application carries."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from propylon.audit.request_context import set_tracking_id
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id

GetResponse = Callable[[HttpRequest], HttpResponse]


def tracking_id(get_response: GetResponse) -> GetResponse:
    """Takes the gateway's RequestTrackingId (the socket is Envoy's alone); makes one when there is no gateway."""

    def middleware(request: HttpRequest) -> HttpResponse:
        given = request.headers.get(TRACKING_HEADER, "")
        identifier = given if is_tracking_id(given) else str(uuid.uuid4())
        set_tracking_id(identifier)
        response = get_response(request)
        response[TRACKING_HEADER] = identifier
        return response

    return middleware


def security_headers(get_response: GetResponse) -> GetResponse:
    """The strictest that fits pages without scripts; a page that needs more sets its own header."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
            "frame-ancestors 'none'; base-uri 'none'",
        )
        response.setdefault("X-Content-Type-Options", "nosniff")
        response.setdefault("Referrer-Policy", "no-referrer")
        return response

    return middleware
