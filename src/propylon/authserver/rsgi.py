"""The part of granian's RSGI interface that the web process uses, as types: its own stubs leave some of it out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol

from granian.rsgi import ProtocolClosed as ConnectionEnded  # type: ignore[attr-defined]

__all__ = ["ConnectionEnded", "Header", "Headers", "HttpProtocol", "Scope", "Stream"]

Header = tuple[str, str]


class Headers(Protocol):
    """Names in lower case. A value that is not ASCII is left out by all but `in`."""

    def __contains__(self, name: str) -> bool: ...
    def get(self, name: str) -> str | None: ...
    def get_all(self, name: str) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...


class Scope(Protocol):
    method: str
    path: str  # decoded
    query_string: str
    scheme: str
    http_version: str
    headers: Headers


class Stream(Protocol):
    async def send_bytes(self, data: bytes) -> None: ...


class HttpProtocol(Protocol):
    """One request. Calling it gives the whole body, and raises `ConnectionEnded` if that never came."""

    async def __call__(self) -> bytes: ...
    def __aiter__(self) -> AsyncIterator[bytes]: ...
    async def client_disconnect(self) -> None: ...
    def response_empty(self, status: int, headers: list[Header]) -> None: ...
    def response_bytes(self, status: int, headers: list[Header], body: bytes) -> None: ...
    def response_stream(self, status: int, headers: list[Header]) -> Stream: ...
