"""The way to the control plane: its Unix socket on this machine, or mutual TLS to another one."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from propylon.dataplane.enrolment import Enrolment, read_enrolment
from propylon.gateway.node_bundle import CONTROL_PLANE_NAME
from propylon.kernel.errors import PropylonError
from propylon.kernel.home import Home


@dataclass(frozen=True, slots=True)
class TlsWay:
    """`context` shows the node's certificate and asks for the control plane's, by its name `server_name`."""

    host: str
    port: int
    context: ssl.SSLContext
    server_name: str = CONTROL_PLANE_NAME


Way = Path | TlsWay


class Ways:
    """`find` gives the way as the home's files tell it now: the node's certificate is renewed while processes run."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._seen: object = None
        self._way: Way = home.controlplane_socket

    def find(self) -> Way:
        """The same object for as long as nothing changes. Raises OSError for files that cannot be used."""
        try:
            found = self._home.node_enrolment.stat()
        except FileNotFoundError:
            return self._home.controlplane_socket
        seen = (found.st_mtime_ns, found.st_ino)
        if seen != self._seen:
            self._way = self._over_tls()
            self._seen = seen
        return self._way

    def _over_tls(self) -> TlsWay:
        try:
            enrolment = read_enrolment(self._home)
            if enrolment is None:
                raise OSError("the node's enrolment is gone")
            host, port = enrolment.address
            return TlsWay(host, port, _context(enrolment, self._home.node_identity))
        except (ValueError, PropylonError) as error:
            raise OSError(str(error)) from error


def _context(enrolment: Enrolment, identity: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies, and compares the name
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=enrolment.ca_pem)
    context.load_cert_chain(identity)
    return context
