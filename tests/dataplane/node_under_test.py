"""A gateway node of our own: real Envoy, real agent, real control plane, each a process that a test may kill."""

from __future__ import annotations

import http.client
import http.server
import json
import os
import socket
import socketserver
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from propylon.dataplane.health import read_state
from propylon.kernel.home import Home
from propylon.kernel.token_claims import client_generation

_AGENT = (
    "import sys; from pathlib import Path; from propylon.kernel.home import Home; "
    "from propylon.dataplane.agent import run_agent; from propylon.dataplane.settings import NodeSettings; "
    "run_agent(NodeSettings(Home(Path(sys.argv[1])), segment_bytes=int(sys.argv[2])))"
)
Found = TypeVar("Found")


def until(look: Callable[[], Found], what: str, seconds: float = 20) -> Found:
    """The first true value of `look`."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.01)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Pki:
    """A root that signs the gateway's certificate, and its CRL."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test root")])
        self.now = datetime.now(UTC)
        self.root = self._sign(self.name, self.key.public_key(), is_ca=True)

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, is_ca: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - timedelta(minutes=5))
            .not_valid_after(self.now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        )
        return builder.sign(self.key, hashes.SHA256())

    def server(self) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
        certificate = self._sign(subject, key.public_key(), is_ca=False)
        encoding = serialization.Encoding.PEM
        private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        return certificate.public_bytes(encoding).decode(), private.decode()

    @property
    def root_pem(self) -> str:
        return self.root.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def crl_pem(self) -> str:
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name)
        builder = builder.last_update(self.now).next_update(self.now + timedelta(days=1))
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


class _Bank(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.count(self.headers.get("x-propylon-client", ""))  # type: ignore[attr-defined]
        body = json.dumps({"path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: Any) -> None:
        pass


class _BankServer(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: str) -> None:
        self.calls: Counter[str] = Counter()  # by client
        self._lock = threading.Lock()
        super().__init__(path, _Bank)

    def count(self, client: str) -> None:
        with self._lock:
            self.calls[client] += 1


class NodeUnderTest:
    """Everything of one node; each process is started, stopped or killed by the test."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.public_port, self.mutual_port = free_port(), free_port()
        self.pki = Pki()
        self.key = ECKey.generate_key("P-256", {"kid": "k1", "alg": "ES256", "use": "sig"})
        self.worker: subprocess.Popen[str] | None = None
        self.agent: subprocess.Popen[str] | None = None
        self.segment_bytes = 64 * 1024 * 1024
        self.nodes_address = ""  # where the worker lets nodes in from other machines
        self.world: dict[str, Any] = {}
        self._say = threading.Lock()
        for folder in (self.home.run, self.home.server_certificate.parent, root / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        self.renew_server_certificate()
        self.bank = _BankServer(str(self.home.run / "bank.sock"))
        threading.Thread(target=self.bank.serve_forever, daemon=True).start()
        self.set_world(
            products=["accounts"],
            address="127.0.0.1",
            upstream=str(self.home.run / "bank.sock"),
            ca_pem=self.pki.root_pem,
            crl_pem=self.pki.crl_pem,
            jwks={"keys": [self.key.as_dict(private=False)]},
        )

    def renew_server_certificate(self) -> None:
        certificate, key = self.pki.server()
        self.home.server_key.write_text(key)
        self.home.server_certificate.write_text(certificate)

    def set_world(self, **facts: Any) -> None:
        self.world |= facts
        (self.home.root / "world.json").write_text(json.dumps(self.world))
        if self.worker is not None:
            self.tell("changed")

    # processes

    def start_worker(self) -> None:
        self.worker = self._start(
            [str(Path(__file__).with_name("model_worker.py")), str(self.home.root / "world.json")], "worker"
        )

    def start_agent(self) -> None:
        self.agent = self._start(["-c", _AGENT, str(self.home.root), str(self.segment_bytes)], "agent")

    def kill_worker(self) -> None:
        assert self.worker is not None
        self.worker.kill()
        self.worker.wait()
        self.worker = None

    def kill_agent(self) -> None:
        assert self.agent is not None
        self.agent.kill()
        self.agent.wait()

    def envoy_pid(self) -> int:
        return int(self.home.run.joinpath("envoy.pid").read_text().split()[0])

    def tell(self, command: str) -> str:
        assert self.worker is not None
        assert self.worker.stdin is not None
        assert self.worker.stdout is not None
        with self._say:
            self.worker.stdin.write(command + "\n")
            self.worker.stdin.flush()
            return self.worker.stdout.readline().strip()

    def stop(self) -> None:
        if self.agent is not None:
            self.agent.terminate()
            self.agent.wait(timeout=20)
        if self.worker is not None:
            self.kill_worker()
        self.bank.shutdown()
        self.bank.server_close()

    def _start(self, arguments: list[str], name: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "PROPYLON_HOME": str(self.home.root),
            "PROPYLON_PUBLIC_PORT": str(self.public_port),
            "PROPYLON_MUTUAL_PORT": str(self.mutual_port),
            "PROPYLON_NODES_ADDRESS": self.nodes_address,
        }
        with (self.home.root / "logs" / f"{name}.log").open("a") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    # what the world outside sees

    def token(self, client: str = "client-1", generation: int = 1, **more: Any) -> str:
        now = int(time.time())
        url = f"https://localhost:{self.public_port}"
        claims = {
            "iss": url,
            "aud": f"{url}/sandbox",
            "sub": client,
            "client_id": client,
            "iat": now,
            "exp": now + 600,
            "jti": str(uuid.uuid4()),
            "scope": "things",
            "app": "app-1",
            "env": "sandbox",
            "plan": "standard",
            "cgn": client_generation(client, generation),
            **more,
        }
        return jwt.encode({"alg": "ES256", "kid": "k1", "typ": "at+jwt"}, claims, self.key)

    def connection(self, address: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """To the node that listens there, under the name that all of them have. Raises OSError if none does."""
        context = ssl.create_default_context(cadata=self.pki.root_pem)
        made = http.client.HTTPSConnection("localhost", self.public_port, timeout=5, context=context)
        if address != "127.0.0.1":
            plain = socket.create_connection((address, self.public_port), 5)
            made.sock = context.wrap_socket(plain, server_hostname="localhost")
        return made

    def get(
        self, product: str = "accounts", token: str = "", connection: http.client.HTTPSConnection | None = None
    ) -> int:
        """The status; 0 if there was no answer."""
        used = connection or self.connection()
        try:
            used.request(
                "GET", f"/sandbox/{product}/v1/things", headers={"Authorization": f"Bearer {token or self.token()}"}
            )
            response = used.getresponse()
            response.read()
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            if connection is None:
                used.close()
        return response.status

    def until_serving(self, product: str = "accounts", seconds: float = 30) -> None:
        until(lambda: self.get(product) == 200, f"{product} to be served; see {self.home.root}/logs", seconds)

    # what the bank sees

    def state(self) -> dict[str, Any]:
        return read_state(self.home)

    def rows(self, database: str, query: str, *values: object) -> list[tuple[Any, ...]]:
        path = self.home.database if database == "default" else self.home.usage_database
        with sqlite3.connect(path, timeout=10) as connection:
            return connection.execute(query, values).fetchall()

    def stored_calls(self) -> int:
        return int(self.rows("usage", "SELECT count(*) FROM usage_callrecord")[0][0])

    def confirmed(self, kind: str) -> tuple[str, str]:
        """Version and rejection that the node has confirmed."""
        query = "SELECT version, rejection FROM controlplane_noderesource WHERE kind = ?"
        found = self.rows("default", query, kind)
        return (str(found[0][0]), str(found[0][1])) if found else ("", "")

    def offered(self, kind: str) -> str:
        found = self.rows("default", "SELECT version FROM controlplane_offer WHERE kind = ?", kind)
        return str(found[0][0]) if found else ""
