"""What a client of the tests is pointed at: a server, one client that it knows, and the customer who says yes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx

from clients.customer import approve_question, log_in_and_allow
from oauth.proofs import key_for
from running_system import DemoApplication, RunningSystem


@dataclass(frozen=True)
class Wanted:
    """The client that a scenario needs. `signs` is the algorithm of its key, "" if it has none; `method` is how it
    authenticates otherwise, "" for what its type does by itself. `proves_key`: its tokens are bound to a key (DPoP),
    which oidc-provider must know, since it binds none to a certificate as well."""

    type: str
    profile: str = "standard"
    signs: str = ""
    method: str = ""
    proves_key: bool = False
    asks_customers: bool = False  # on their own devices (CIBA)


@dataclass(frozen=True)
class Target:
    """`authorize` takes the address that the customer's browser opens, and gives the one that it is sent back to."""

    issuer: str
    ca_file: str
    client_id: str
    client_secret: str | None
    token_endpoint_auth_method: str
    certificate_file: str | None
    private_key_file: str | None
    redirect_uri: str
    scope: str
    resource: str
    authorize: Callable[[str], str]
    signing_key: Mapping[str, Any] | None = None  # a private JWK with alg and kid
    login_hint: str = ""
    initial_access_token: str = ""  # of dynamic registration
    approve: Callable[[str], None] = lambda _message: None  # the customer says yes to the question with this text

    def task(self, **more: object) -> dict[str, Any]:
        """For a script in another language."""
        told = {name: value for name, value in vars(self).items() if name not in {"authorize", "approve"}}
        return {**told, **more}

    @property
    def certificate(self) -> tuple[str, str] | None:
        """Files of certificate and key, as requests takes them."""
        if self.certificate_file and self.private_key_file:
            return self.certificate_file, self.private_key_file
        return None


Scenario = tuple[Wanted, Callable[[Target], object]]


def ours(system: RunningSystem, wanted: Wanted) -> Target:
    """A client of the demonstration, or, if it signs, one that the developer makes now."""
    if wanted.signs:
        return _that_signs(system, wanted)
    application = system.demo.application(wanted.type, wanted.profile)
    if wanted.asks_customers:
        with _developer(system) as manage:
            allowed = manage.put(
                f"/manage/v1/clients/{application.client_id}/asking-customers", json={"is_allowed": True}
            )
            assert allowed.status_code == 200, allowed.text
    return _target(system, application)


def _target(system: RunningSystem, application: DemoApplication) -> Target:
    product = system.demo.products[0]
    origin = system.mutual_url if application.certificate_file else system.public_url
    prefix = system.demo.environments[application.environment]["public_url"].removeprefix(system.public_url)
    return Target(
        issuer=system.demo.issuer,
        ca_file=str(system.ca_file),
        client_id=application.client_id,
        client_secret=application.client_secret,
        token_endpoint_auth_method=application.token_endpoint_auth_method,
        certificate_file=application.certificate_file,
        private_key_file=application.private_key_file,
        redirect_uri=application.redirect_uris[0] if application.redirect_uris else "",
        scope=" ".join(application.scopes),
        resource=origin + prefix + product.sample_get,
        authorize=lambda url: log_in_and_allow(system, url),
        login_hint=system.demo.identities[0].identity_number,
        approve=lambda message: approve_question(system, message),
    )


def signing_key(algorithm: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A private JWK with alg and kid, and its public half."""
    made = key_for(algorithm)
    kid = made.thumbprint()
    return {**made.as_dict(private=True), "kid": kid, "alg": algorithm}, {**made.as_dict(private=False), "kid": kid}


@contextmanager
def _developer(system: RunningSystem) -> Iterator[httpx.Client]:
    """The management API, as the developer."""
    with system.client() as manage:
        developer = system.demo.user("developer")
        who = {"email": developer.email, "password": developer.password, "name": "clients"}
        token = manage.post("/manage/v1/access-tokens", json=who).json()["access_token"]
        manage.headers["Authorization"] = f"Bearer {token}"
        yield manage


def _that_signs(system: RunningSystem, wanted: Wanted) -> Target:
    """A client of the developer's that signs with a key of its own, and has no certificate."""
    callback = "https://localhost/callback"
    wish = {
        "name": f"Signs {uuid.uuid4()}",
        "type": wanted.type,
        "contact_email": "signs@partner.example",
        "security_profile": wanted.profile,
        "token_endpoint_auth_method": "private_key_jwt",
        "redirect_uris": [callback],
        "products": ["accounts"],
    }
    private, public = signing_key(wanted.signs)
    with _developer(system) as manage:
        answer = manage.post("/manage/v1/applications", json=wish)
        assert answer.status_code == 201, answer.text
        client = answer.json()["clients"][0]
        stored = manage.put(f"/manage/v1/clients/{client['client_id']}/public-keys", json={"keys": [public]})
        assert stored.status_code == 200, stored.text
    like = system.demo.application("web", "standard")
    application = replace(
        like,
        client_id=client["client_id"],
        client_secret=None,
        token_endpoint_auth_method="private_key_jwt",
        security_profile=wanted.profile,
        redirect_uris=[callback],
        certificate_file=None,
        private_key_file=None,
        environment=client["environment"],
        scopes=["accounts"],
    )
    return replace(_target(system, application), signing_key=private)
