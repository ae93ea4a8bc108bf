"""A bank with one client of every type, asked over the real application and the real database."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx
from asgiref.sync import async_to_sync
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from django.utils import timezone

from propylon.accounts.models import Organization
from propylon.applications.models import Application, Client, ServiceAccount, SourceRange, Subscription
from propylon.authserver.actions import ensure_signing_key
from propylon.authserver.client_attempts import client_attempts
from propylon.authserver.client_cache import clients
from propylon.authserver.signing import signers
from propylon.catalog.models import Environment, Plan, Product, Scope
from propylon.certificates.models import Certificate
from propylon.customers.actions import add_customer
from propylon.kernel.actor import SYSTEM
from propylon.kernel.secret import Secret
from propylon.oauth.policy import policy_for
from propylon.oauth.rules.check_code_verifier import s256
from propylon.sealing.entropy import digest, new_secret
from rsgi_transport import RsgiTransport

ISSUER = "https://localhost:8443"
VERIFIER = "v" * 43
CALLBACK = "https://partner.example/callback"
IDENTITY, PASSWORD = "199001019876", "correct horse battery"


def _certificate(common_name: str) -> x509.Certificate:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .sign(key, hashes.SHA256())
    )


@dataclass
class Party:
    """A client as the test holds it: its row, its secret, its certificate as Envoy would pass it on."""

    row: Client
    secret: str = ""
    certificate: x509.Certificate | None = None

    @property
    def id(self) -> str:
        return self.row.client_id

    @property
    def fingerprint(self) -> str:
        assert self.certificate
        return self.certificate.fingerprint(hashes.SHA256()).hex()

    def on_mutual(self) -> dict[str, str]:
        """The headers that Envoy sets for a call on the mutual listener."""
        return mutual(self.certificate)


def mutual(certificate: x509.Certificate | None, address: str = "127.0.0.1") -> dict[str, str]:
    headers = {"x-propylon-listener": "mutual", "x-propylon-source-address": address}
    if certificate:
        headers["x-propylon-peer-certificate"] = quote(certificate.public_bytes(Encoding.PEM).decode())
    return headers


@dataclass
class Bank:
    """The environment `sandbox` with products accounts and payments; clients are added by the tests."""

    environment: Environment
    plan: Plan
    organization: Organization
    accounts: Product
    payments: Product
    made: int = field(default=0)

    def client(
        self,
        type_: str,
        *,
        profile: str = "standard",
        method: str = "",
        redirect_uris: tuple[str, ...] = (CALLBACK,),
        ranges: tuple[str, ...] = (),
        products: tuple[Product, ...] | None = None,
        certificate: bool | None = None,
        binds: bool = False,
    ) -> Party:
        self.made += 1
        now = timezone.now()
        policy = policy_for(type_, profile)
        application = Application.objects.create(
            public_id=f"app_{self.made}",
            organization=self.organization,
            name=f"Spending {type_} {self.made}",
            type=type_,
            contact_email="dev@partner.example",
            created_at=now,
        )
        party = Party(
            Client.objects.create(
                application=application,
                environment=self.environment,
                client_id=f"cl_{type_}{self.made}",
                status="approved",
                security_profile=profile,
                token_endpoint_auth_method=method or policy.default_auth_method,
                redirect_uris=[] if type_ == "server" else list(redirect_uris),
                binds_tokens_to_certificate=binds,
                plan=self.plan,
                created_at=now,
            )
        )
        if policy.has_secret:
            party.secret = new_secret().reveal()
            Client.objects.filter(pk=party.row.pk).update(secret_digest=digest(Secret(party.secret)))
        if policy.needs_service_account if certificate is None else certificate:
            name = f"svcPartnerV{self.made:02}"
            ServiceAccount.objects.create(client=party.row, name=name)
            party.certificate = self.certificate(party, name)
        for cidr in ranges:
            SourceRange.objects.create(client=party.row, cidr=cidr)
        for product in (self.accounts,) if products is None else products:
            Subscription.objects.create(
                public_id=f"sub_{self.made}_{product.pk}", client=party.row, product=product, created_at=now
            )
        return party

    def certificate(self, party: Party, common_name: str) -> x509.Certificate:
        certificate = _certificate(common_name)
        fingerprint = certificate.fingerprint(hashes.SHA256()).hex()
        Certificate.objects.create(
            public_id=f"crt_{fingerprint[:16]}",
            client=party.row,
            serial=f"{certificate.serial_number:x}",
            fingerprint=fingerprint,
            common_name=common_name,
            subject_dn=certificate.subject.rfc4514_string(),
            certificate_pem=certificate.public_bytes(Encoding.PEM).decode(),
            chain_pem="",
            not_before=certificate.not_valid_before_utc,
            not_after=certificate.not_valid_after_utc,
        )
        return certificate


def make_bank() -> Bank:
    clients.forget()
    client_attempts.forget()
    signers.forget()
    ensure_signing_key(acting_user=SYSTEM)
    now = timezone.now()
    products = {}
    for name, scopes in {
        "accounts": {"accounts": "See your accounts", "transactions": "See your transactions"},
        "payments": {"payments": "Make payments"},
    }.items():
        products[name] = Product.objects.create(name=name, title=name, default_scope=name, created_at=now)
        for scope, title in scopes.items():
            Scope.objects.create(name=scope, product=products[name], title=title)
    environment = Environment.objects.create(name="sandbox", title="Sandbox", path_prefix="/sandbox")
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number=IDENTITY,
        name="Maja Lind",
        password=PASSWORD,
        subject="cus_maja",
        is_sandbox_identity=True,
    )
    return Bank(
        environment=environment,
        plan=Plan.objects.create(name="standard", title="Standard", requests_per_second=10, burst=20),
        organization=Organization.objects.create(public_id="org_1", name="Partner Ltd", created_at=now),
        **products,
    )


class Caller:
    """A browser or a client: asks the web process as Envoy would, keeps cookies."""

    def __init__(self) -> None:
        self.cookies = httpx.Cookies()

    def ask(
        self,
        method: str,
        address: str,
        *,
        form: dict[str, str] | str | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        content = form if isinstance(form, str) or form is None else urlencode(form)
        sent = dict(headers or {})
        if content is not None:
            sent.setdefault("content-type", "application/x-www-form-urlencoded")
        return async_to_sync(self._ask)(method, address, content, sent)

    async def _ask(self, method: str, address: str, content: str | None, headers: dict[str, str]) -> httpx.Response:
        from propylon.project.rsgi import application

        transport = RsgiTransport(application)
        async with httpx.AsyncClient(transport=transport, base_url=ISSUER, cookies=self.cookies) as client:
            response = await client.request(method, address, content=content, headers=headers)
            self.cookies = client.cookies
            return response

    def get(self, address: str, **parameters: str) -> httpx.Response:
        return self.ask("GET", f"{address}?{urlencode(parameters)}" if parameters else address)

    def post(self, address: str, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        return self.ask("POST", address, form=form, headers=headers)

    def token(self, form: dict[str, str], headers: dict[str, str] | None = None) -> httpx.Response:
        return self.post("/oauth/token", form, headers)


def authorization(party: Party, **changes: str) -> dict[str, str]:
    """A right authorization request; a change to "" leaves the parameter out."""
    parameters = {
        "response_type": "code",
        "client_id": party.id,
        "redirect_uri": CALLBACK,
        "scope": "accounts",
        "state": "s1",
        "code_challenge": s256(VERIFIER),
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (parameters | changes).items() if value}


def hidden(page: httpx.Response) -> str:
    """The reference that the page's form carries."""
    found = re.search(r'name="request" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def log_in(browser: Caller, party: Party, **changes: str) -> httpx.Response:
    """From the authorization request to the consent page."""
    return log_in_at(browser, browser.get("/oauth/authorize", **authorization(party, **changes)))


def log_in_at(browser: Caller, page: httpx.Response) -> httpx.Response:
    """From the answer of the authorization endpoint; who has logged in here before is not asked again."""
    if page.status_code == 303 and page.headers["location"].startswith("/oauth/consent?"):
        return browser.get(page.headers["location"])
    assert page.status_code == 200, page.text
    form = {"request": hidden(page), "identity_number": IDENTITY, "password": PASSWORD}
    answer = browser.post("/oauth/login", form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"])


def approve(browser: Caller, party: Party, **changes: str) -> dict[str, str]:
    """The whole of it: what the redirect back says."""
    consent = log_in(browser, party, **changes)
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert answer.status_code == 303, answer.text
    return answer_of(answer)


def answer_of(redirect: httpx.Response) -> dict[str, str]:
    query = parse_qs(urlsplit(redirect.headers["location"]).query)
    assert all(len(values) == 1 for values in query.values())
    return {name: values[0] for name, values in query.items()}


def redemption(code: str, /, **changes: str) -> dict[str, str]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return {name: value for name, value in (form | changes).items() if value}


def credentials(party: Party) -> dict[str, str]:
    """What the client authenticates with in the form."""
    return {"client_id": party.id, "client_secret": party.secret} if party.secret else {"client_id": party.id}


def claims_of(token: str) -> dict[str, Any]:
    """Verified by the published keys, as a resource server would."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(Caller().get("/oauth/jwks").json())
    return jwt.decode(token, keys, algorithms=["ES256"]).claims
