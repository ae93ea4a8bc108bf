"""Asks the running system, through Envoy and TLS, whether all of it serves."""

from __future__ import annotations

import http.client
import json
import ssl
from dataclasses import dataclass

from propylon.cli.configuration import Configuration

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock when Envoy listens on all addresses


@dataclass(frozen=True, slots=True)
class Readiness:
    """`missing` says in words what does not serve yet."""

    is_ready: bool
    missing: str


def ask_readiness(configuration: Configuration, seconds: float = 2.0) -> Readiness:
    """One `GET /health/ready` on the public listener."""
    try:
        context = ssl.create_default_context(cafile=str(configuration.home.ca_file))
        connection = _Connection(configuration, context, seconds)
        try:
            connection.request("GET", "/health/ready", headers={"Host": configuration.public_url.partition("//")[2]})
            answer = connection.getresponse()
            return Readiness(answer.status == 200, _reasons(answer.status, answer.read()))
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        return Readiness(is_ready=False, missing=f"the gateway does not answer yet ({error})")


class _Connection(http.client.HTTPSConnection):
    """Connects to the listen address, and checks the certificate against the public name."""

    def __init__(self, configuration: Configuration, context: ssl.SSLContext, seconds: float) -> None:
        super().__init__(configuration.host, configuration.public_port, timeout=seconds, context=context)
        self._tls = context
        self._address = _EVERYWHERE.get(configuration.address, configuration.address)

    def connect(self) -> None:
        plain = self._create_connection((self._address, self.port), self.timeout)  # type: ignore[attr-defined]
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)


def _reasons(status: int, body: bytes) -> str:
    try:
        told = json.loads(body)
        reasons = [f"{error['field']}: {error['reason']}" for error in told.get("errors", [])]
        return "; ".join(reasons) or str(told.get("message", status))
    except (ValueError, KeyError, AttributeError):
        return f"status {status}"
