"""What gateway nodes ask the control plane: poll, confirm, calls, quota. HTTP/1.1 with JSON."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any, TypeVar

from django.db import close_old_connections
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from propylon.controlplane.actions import Running, record_confirmation
from propylon.controlplane.offering import Offering
from propylon.controlplane.quota_leases import lease_calls
from propylon.gateway.snapshot import SETTLED_KIND
from propylon.kernel.errors import FieldError, Kind, PropylonError, error_body

_log = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 25.0
_LARGEST_BODY = 8 * 1024 * 1024
_NAME = re.compile(r"^[A-Za-z0-9._-]{1,60}$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOST_CALLS = 1_000_000  # of a question
_SEGMENT = re.compile(r"^[A-Za-z0-9._-]{1,80}$")
Result = TypeVar("Result")
Ingest = Callable[[str, str, int, bytes], Awaitable[int]]  # node, segment, offset, lines → the stored offset


class NodeProtocol:
    """The four addresses. Database work runs in `threads`, never on the event loop."""

    def __init__(self, offering: Offering, ingest: Ingest, on_settled: Callable[[], None] = lambda: None) -> None:
        """`on_settled`: a node runs another settled version, so that recent marks may have become fewer."""
        self._offering = offering
        self._ingest = ingest
        self._on_settled = on_settled
        self._threads = ThreadPoolExecutor(max_workers=3, thread_name_prefix="node-protocol")

    def application(self) -> Starlette:
        routes = [
            Route("/v1/nodes/{node}/poll", self.poll, methods=["POST"]),
            Route("/v1/nodes/{node}/confirm", self.confirm, methods=["POST"]),
            Route("/v1/nodes/{node}/calls", self.calls, methods=["POST"]),
            Route("/v1/nodes/{node}/quota", self.quota, methods=["POST"]),
        ]
        handlers: dict[Any, Any] = {PropylonError: _refused}
        return Starlette(routes=routes, exception_handlers=handlers)

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def poll(self, request: Request) -> Response:
        """`{"kinds": […], "have": {kind: version}, "wait": seconds}` → `{"resources": {kind: {"version", "text"}}}`.

        Who asks for "marks" says in `have` which version of "settled" its Envoy runs.
        """
        node = _node(request)
        kinds, have, wait = _question(await _json_object(request))
        different = await self._offering.difference(kinds, have, wait, node)
        resources = {kind: {"version": it.version, "text": it.text} for kind, it in different.items()}
        return JSONResponse({"resources": resources})

    async def confirm(self, request: Request) -> Response:
        """`{"running": {kind: {"version", "rejection"}}}` → `{}`."""
        node = _node(request)
        reports = _reports(await _json_object(request))
        await self._in_thread(lambda: record_confirmation(node=node, running=reports))
        if SETTLED_KIND in reports and self._offering.note_settled(node, reports[SETTLED_KIND].version):
            self._on_settled()
        return JSONResponse({})

    async def calls(self, request: Request) -> Response:
        """Lines of a call log at `?segment=S&offset=N` → `{"offset"}`: how far the segment is stored now."""
        node, query = _node(request), request.query_params
        segment, offset = query.get("segment", ""), query.get("offset", "")
        errors = []
        if not _SEGMENT.match(segment):
            errors.append(FieldError("segment", "query", "is 1 to 80 letters, digits, dots, dashes"))
        if not offset.isascii() or not offset.isdigit():
            errors.append(FieldError("offset", "query", "is a number of bytes"))
        _raise_if(errors)
        data = await _body(request)
        stored = await self._ingest(node, segment, int(offset), data)
        return JSONResponse({"offset": stored})

    async def quota(self, request: Request) -> Response:
        """`{"client", "wanted", "back", "back_day", "over"}` → `{"granted", "day", "seconds", "spent", "limit"}`."""
        _node(request)
        question = _lease_question(await _json_object(request))
        lease = await self._in_thread(lambda: lease_calls(**question))
        return JSONResponse(asdict(lease))

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        def run() -> Result:
            try:
                return work()
            except PropylonError:
                raise
            except Exception as error:
                _log.exception("controlplane.request.failed")
                raise PropylonError(
                    "controlplane.unavailable",
                    "The control plane cannot store this now. Try again.",
                    kind=Kind.UNAVAILABLE,
                    transient=True,
                ) from error
            finally:
                close_old_connections()

        return await asyncio.get_running_loop().run_in_executor(self._threads, run)


def _question(body: Mapping[str, Any]) -> tuple[list[str], dict[str, str], float]:
    kinds, have, wait = body.get("kinds"), body.get("have", {}), body.get("wait", 0)
    errors = []
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        errors.append(FieldError("kinds", "body", "is a list of texts"))
    if not isinstance(have, dict):
        errors.append(FieldError("have", "body", "is an object"))
    if not isinstance(wait, int | float) or not 0 <= wait <= _LONGEST_WAIT_SECONDS:
        errors.append(FieldError("wait", "body", "is 0 to 25 seconds"))
    _raise_if(errors)
    return list(kinds or ()), have, wait


def _lease_question(body: Mapping[str, Any]) -> dict[str, Any]:
    client, back_day = body.get("client"), body.get("back_day", "")
    counts = {name: body.get(name, 0) for name in ("wanted", "back", "over")}
    errors = [
        FieldError(name, "body", f"is a number of calls up to {_MOST_CALLS}")
        for name, value in counts.items()
        if type(value) is not int or not 0 <= value <= _MOST_CALLS
    ]
    if not isinstance(client, str) or not client:
        errors.append(FieldError("client", "body", "is a client id"))
    if not isinstance(back_day, str) or (counts["back"] and not _DAY.match(back_day)):
        errors.append(FieldError("back_day", "body", "is a day such as 2026-11-22"))
    _raise_if(errors)
    return {"client_id": client, "back_day": back_day, **counts}


def _reports(body: Mapping[str, Any]) -> dict[str, Running]:
    running = body.get("running")
    if not isinstance(running, dict) or not all(isinstance(report, dict) for report in running.values()):
        _raise_if([FieldError("running", "body", "is an object of objects")])
        return {}
    return {
        str(kind): Running(str(report.get("version", "")), str(report.get("rejection") or ""))
        for kind, report in running.items()
    }


def _node(request: Request) -> str:
    name: str = request.path_params["node"]
    if not _NAME.match(name):
        _raise_if([FieldError("node", "path", "is 1 to 60 letters, digits, dots, dashes")])
    return name


async def _body(request: Request) -> bytes:
    """The whole body; refused once it is larger than any node sends."""
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > _LARGEST_BODY:
            _raise_if([FieldError("body", "body", f"has at most {_LARGEST_BODY} bytes")])
    return bytes(data)


async def _json_object(request: Request) -> Mapping[str, Any]:
    try:
        found = json.loads(await _body(request))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        _raise_if([FieldError("body", "body", "is a JSON object")])
    return found  # type: ignore[no-any-return]


def _raise_if(errors: list[FieldError]) -> None:
    if errors:
        raise PropylonError(
            "controlplane.request.invalid",
            "The node's request does not fit the protocol. Run the same version of Propylon on all nodes.",
            kind=Kind.MALFORMED,
            errors=errors,
        )


def _refused(_: Request, error: PropylonError) -> Response:
    status = 400 if error.kind is Kind.MALFORMED else 503
    body = error_body(error.code, error.message, "", transient=error.transient, errors=error.errors)
    return JSONResponse(body, status_code=status)
