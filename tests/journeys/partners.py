"""Applications of a test's own on a running system: registered, certified, and deleted again."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from journeys.management_client import ManagementClient
from propylon.cli.demo.http_session import Answer, ClientIdentity, HttpSession
from running_system import RunningSystem

SANDBOX = "/sandbox/accounts/v1"
PRODUCTION = "/api/accounts/v1"
CALLBACK = "https://localhost/callback"


@dataclass
class Partner:
    """One application in the sandbox. `identity` and `certificate_id` are those of a server application."""

    system: RunningSystem
    application_id: str
    client_id: str
    secret: str = ""
    identity: ClientIdentity | None = None
    certificate_id: str = ""

    def public(self, **options: Any) -> HttpSession:
        return HttpSession(self.system.public_url, ca_file=self.system.ca_file, **options)

    def mutual(self, *, identity: ClientIdentity | None = None, **options: Any) -> HttpSession:
        """With the application's certificate, unless another is given."""
        shown = identity or self.identity
        return HttpSession(self.system.mutual_url, ca_file=self.system.ca_file, identity=shown, **options)

    def without_certificate(self) -> HttpSession:
        return HttpSession(self.system.mutual_url, ca_file=self.system.ca_file)

    def ask_for_token(self, session: HttpSession, scope: str = "accounts transactions") -> Answer:
        form = {"grant_type": "client_credentials", "client_id": self.client_id, "scope": scope}
        return session.post_form("/oauth/token", form)

    def token(self, scope: str = "accounts transactions") -> str:
        """A service token, bound to the certificate."""
        with self.mutual() as session:
            answer = self.ask_for_token(session, scope)
        assert answer.status == 200, answer.body
        token: str = answer.json()["access_token"]
        return token

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def claims_of(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return claims


@contextlib.contextmanager
def partner(
    system: RunningSystem, manage: ManagementClient, folder: Path, type_: str = "server", **wishes: Any
) -> Iterator[Partner]:
    """`manage` signs in a developer. A server application comes with a certificate in `folder`, with `psd2_roles`."""
    roles = wishes.pop("psd2_roles", [])
    wish: dict[str, Any] = {
        "name": f"Journey {secrets.token_hex(4)}",
        "type": type_,
        "contact_email": "journeys@partner.example",
        "products": ["accounts"],
    }
    if type_ != "server":
        wish["redirect_uris"] = [CALLBACK]
    made = manage("POST", "/applications", wish | wishes, status=201)
    client = made["clients"][0]
    found = Partner(system, made["id"], client["client_id"], made["client_secret"] or "")
    if client["service_account"]:
        found.certificate_id, found.identity = _certificate(manage, client, folder, roles)
    try:
        yield found
    finally:
        manage.request("DELETE", f"/applications/{made['id']}")


def _certificate(
    manage: ManagementClient, client: Mapping[str, Any], folder: Path, roles: Sequence[str]
) -> tuple[str, ClientIdentity]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, client["service_account"])])
    csr = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    order = manage(
        "POST",
        f"/clients/{client['client_id']}/certificate-orders",
        {"csr": csr.public_bytes(serialization.Encoding.PEM).decode(), "psd2_roles": list(roles)},
        status=201,
    )
    issued = manage("GET", f"/certificates/{order['certificate_id']}")
    identity = ClientIdentity(folder / f"{client['client_id']}.crt", folder / f"{client['client_id']}.key")
    identity.certificate_file.write_text(issued["certificate"] + issued["chain"])
    identity.private_key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return issued["id"], identity


@dataclass
class Mint:
    """Tokens with any claims, signed with the installation's key by the installation's own code, in its own process."""

    system: RunningSystem
    process: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("minting.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=dict(self.system.environment),
            text=True,
        )

    def sign(self, claims: Mapping[str, Any]) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(claims), file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()

    def changed(self, token: str, **claims: Any) -> str:
        """The token with other claims; a claim that is None is left out."""
        found = {**claims_of(token), **claims}
        return self.sign({name: value for name, value in found.items() if value is not None})

    def like(self, token: str, **claims: Any) -> str:
        """A fresh one with an id of its own."""
        now = int(time.time())
        return self.changed(token, jti=f"at_{secrets.token_hex(8)}", iat=now, exp=now + 600, **claims)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


@contextlib.contextmanager
def mint(system: RunningSystem) -> Iterator[Mint]:
    found = Mint(system)
    try:
        yield found
    finally:
        found.close()
