"""What every answer of the web application carries."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from propylon.audit.request_context import set_tracking_id
from propylon.kernel.tracking import TRACKING_HEADER, is_tracking_id
from propylon.project.error_responses import method_not_allowed

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
    """The strictest that fits our pages: nothing inline, nothing from elsewhere."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.setdefault(
            "Content-Security-Policy",
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
            "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        )
        response.setdefault("X-Content-Type-Options", "nosniff")
        # `no-referrer` would make browsers send `Origin: null` with our own forms, which CSRF protection refuses.
        response.setdefault("Referrer-Policy", "same-origin")
        # Tokens, secrets and other people's data are in these answers: no cache keeps them (RFC 9111 section 5.2.2.5).
        if not request.path.startswith(settings.STATIC_URL):
            response.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def standard_refusals(get_response: GetResponse) -> GetResponse:
    """A 405 of the management API in the standard form; frameworks make their own without asking."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code == 405 and request.path.startswith("/manage/"):
            # The framework lists the methods of a set, whose order differs from process to process.
            return method_not_allowed(", ".join(sorted(response["Allow"].split(", "))))
        return response

    return middleware
