"""Every answer of the sandbox: JSON with the RequestTrackingId, errors in the standard body (FEATURES G1, G2)."""

from __future__ import annotations

import json
import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from propylon.kernel.errors import Kind, PropylonError, error_body
from propylon.kernel.tracking import TRACKING_HEADER
from propylon.sandbox.caller import tracking_id_of

_log = logging.getLogger(__name__)
_STATUS = {Kind.MALFORMED: 400, Kind.UNAUTHENTICATED: 401, Kind.FORBIDDEN: 403, Kind.NOT_FOUND: 404}
_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode


def json_answer(request: Request, body: object, status: int = 200) -> Response:
    return _json(body, status, tracking_id_of(request.headers))


def refused(request: Request, error: Exception) -> Response:
    """A PropylonError in the standard body."""
    assert isinstance(error, PropylonError)  # noqa: S101  (registered for nothing else)
    tracking_id = tracking_id_of(request.headers)
    body = error_body(error.code, error.message, tracking_id, transient=error.transient, errors=error.errors)
    return _json(body, _STATUS.get(error.kind, 400), tracking_id)


def unrouted(request: Request, error: Exception) -> Response:
    """Starlette's own 404 and 405 in the standard body."""
    assert isinstance(error, HTTPException)  # noqa: S101  (registered for nothing else)
    tracking_id = tracking_id_of(request.headers)
    code, message = {
        404: ("request.path.unknown", "The sandbox has nothing at this address. See the product's documentation."),
        405: ("request.method.not_allowed", "The sandbox does not answer this method here. See the documentation."),
    }.get(error.status_code, ("request.refused", "The sandbox cannot answer this request. See the documentation."))
    response = _json(error_body(code, message, tracking_id), error.status_code, tracking_id)
    response.headers.update(error.headers or {})
    return response


def failed(request: Request, error: Exception) -> Response:
    """Our own mistake: logged with the tracking id, told without details."""
    tracking_id = tracking_id_of(request.headers)
    _log.error("sandbox.request.failed", extra={"tracking_id": tracking_id}, exc_info=error)
    message = "The sandbox bank failed. Try again; if it stays, tell support the trackingId."
    return _json(error_body("sandbox.failed", message, tracking_id, transient=True), 500, tracking_id)


def _json(body: object, status: int, tracking_id: str) -> Response:
    return Response(_encode(body), status, media_type="application/json", headers={TRACKING_HEADER: tracking_id})
