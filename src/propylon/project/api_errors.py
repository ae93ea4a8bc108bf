"""How the management API refuses: every answer in the standard error body (FEATURES G2)."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.project.error_responses import api_error, not_found_answer, server_error_answer

log = logging.getLogger(__name__)

ERROR_SCHEMA: dict[str, Any] = {
    "title": "Error",
    "description": "The standard error body. `code` is stable; `message` says what to do next.",
    "type": "object",
    "required": ["code", "message", "trackingId", "transient", "errors"],
    "properties": {
        "code": {"type": "string", "examples": ["application.request.invalid"]},
        "message": {"type": "string"},
        "trackingId": {"type": "string", "format": "uuid"},
        "transient": {"type": "string", "enum": ["true", "false"]},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "location", "reason"],
                "properties": {
                    "field": {"type": "string"},
                    "location": {"type": "string"},
                    "reason": {"type": "string"},
                },
            },
        },
    },
}


def answer_errors(api: NinjaAPI) -> None:
    """Every exception that an operation lets through becomes its standard answer."""
    api.exception_handler(PropylonError)(_refused)
    api.exception_handler(ValidationError)(_invalid)
    api.exception_handler(AuthenticationError)(_unauthenticated)
    api.exception_handler(HttpError)(_unreadable)
    api.exception_handler(RequestDataTooBig)(_too_large)
    api.exception_handler(Http404)(_not_found)
    api.exception_handler(Exception)(_failed)


def _refused(_request: HttpRequest, error: PropylonError) -> JsonResponse:
    if error.detail:
        log.info("request.refused", extra={"code": error.code, "detail": error.detail})
    return api_error(error)


def _invalid(_request: HttpRequest, error: ValidationError) -> JsonResponse:
    return api_error(
        PropylonError(
            "request.body.invalid",
            "Correct the fields named in errors and send the request again.",
            kind=Kind.MALFORMED,
            errors=[_field_error(mistake) for mistake in error.errors],
        )
    )


def _field_error(mistake: dict[str, Any]) -> FieldError:
    """`loc` is (body | query | path | header, the argument's name, then the field's own path)."""
    location, *path = (str(part) for part in mistake.get("loc", ()))
    named = path[1:] if location == "body" and len(path) > 1 else path[-1:]
    return FieldError(".".join(named), location, str(mistake.get("msg", "not valid")))


def _not_found(_request: HttpRequest, _error: Http404) -> JsonResponse:
    return not_found_answer()


def _unauthenticated(request: HttpRequest, _error: AuthenticationError) -> JsonResponse:
    if not request.headers.get("Authorization"):
        return api_error(
            PropylonError(
                "request.token.missing",
                "Send a personal access token as `Authorization: Bearer …`; POST /manage/v1/access-tokens makes one.",
                kind=Kind.UNAUTHENTICATED,
            )
        )
    answer = api_error(
        PropylonError(
            "request.token.invalid",
            "The access token is unknown, expired or revoked. Sign in again for a new one.",
            kind=Kind.UNAUTHENTICATED,
        )
    )
    answer["WWW-Authenticate"] = 'Bearer error="invalid_token"'  # RFC 6750, 3.1
    return answer


def _unreadable(_request: HttpRequest, error: HttpError) -> JsonResponse:
    kind = Kind.FORBIDDEN if error.status_code == 403 else Kind.MALFORMED
    return api_error(
        PropylonError("request.body.unreadable", "The body is not the JSON that this address takes.", kind=kind)
    )


def _too_large(_request: HttpRequest, _error: RequestDataTooBig) -> JsonResponse:
    megabytes = settings.DATA_UPLOAD_MAX_MEMORY_SIZE // 1024 // 1024
    return api_error(
        PropylonError(
            "request.body.too_large", f"The body is larger than {megabytes} MB. Send less.", kind=Kind.MALFORMED
        )
    )


def _failed(request: HttpRequest, error: Exception) -> JsonResponse:
    log.error("request.failed", exc_info=error, extra={"method": request.method, "path": request.path})
    return server_error_answer()
