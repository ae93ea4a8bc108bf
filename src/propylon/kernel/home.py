"""PROPYLON_HOME: where each thing lies. Computes paths only; who needs a folder makes it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

# The longest path of a Unix socket on Linux is 107 bytes; the longest name below run/ is 18.
_LONGEST_RUN_FOLDER = 107 - 18 - 1


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds the state of one installation."""

    root: Path

    @property
    def demo_file(self) -> Path:
        return self.root / "demo.json"

    @property
    def database(self) -> Path:
        return self.root / "propylon.sqlite3"

    @property
    def usage_database(self) -> Path:
        return self.root / "usage.sqlite3"

    @property
    def sandbox(self) -> Path:
        """The sandbox bank's own folder: its database and the documents that it mocks."""
        return self.root / "sandbox"

    @property
    def sealing_key(self) -> Path:
        return self.root / "keys" / "sealing.key"

    @property
    def django_key(self) -> Path:
        return self.root / "keys" / "django.key"

    @property
    def ca_file(self) -> Path:
        """The root certificate that clients trust, PEM."""
        return self.root / "ca" / "ca.crt"

    @property
    def server_certificate(self) -> Path:
        return self.root / "tls" / "server.crt"

    @property
    def server_key(self) -> Path:
        return self.root / "tls" / "server.key"

    @property
    def nodes_certificate(self) -> Path:
        """Certificate and key by which the control plane shows itself to nodes on other machines, one PEM file."""
        return self.root / "tls" / "nodes.pem"

    @property
    def node_enrolment(self) -> Path:
        """Of a node that was enrolled at a control plane on another machine: where that is, and for how long."""
        return self.root / "node" / "enrolment.json"

    @property
    def node_identity(self) -> Path:
        """The certificate and key by which such a node shows itself, one PEM file."""
        return self.root / "node" / "identity.pem"

    @property
    def gateway(self) -> Path:
        """Envoy's bootstrap and one folder per watched file."""
        return self.root / "gateway"

    @property
    def call_log(self) -> Path:
        return self.root / "gateway" / "log" / "calls.tsv"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def outbox(self) -> Path:
        return self.root / "outbox"

    @property
    def demo_files(self) -> Path:
        """Certificates and keys of the demonstration's applications."""
        return self.root / "demo"

    @property
    def run(self) -> Path:
        """Sockets and process ids. A short folder elsewhere when the home's own path is too long for a socket."""
        own = self.root / "run"
        if len(str(own).encode()) <= _LONGEST_RUN_FOLDER:
            return own
        return Path("/tmp") / f"propylon-{hashlib.sha256(str(own).encode()).hexdigest()[:16]}"  # noqa: S108

    @property
    def web_socket(self) -> Path:
        return self.run / "web.sock"

    @property
    def controlplane_socket(self) -> Path:
        return self.run / "controlplane.sock"

    @property
    def sandbox_socket(self) -> Path:
        return self.run / "sandbox.sock"

    @property
    def envoy_admin_socket(self) -> Path:
        return self.run / "admin.sock"

    @property
    def bell_socket(self) -> Path:
        return self.run / "bell.sock"
