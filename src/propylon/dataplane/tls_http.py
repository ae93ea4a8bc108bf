"""HTTP/1.1 requests over mutual TLS. Each thread keeps its connection while it is used: handshakes cost both ends."""

from __future__ import annotations

import http.client
import socket
import threading
import time

from propylon.dataplane.unix_http import Answer
from propylon.dataplane.way import TlsWay

_KEPT_SECONDS = 3.0  # the control plane closes what is idle for five
_CONNECT_SECONDS = 5.0
# A poll waits long without a word: a way that has been cut silently is noticed within ten seconds.
_LIVELY = (
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 4),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 2),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 10_000),  # milliseconds
)
_ANSWER_IS_LOST = (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class _TlsConnection(http.client.HTTPConnection):
    def __init__(self, way: TlsWay) -> None:
        super().__init__(way.host, way.port)
        self.way = way
        self.used_at = 0.0

    def connect(self) -> None:
        plain = socket.create_connection((self.way.host, self.way.port), _CONNECT_SECONDS)
        try:
            for level, option, value in _LIVELY:
                plain.setsockopt(level, option, value)
            self.sock = self.way.context.wrap_socket(plain, server_hostname=self.way.server_name)
        except BaseException:
            plain.close()
            raise


class TlsExchanges:
    """Safe to use from several threads. What is asked must do no harm when it is asked twice."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def exchange(self, way: TlsWay, target: str, body: bytes, timeout: float) -> Answer:
        """Raises OSError when nobody answers in `timeout` seconds."""
        kept = self._kept(way)
        if kept is not None:
            try:
                return self._ask(kept, target, body, timeout)
            except _ANSWER_IS_LOST:
                pass  # it was closed while the question was on its way
        return self._ask(_TlsConnection(way), target, body, timeout)

    def _kept(self, way: TlsWay) -> _TlsConnection | None:
        """This thread's connection, if it is of the same certificate and was used just now."""
        kept: _TlsConnection | None = getattr(self._of_thread, "connection", None)
        self._of_thread.connection = None
        if kept is None or (kept.way is way and time.monotonic() - kept.used_at < _KEPT_SECONDS):
            return kept
        kept.close()
        return None

    def _ask(self, connection: _TlsConnection, target: str, body: bytes, timeout: float) -> Answer:
        try:
            if connection.sock is None:
                connection.connect()
            connection.sock.settimeout(timeout)
            connection.request("POST", target, body=body, headers={"Content-Length": str(len(body))})
            response = connection.getresponse()
            answer = Answer(response.status, response.read())
        except http.client.RemoteDisconnected:
            connection.close()
            raise
        except http.client.HTTPException as error:
            connection.close()
            raise ConnectionError(f"{connection.host}: {error!r}") from error
        except BaseException:
            connection.close()
            raise
        if not response.will_close:
            connection.used_at = time.monotonic()
            self._of_thread.connection = connection
        return answer
