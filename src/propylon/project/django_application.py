"""Django behind granian's RSGI interface: a request is one job of one thread, from its first line of code to its last.

Django's own handler for event loops gives each request a new thread, which opens both databases anew, and goes back and
forth between thread and loop four times. Here threads stay, and each keeps its connections.

The body is taken in one piece: only so does granian say that the connection ended in the middle of it. That is bounded,
because the gateway passes no body on that is longer than its own limit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from io import BytesIO
from typing import Any, NamedTuple, TypeVar

from django.core import signals
from django.core.handlers.asgi import ASGIHandler
from django.db import connections
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from propylon.authserver.rsgi import ConnectionEnded, Header, HttpProtocol, Scope

_MOST_THREADS = 16  # made as they are needed: some wait for another bank's directory while others work
_T = TypeVar("_T")


class _Answer(NamedTuple):
    """`parts` are what follows the content, if the answer is a stream; `end` is called after the last of them."""

    status: int
    headers: list[Header]
    content: bytes
    parts: Iterator[bytes] | None
    end: Callable[[], None]


class DjangoApplication(ASGIHandler):
    """One per process."""

    def __init__(self) -> None:
        self.load_middleware(is_async=False)  # views and middleware are plain functions
        for database in connections.settings.values():
            if database["ENGINE"].endswith("sqlite3"):  # a file does not go away; to open it costs more than most pages
                database["CONN_MAX_AGE"] = None
        self._threads = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="django")

    async def answer(self, scope: Scope, protocol: HttpProtocol, *, path: str = "") -> None:
        """Answer one request; `path` is the one that it sees instead of the request's."""
        try:
            body = await protocol()
        except ConnectionEnded:
            return
        answer = await self._in_thread(lambda: self._serve(_asgi_scope(scope, path or scope.path), body))
        if answer.parts is None:
            protocol.response_bytes(answer.status, answer.headers, answer.content)
            return
        stream = protocol.response_stream(answer.status, answer.headers)
        try:
            with suppress(ConnectionEnded):  # or the answer to a HEAD
                while (part := await self._in_thread(lambda: next(answer.parts, None))) is not None:  # type: ignore[arg-type]
                    if part:
                        await stream.send_bytes(part)
        finally:
            await self._in_thread(answer.end)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, work)

    def _serve(self, scope: dict[str, Any], body: bytes) -> _Answer:
        set_script_prefix("/")
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, BytesIO(body))
        response: Any = refusal if request is None else self._response(request)
        if isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            return _Answer(response.status_code, _headers(response), b"", iter(response), response.close)
        # Files are the design's own, some kilobytes each.
        content = b"".join(response) if response.streaming else response.content
        answer = _Answer(response.status_code, _headers(response), content, None, response.close)
        response.close()
        return answer

    def _response(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # noqa: SLF001  (as Django's own handlers do)
        return response


def _asgi_scope(scope: Scope, path: str) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": scope.http_version,
        "method": scope.method,
        "scheme": scope.scheme,
        "path": path,
        "query_string": scope.query_string.encode("latin-1"),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in scope.headers.items()],
        "client": None,
        "server": None,
    }


def _headers(response: HttpResponseBase) -> list[Header]:
    cookies = [("set-cookie", cookie.output(header="").strip()) for cookie in response.cookies.values()]
    return [(name.lower(), value) for name, value in response.items()] + cookies
