"""The one mapping from errors to HTTP."""

from __future__ import annotations

from django.http import JsonResponse

from propylon.audit.request_context import current_tracking_id
from propylon.kernel.errors import Kind, PropylonError, error_body

STATUS_OF_KIND = {
    Kind.MALFORMED: 400,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
}


def api_error(error: PropylonError) -> JsonResponse:
    """The standard error body (FEATURES G2) with the status of the error's kind."""
    body = error_body(error.code, error.message, current_tracking_id(), transient=error.transient, errors=error.errors)
    response = JsonResponse(body, status=STATUS_OF_KIND[error.kind])
    if error.kind is Kind.UNAUTHENTICATED:
        response["WWW-Authenticate"] = "Bearer"
    return response


def not_found_answer() -> JsonResponse:
    return api_error(
        PropylonError(
            "request.path.unknown",
            "Nothing answers at this address. See /manage/v1/openapi.json for the management API.",
            kind=Kind.NOT_FOUND,
        )
    )


def server_error_answer() -> JsonResponse:
    body = error_body(
        "server.error",
        "Something failed on our side. Try again; if it stays, tell support the trackingId.",
        current_tracking_id(),
        transient=True,
    )
    return JsonResponse(body, status=500)


def method_not_allowed(allowed: str) -> JsonResponse:
    """`allowed` is the value of `Allow`."""
    body = error_body("request.method.not_allowed", f"This address takes {allowed} only.", current_tracking_id())
    response = JsonResponse(body, status=405)
    response["Allow"] = allowed
    return response
