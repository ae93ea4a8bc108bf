"""`/health/ready`: does everything serve."""

from __future__ import annotations

import http.client
import socket

from django.conf import settings
from django.db import DatabaseError, connections
from django.http import HttpRequest, HttpResponse, JsonResponse

from propylon.controlplane.selectors import is_node_current
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.project.error_responses import api_error

_SECONDS = 1.0


def ready(request: HttpRequest) -> HttpResponse:
    """200 when database, gateway configuration and sandbox serve; else 503 with all that is missing."""
    missing = [*_database(), *_gateway(), *_sandbox()]
    if not missing:
        return JsonResponse({"status": "ready"}, headers={"Cache-Control": "no-store"})
    response = api_error(
        PropylonError(
            "health.not_ready",
            "Not everything serves yet. Wait for what is listed in errors; `propylon status` and the logs say more.",
            kind=Kind.UNAVAILABLE,
            transient=True,
            errors=missing,
        )
    )
    response["Cache-Control"] = "no-store"
    response["Retry-After"] = "1"
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  (asked often; django logs each 503)
    return response


def _database() -> list[FieldError]:
    missing = []
    for alias in connections:
        try:
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            missing.append(FieldError(f"database.{alias}", "installation", "does not answer"))
    return missing


def _gateway() -> list[FieldError]:
    try:
        if is_node_current():
            return []
    except DatabaseError:
        return []  # said already
    reason = "has not confirmed the current configuration"
    return [FieldError(f"gateway.{settings.PROPYLON_NODE}", "installation", reason)]


def _sandbox() -> list[FieldError]:
    try:
        if _status_of(str(settings.PROPYLON_HOME.sandbox_socket), "/health") == 200:
            return []
    except (OSError, http.client.HTTPException):
        pass
    return [FieldError("sandbox", "installation", "does not answer")]


def _status_of(path: str, target: str) -> int:
    """The status of a GET on a Unix socket."""
    connection = http.client.HTTPConnection("localhost", timeout=_SECONDS)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as plain:
        plain.settimeout(_SECONDS)
        plain.connect(path)
        connection.sock = plain
        connection.request("GET", target)
        return connection.getresponse().status
