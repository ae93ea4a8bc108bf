"""HTTP/1.1 requests over a Unix socket."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from pathlib import Path


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def exchange(path: Path, method: str, target: str, *, body: bytes = b"", timeout: float = 5.0) -> Answer:
    """One request on a connection of its own. Raises OSError when nobody answers in `timeout` seconds."""
    connection = _UnixConnection(path, timeout)
    try:
        connection.request(method, target, body=body, headers={"Content-Length": str(len(body))})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    except http.client.HTTPException as error:
        raise ConnectionError(f"{path}: {error!r}") from error
    finally:
        connection.close()
