"""What a grant costs as applications and stored grants become many. `python bench/grant_growth.py`.

Processor time of this process per grant, kernel included, at the token endpoint's own functions and a database of its
own: no socket, no gateway. Clients are drawn evenly from all that there are. Two states: every client has asked before,
or the process has just begun and none has.
"""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

sys.path.insert(0, str(Path(__file__).parent))

from ingestion import own_database

APPLICATIONS = (10, 1_000, 100_000)
GRANTS = (1_000, 1_000_000)
DRAWS, AT_ONCE, BATCH = 3_000, 8, 2_000
SECRET = "the same for all of them, of two hundred and fifty-six bits"
LUCK = random.Random(5)
NOW = datetime.now(UTC)


def grant_growth_rows() -> list[tuple[str, str, str]]:
    """For the table of `make bench`; in a process of its own, since Django knows one home only."""
    done = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    return [tuple(line.strip("| ").split(" | ")) for line in done.stdout.splitlines()[2:]]  # type: ignore[misc]


def begin() -> SimpleNamespace:
    """What all clients share."""
    from django.conf import settings

    from propylon.accounts.actions import create_organization
    from propylon.authserver.actions import ensure_signing_key
    from propylon.catalog.models import Environment, Plan, Product, Scope
    from propylon.kernel.actor import SYSTEM
    from propylon.sealing.seal import make_sealing_key

    make_sealing_key(settings.PROPYLON_HOME.sealing_key)
    ensure_signing_key(acting_user=SYSTEM)
    product = Product.objects.create(name="accounts", title="Accounts", default_scope="accounts", created_at=NOW)
    Scope.objects.create(name="accounts", product=product, title="See accounts")
    return SimpleNamespace(
        organization=create_organization(acting_user=SYSTEM, name="Partner"),
        environment=Environment.objects.create(name="sandbox", title="Sandbox", path_prefix="/sandbox"),
        plan=Plan.objects.create(name="standard", title="Standard", requests_per_second=5, burst=10),
        product=product,
    )


def fill_clients(shared: SimpleNamespace, first: int, until: int) -> None:
    """Server applications with a service account, two source ranges, a subscription and a certificate each."""
    from propylon.applications.models import Application, Client, ServiceAccount, SourceRange, Subscription
    from propylon.certificates.models import Certificate

    for begin_at in range(first, until, BATCH):
        numbers = range(begin_at, min(begin_at + BATCH, until))
        applications = Application.objects.bulk_create(
            Application(
                public_id=f"app_{number}",
                organization=shared.organization,
                name=f"Application {number}",
                type="server",
                contact_email="dev@partner.example",
                created_at=NOW,
            )
            for number in numbers
        )
        clients = Client.objects.bulk_create(
            Client(
                application=application,
                environment=shared.environment,
                client_id=f"cl_{number}",
                status="approved",
                security_profile="standard",
                token_endpoint_auth_method="tls_client_auth",
                redirect_uris=[],
                plan=shared.plan,
                created_at=NOW,
            )
            for number, application in zip(numbers, applications, strict=True)
        )
        named = list(zip(numbers, clients, strict=True))
        ServiceAccount.objects.bulk_create(
            ServiceAccount(client=each, name=f"svc{number}V01") for number, each in named
        )
        SourceRange.objects.bulk_create(
            SourceRange(client=each, cidr=cidr) for _, each in named for cidr in ("192.0.2.0/24", "198.51.100.0/24")
        )
        Subscription.objects.bulk_create(
            Subscription(public_id=f"sub_{number}", client=each, product=shared.product, created_at=NOW)
            for number, each in named
        )
        Certificate.objects.bulk_create(
            Certificate(
                public_id=f"crt_{number}",
                client=each,
                serial=f"{number:040x}",
                fingerprint=f"{number:064x}",
                common_name=f"svc{number}V01",
                subject_dn=f"CN=svc{number}V01",
                certificate_pem="",
                chain_pem="",
                not_before=NOW - timedelta(days=1),
                not_after=NOW + timedelta(days=300),
            )
            for number, each in named
        )


def fill_grants(shared: SimpleNamespace, first: int, until: int) -> None:
    """Consents to a thousand web applications of their own, each with a refresh token."""
    from propylon.applications.models import Application, Client, Subscription
    from propylon.authserver.models import Grant, RefreshToken
    from propylon.kernel.secret import Secret
    from propylon.sealing.entropy import digest

    clients = list(Client.objects.filter(client_id__startswith="web_").order_by("pk"))
    for number in range(len(clients), 1_000):
        application = Application.objects.create(
            public_id=f"web_{number}",
            organization=shared.organization,
            name=f"Web {number}",
            type="web",
            contact_email="dev@partner.example",
            created_at=NOW,
        )
        client = Client.objects.create(
            application=application,
            environment=shared.environment,
            client_id=f"web_{number}",
            status="approved",
            security_profile="standard",
            token_endpoint_auth_method="client_secret_post",
            secret_digest=digest(Secret(SECRET)),
            redirect_uris=["https://partner.example/callback"],
            plan=shared.plan,
            created_at=NOW,
        )
        Subscription.objects.create(public_id=f"sub_web{number}", client=client, product=shared.product, created_at=NOW)
        clients.append(client)
    for begin_at in range(first, until, BATCH):
        numbers = range(begin_at, min(begin_at + BATCH, until))
        grants = Grant.objects.bulk_create(
            Grant(
                public_id=f"gr_{number}",
                client=clients[number % len(clients)],
                subject=f"cus_{number // 3}",
                scope="accounts",
                created_at=NOW,
                expires_at=NOW + timedelta(days=90),
            )
            for number in numbers
        )
        RefreshToken.objects.bulk_create(
            RefreshToken(
                digest=digest(Secret(refresh_token(number))),
                grant=grant,
                scope="accounts",
                issued_at=NOW,
                expires_at=NOW + timedelta(days=90),
            )
            for number, grant in zip(numbers, grants, strict=True)
        )


def refresh_token(number: int) -> str:
    return f"prt_{number:043d}"


def identity(number: int) -> str:
    """A certificate of this client's, as the gateway passes it on; it takes the place of what `fill_clients` wrote."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    from propylon.certificates.models import Certificate

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"svc{number}V01")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(number + 1)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=300))
        .sign(key, hashes.SHA256())
    )
    Certificate.objects.filter(public_id=f"crt_{number}").update(fingerprint=made.fingerprint(hashes.SHA256()).hex())
    return quote(made.public_bytes(Encoding.PEM).decode())


_identities: dict[int, str] = {}


def client_credentials(count: int) -> list[tuple[dict[str, str], bytes]]:
    """Headers and body of DRAWS requests."""
    drawn = [LUCK.randrange(count) for _ in range(DRAWS)]
    for number in set(drawn) - _identities.keys():
        _identities[number] = identity(number)
    return [
        (
            _headers("mutual", **{"x-propylon-peer-certificate": _identities[number]}),
            urlencode({"grant_type": "client_credentials", "client_id": f"cl_{number}", "scope": "accounts"}).encode(),
        )
        for number in drawn
    ]


def refreshes(count: int) -> list[tuple[dict[str, str], bytes]]:
    forms = (
        {
            "grant_type": "refresh_token",
            "client_id": f"web_{number % 1_000}",
            "client_secret": SECRET,
            "refresh_token": refresh_token(number),
        }
        for number in (LUCK.randrange(count) for _ in range(DRAWS))
    )
    return [(_headers("public"), urlencode(form).encode()) for form in forms]


def _headers(listener: str, **more: str) -> dict[str, str]:
    return {
        "content-type": "application/x-www-form-urlencoded",
        "x-propylon-listener": listener,
        "x-propylon-source-address": "192.0.2.7",
        **more,
    }


def microseconds(requests: Sequence[tuple[dict[str, str], bytes]], before: Sequence[str] = ()) -> float:
    """Of processor for each, some at once; the first third warms up. The clients `before` have asked before."""
    warm = len(requests) // 3
    return asyncio.run(_measure(requests[:warm], requests[warm:], before))


async def _measure(first: Sequence[Any], then: Sequence[Any], before: Sequence[str]) -> float:
    from propylon.authserver.client_cache import clients
    from propylon.authserver.peer_certificate import peer_certificate

    clients.forget()
    await _ask_all(first)
    for client_id in before:
        await clients.load(client_id)
    if before:
        for headers, _ in then:
            peer_certificate(headers["x-propylon-peer-certificate"])
    began = time.process_time()
    await _ask_all(then)
    return (time.process_time() - began) / len(then) * 1e6


async def _ask_all(requests: Sequence[Any]) -> None:
    waiting = iter(requests)

    async def ask() -> None:
        for headers, body in waiting:
            await _answer(headers, body)

    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))


def _answer(headers: dict[str, str], body: bytes) -> Coroutine[Any, Any, dict[str, Any]]:
    from propylon.authserver import token_endpoint

    scope = SimpleNamespace(method="POST", path=token_endpoint.TOKEN_PATH, query_string="")
    answer = token_endpoint._answer  # noqa: SLF001  (all but reading the request from the socket)
    return answer(scope, headers, body, "00000000-0000-4000-8000-000000000000")  # type: ignore[arg-type]


def _row(what: str, sizes: Sequence[int], measure: Callable[[int], float], fill: Callable[[int, int], None]) -> None:
    found: list[float] = []
    before = 0
    for size in sizes:
        fill(before, size)
        before = size
        found.append(measure(size))
    told = ", ".join(f"{size:,}: {each:.0f} µs" for size, each in zip(sizes, found, strict=True))
    print(f"| {what} | {found[-1] / found[0]:.2f} ({told}) | ≤ 1.2 |", flush=True)


def main() -> None:
    print("| what | measured | to reach |\n|---|---|---|")
    with own_database():
        shared = begin()
        _row(
            "processor time of a client-credentials grant, most clients ask for the first time, "
            f"{APPLICATIONS[-1]:,} applications / {APPLICATIONS[0]}",
            APPLICATIONS,
            lambda size: microseconds(client_credentials(size)),
            lambda first, until: fill_clients(shared, first, until),
        )
        _row(
            f"the same, every client has asked before, {APPLICATIONS[-1]:,} / {APPLICATIONS[0]}",
            APPLICATIONS,
            lambda size: microseconds(client_credentials(size), [f"cl_{number}" for number in range(size)]),
            lambda first, until: None,
        )
        _row(
            f"processor time of a refresh, {GRANTS[-1]:,} stored grants / {GRANTS[0]:,}",
            GRANTS,
            lambda size: microseconds(refreshes(size)),
            lambda first, until: fill_grants(shared, first, until),
        )


if __name__ == "__main__":
    main()
