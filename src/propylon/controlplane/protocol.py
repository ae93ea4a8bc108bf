"""What gateway nodes ask the control plane: poll, confirm, calls, quota, renew. HTTP/1.1 with JSON.

On the Unix socket whoever may open it is believed, under any name. Nodes on other machines come over mutual TLS
(`controlplane.node_listener`) and are believed for the name in their certificate, as long as they are enrolled.
"""

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
from propylon.controlplane.node_enrolment import NODE_NAME, believe_node, renew_node_certificate
from propylon.controlplane.offering import Offering
from propylon.controlplane.quota_leases import lease_calls
from propylon.gateway.snapshot import SETTLED_KIND
from propylon.kernel.errors import FieldError, Kind, PropylonError, error_body

_log = logging.getLogger(__name__)
_LONGEST_WAIT_SECONDS = 25.0
_LARGEST_BODY = 8 * 1024 * 1024
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_MOST_CALLS = 1_000_000  # of a question
_SEGMENT = re.compile(r"^[A-Za-z0-9._-]{1,80}$")
Result = TypeVar("Result")
_STATUS_OF_KIND = {Kind.MALFORMED: 400, Kind.FORBIDDEN: 403}
PEER = "peer_certificate"  # in the state of a connection over TLS: DER
Ingest = Callable[[str, str, int, bytes], Awaitable[int]]  # node, segment, offset, lines → the stored offset


class NodeProtocol:
    """The addresses. Database work runs in `threads`, never on the event loop."""

    def __init__(self, offering: Offering, ingest: Ingest, on_settled: Callable[[], None] = lambda: None) -> None:
        """`on_settled`: a node runs another settled version, so that recent marks may have become fewer."""
        self._offering = offering
        self._ingest = ingest
        self._on_settled = on_settled
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="node-protocol")

    def application(self, *, asks_for_certificate: bool) -> Starlette:
        """`asks_for_certificate`: for connections over TLS. A node is let through by the certificate that it showed."""
        handled = [self.poll, self.confirm, self.calls, self.quota]
        if asks_for_certificate:
            handled.append(self.renew)
        routes = [Route(f"/v1/nodes/{{node}}/{each.__name__}", each, methods=["POST"]) for each in handled]
        handlers: dict[Any, Any] = {PropylonError: _refused}
        made = Starlette(routes=routes, exception_handlers=handlers)
        made.state.asks_for_certificate = asks_for_certificate
        return made

    def close(self) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def poll(self, request: Request) -> Response:
        """`{"kinds": […], "have": {kind: version}, "wait": seconds}` → `{"resources": {kind: {"version", "text"}}}`.

        Who asks for "marks" says in `have` which version of "settled" its Envoy runs.
        """
        node = await self._node(request)
        kinds, have, wait = _question(await _json_object(request))
        different = await self._offering.difference(kinds, have, wait, node)
        if different:
            await self._node(request)  # it may have been removed while it waited
        resources = {kind: {"version": it.version, "text": it.text} for kind, it in different.items()}
        return JSONResponse({"resources": resources})

    async def confirm(self, request: Request) -> Response:
        """`{"running": {kind: {"version", "rejection"}}}` → `{}`."""
        node = await self._node(request)
        reports = _reports(await _json_object(request))
        await self._in_thread(lambda: record_confirmation(node=node, running=reports))
        if SETTLED_KIND in reports and self._offering.note_settled(node, reports[SETTLED_KIND].version):
            self._on_settled()
        return JSONResponse({})

    async def calls(self, request: Request) -> Response:
        """Lines of a call log at `?segment=S&offset=N` → `{"offset"}`: how far the segment is stored now."""
        node, query = await self._node(request), request.query_params
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
        await self._node(request)
        question = _lease_question(await _json_object(request))
        lease = await self._in_thread(lambda: lease_calls(**question))
        return JSONResponse(asdict(lease))

    async def renew(self, request: Request) -> Response:
        """`{"csr": PEM}` → `{"certificate": PEM, "ends_at", "renew_after"}`: the next certificate, for another key."""
        node = await self._node(request)
        csr = (await _json_object(request)).get("csr")
        if not isinstance(csr, str):
            _raise_if([FieldError("csr", "body", "is a signing request in PEM")])
        shown = _shown(request)
        made = await self._in_thread(lambda: renew_node_certificate(name=node, certificate=shown, csr_pem=str(csr)))
        ends = {"ends_at": made.ends_at.isoformat(), "renew_after": made.renew_after.isoformat()}
        return JSONResponse({"certificate": made.certificate_pem, **ends})

    async def _node(self, request: Request) -> str:
        """Who asks. Raises `controlplane.node.*` for a node that is not believed."""
        name = _name(request)
        if request.app.state.asks_for_certificate:
            shown = _shown(request)
            await self._in_thread(lambda: believe_node(name, shown))
        return name

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


def _shown(request: Request) -> bytes | None:
    """The certificate (DER) that verified in the handshake."""
    shown: bytes | None = request.scope.get("state", {}).get(PEER)
    return shown


def _name(request: Request) -> str:
    name: str = request.path_params["node"]
    if not NODE_NAME.fullmatch(name):
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
    status = _STATUS_OF_KIND.get(error.kind, 503)
    body = error_body(error.code, error.message, "", transient=error.transient, errors=error.errors)
    return JSONResponse(body, status_code=status)
