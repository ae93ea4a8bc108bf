"""uvicorn inside the worker, which runs more than one server: signals are the worker's."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from propylon.controlplane.protocol import PEER


class EmbeddedServer(uvicorn.Server):
    """Serves `application` on sockets that it is given, over TLS if there is a `context`."""

    def __init__(self, application: Any, context: ssl.SSLContext | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                application,
                http=_KnowsItsPeer,
                log_config=None,
                log_level="warning",
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
                ssl_context_factory=None if context is None else lambda _config, _default: context,
            )
        )

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _KnowsItsPeer(H11Protocol):
    """Requests find the certificate of their connection in its state."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("ssl_object")
        if connection is not None:
            self.app_state = {**self.app_state, PEER: connection.getpeercert(binary_form=True)}
