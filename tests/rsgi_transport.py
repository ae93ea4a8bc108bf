"""httpx asks an RSGI application in its own process. tests/project/test_served_by_granian.py has the real server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import httpx
from asgiref.sync import sync_to_async

Application = Callable[[Any, Any], Awaitable[None]]


class _Headers:
    def __init__(self, headers: httpx.Headers) -> None:
        self._all = [(name.decode("latin-1").lower(), value) for name, value in headers.raw]

    def __contains__(self, name: str) -> bool:
        return any(each == name for each, _ in self._all)

    def items(self) -> list[tuple[str, str]]:
        return [(name, value.decode()) for name, value in self._all if value.isascii()]

    def get_all(self, name: str) -> list[str]:
        return [value for each, value in self.items() if each == name]

    def get(self, name: str) -> str | None:
        return next(iter(self.get_all(name)), None)


class _Scope:
    scheme, http_version = "http", "1.1"

    def __init__(self, request: httpx.Request) -> None:
        self.method = request.method
        path, _, self.query_string = request.url.raw_path.decode().partition("?")
        self.path = unquote(path)
        self.headers = _Headers(request.headers)


class _Exchange:
    """The protocol object of one request, and its answer."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self.status, self.headers, self.content = 0, list[tuple[str, str]](), b""

    async def __call__(self) -> bytes:
        return self._body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._body

    async def client_disconnect(self) -> None:
        await asyncio.Event().wait()

    def response_empty(self, status: int, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = status, headers

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.content = status, headers, body

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> _Exchange:
        self.status, self.headers = status, headers
        return self

    async def send_bytes(self, data: bytes) -> None:
        self.content += data


async def _in_the_tests_thread(_application: Any, work: Callable[[], Any]) -> Any:
    """Where the test's transaction is: another thread would wait for its end (Django's tests do the same)."""
    return await sync_to_async(work, thread_sensitive=True)()


class RsgiTransport(httpx.AsyncBaseTransport):
    def __init__(self, application: Application) -> None:
        from propylon.project.django_application import DjangoApplication

        DjangoApplication._in_thread = _in_the_tests_thread  # type: ignore[assignment]
        self._application = application

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        exchange = _Exchange(await request.aread())
        await self._application(_Scope(request), exchange)
        return httpx.Response(exchange.status, headers=exchange.headers, content=exchange.content)
