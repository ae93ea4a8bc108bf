"""Starts oracle.mjs: node oidc-provider with a client for every scenario."""

from __future__ import annotations

import json
import ssl
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from clients.node_scripts import HERE, NODE, PATIENCE
from clients.target import Target, Wanted, signing_key
from propylon.oauth.policy import CIBA, policy_for
from running_system import free_port

CALLBACK, LOOPBACK, SECRET = "https://localhost/callback", "http://127.0.0.1/callback", "a-secret-of-the-oracle" * 2


class Authority:
    """A certificate authority of the test's own, and the files that it writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Oracle CA")])
        self._write("ca", self._signed(self._name, self._key, is_authority=True), self._key)

    def issue(self, name: str) -> tuple[str, str]:
        """The files of a certificate with this CN (also its host name), and of its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._write(name, self._signed(subject, key), key)

    def _signed(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, is_authority: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        names = x509.SubjectAlternativeName([x509.DNSName(str(subject.rdns[0].rfc4514_string().partition("=")[2]))])
        builder = (
            x509.CertificateBuilder(self._name, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        )
        if not is_authority:
            builder = builder.add_extension(names, critical=False)
        return builder.sign(self._key, hashes.SHA256())

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> tuple[str, str]:
        files = self.folder / f"{name}.crt", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return str(files[0]), str(files[1])


class Oracle:
    """The clients it will know, then the targets that they are."""

    def __init__(self, folder: Path, port: int) -> None:
        self._authority = Authority(folder)
        self._port = port
        self.issuer = f"https://localhost:{port}"
        self.ca_file = str(folder / "ca.crt")
        self.clients: list[dict[str, Any]] = []
        self.targets: dict[Wanted, Target] = {}

    def know(self, wanted: Wanted) -> None:
        if wanted in self.targets:
            return
        name = "-".join(
            filter(
                None,
                (
                    "oracle",
                    wanted.type,
                    wanted.profile,
                    wanted.signs,
                    wanted.method,
                    "dpop" * wanted.proves_key,
                    "ciba" * wanted.asks_customers,
                ),
            )
        ).lower()
        policy = policy_for(wanted.type, wanted.profile).allowing({CIBA} if wanted.asks_customers else ())
        method = "private_key_jwt" if wanted.signs else wanted.method or policy.default_auth_method
        redirect = (
            "" if "authorization_code" not in policy.grants else LOOPBACK if wanted.type == "native" else CALLBACK
        )
        secret = SECRET if method.startswith("client_secret") else None
        crt, key = self._authority.issue(name) if method == "tls_client_auth" else (None, None)
        private, public = signing_key(wanted.signs) if wanted.signs else (None, None)
        client: dict[str, Any] = {
            "client_id": name,
            "client_secret": secret,
            "token_endpoint_auth_method": method,
            "grant_types": sorted(policy.grants),
            "response_types": ["code"] if redirect else [],
            "redirect_uris": [redirect] if redirect else [],
            "application_type": "native" if wanted.type == "native" else "web",
            "id_token_signed_response_alg": "ES256",
            "authorization_details_types": ["account_information"] if redirect else None,
            "authorization_signed_response_alg": "ES256",
            "introspection_signed_response_alg": "ES256",
            "tls_client_auth_subject_dn": f"CN={name}" if crt else None,
            "tls_client_certificate_bound_access_tokens": bool(crt) and not wanted.proves_key,
            "require_pushed_authorization_requests": policy.requires_par,
            "backchannel_token_delivery_mode": "poll" if wanted.asks_customers else None,
            "jwks": {"keys": [public]} if public else None,
        }
        self.clients.append({member: value for member, value in client.items() if value is not None})
        self.targets[wanted] = Target(
            issuer=self.issuer,
            ca_file=self.ca_file,
            client_id=name,
            client_secret=secret,
            token_endpoint_auth_method=method,
            certificate_file=crt,
            private_key_file=key,
            redirect_uri=redirect,
            scope="accounts",
            resource=f"{self.issuer}/resource",
            authorize=self._authorize,
            signing_key=private,
            login_hint="customer",
            initial_access_token=SECRET,
        )

    def _authorize(self, url: str) -> str:
        """The customer's browser: follows what stays at the oracle."""
        with httpx.Client(
            verify=ssl.create_default_context(cafile=self.ca_file), trust_env=False, timeout=15
        ) as browser:
            while url.startswith(self.issuer):
                answer = browser.get(url)
                assert answer.is_redirect, f"{url}: {answer.status_code} {answer.text}"
                url = urljoin(url, answer.headers["location"])
        return url

    @contextmanager
    def run(self) -> Iterator[None]:
        crt, key = self._authority.issue("localhost")
        files = {"ca_file": self.ca_file, "certificate_file": crt, "private_key_file": key}
        told = {**files, "port": self._port, "clients": self.clients, "scopes": ["accounts"], "initial": SECRET}
        process = subprocess.Popen(
            [NODE, "oracle.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert process.stdin
        assert process.stdout
        try:
            print(json.dumps(told), file=process.stdin, flush=True)
            assert any(line.strip() == "READY" for line in process.stdout), "oidc-provider did not start"
            yield
        finally:
            process.kill()
            process.wait(PATIENCE)
            process.stdin.close()
            process.stdout.close()


@contextmanager
def running_oracle(folder: Path, wanted: Iterable[Wanted]) -> Iterator[Oracle]:
    oracle = Oracle(folder, free_port())
    for each in wanted:
        oracle.know(each)
    with oracle.run():
        yield oracle
