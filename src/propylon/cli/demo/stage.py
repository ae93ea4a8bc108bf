"""What the steps of the journey share: the system as demo.json describes it, and what the partner has got so far."""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from propylon.cli.demo.http_session import Answer, ClientIdentity, HttpSession
from propylon.cli.demo.narrator import Narrator, StepFailedError
from propylon.kernel.errors import Kind, PropylonError

MANAGE = "/manage/v1"
_PATIENCE = 10.0  # seconds for mails and call records, which the worker brings


@dataclass(slots=True)
class Stage:
    """One run of the journey. `suffix` makes names that no earlier run has used."""

    narrator: Narrator
    demo: dict[str, Any]
    folder: Path  # for the downloaded certificate
    suffix: str = field(default_factory=lambda: secrets.token_hex(3))
    partner_token: str = ""
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    application: dict[str, Any] = field(default_factory=dict)
    web_application: dict[str, Any] = field(default_factory=dict)
    identity: ClientIdentity | None = None
    access_token: str = ""
    large_account: str = ""
    refused: dict[str, str] = field(default_factory=dict)  # what was refused → its tracking id

    @property
    def email(self) -> str:
        return f"developer-{self.suffix}@partner.example"

    @property
    def client(self) -> dict[str, Any]:
        """The server application's client in the sandbox."""
        client: dict[str, Any] = self.application["clients"][0]
        return client

    @property
    def product(self) -> str:
        """The first product's address in the sandbox, on the public listener."""
        return self._product("public_url")

    @property
    def mutual_product(self) -> str:
        """The same on the mutual listener."""
        return self._product("mutual_url")

    def _product(self, listener: str) -> str:
        url: str = self.demo["environments"]["sandbox"][listener] + self.demo["products"][0]["base_path"]
        return url

    @property
    def mutual_token_endpoint(self) -> str:
        """As the authorization server's metadata name it (RFC 8705 section 5)."""
        with self.authorization() as session:
            metadata = session.get("/.well-known/oauth-authorization-server").json()
        endpoint: str = metadata["mtls_endpoint_aliases"]["token_endpoint"]
        return endpoint

    def authorization(self) -> HttpSession:
        """The authorization server on the public listener."""
        return HttpSession(self.demo["issuer"], ca_file=Path(self.demo["ca_file"]))

    def public(self, token: str = "") -> HttpSession:
        """The public listener, optionally as somebody with an access token."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return HttpSession(self.demo["public_url"], ca_file=Path(self.demo["ca_file"]), headers=headers)

    def mutual(
        self, token: str = "", *, identity: ClientIdentity | None = None, source_address: str = ""
    ) -> HttpSession:
        """The mutual listener with the partner's certificate, unless another is given."""
        return HttpSession(
            self.demo["mutual_url"],
            ca_file=Path(self.demo["ca_file"]),
            identity=identity or self.identity,
            source_address=source_address,
            headers={"Authorization": f"Bearer {token}"} if token else {},
        )

    def staff_token(self) -> str:
        """An access token of the demonstration's operator."""
        operator = next(user for user in self.demo["users"] if user["role"] == "operator")
        with self.public() as session:
            answer = sign_in(session, operator["email"], operator["password"])
        token: str = answer.json()["access_token"]
        return token

    def mailed_link(self, to: str, pattern: str) -> str:
        """The secret of the newest mail to an address, read from the outbox as the operator sees it."""
        with self.public(self.staff_token()) as session:

            def newest() -> str:
                found = session.get(f"{MANAGE}/mails?to={to}").json()["data"]
                for mail in found:
                    body = session.get(f"{MANAGE}/mails/{mail['id']}").json()["body"]
                    if link := re.search(pattern, body):
                        return link[1]
                return ""

            return str(wait_for(newest, f"a mail to {to}"))


def sign_in(session: HttpSession, email: str, password: str) -> Answer:
    return session.send_json(
        "POST", f"{MANAGE}/access-tokens", {"email": email, "password": password, "name": "demo", "expires_in": 3600}
    )


def wait_for(find: Callable[[], Any], what: str) -> Any:
    """Ask again until there is something."""
    deadline = time.monotonic() + _PATIENCE
    while not (found := find()):
        if time.monotonic() > deadline:
            message = f"{what} did not come within {_PATIENCE:.0f} s"
            raise StepFailedError(message)
        time.sleep(0.05)
    return found


def read_demo_file(path: Path) -> dict[str, Any]:
    """demo.json, or a sentence about how to get one."""
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PropylonError(
            "demo.file.missing",
            f"{path} cannot be read. Start the program with `propylon up` on an empty home first (without --empty).",
            kind=Kind.NOT_FOUND,
            detail=str(error),
        ) from error
    return found
