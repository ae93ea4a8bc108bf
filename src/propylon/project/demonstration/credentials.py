"""What lets people and programs into the demonstration: random passwords, client secrets, certificates in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import make_password

from propylon.accounts.models import User
from propylon.applications.actions.secrets import PURPOSE
from propylon.applications.models import Client, ClientStatus
from propylon.applications.selectors import complete_clients
from propylon.certificates.actions import issue_identity
from propylon.customers.actions import set_sandbox_passwords
from propylon.kernel.home import Home
from propylon.project.demonstration import cast
from propylon.project.demonstration.world import ACTOR
from propylon.project.whole_file import write_file
from propylon.sandbox.people import PEOPLE
from propylon.sealing.entropy import new_public_id
from propylon.sealing.installation import sealer


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    certificate: Path
    private_key: Path


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    client: Client
    secret: str | None
    files: CertificateFiles | None


@dataclass(frozen=True, slots=True)
class Credentials:
    passwords: Mapping[str, str]  # by address
    identity_passwords: Mapping[str, str]  # by identity number
    clients: tuple[ClientCredentials, ...]  # in the order of the cast, production after sandbox


def hand_out_credentials(home: Home) -> Credentials:
    """New passwords, and a new certificate where one is needed: an interrupted start may have lost what it made."""
    clients = [ClientCredentials(client, _secret_of(client), _certificate_of(home, client)) for client in _clients()]
    identities = {person.identity_number: new_public_id("pin") for person in PEOPLE}
    set_sandbox_passwords(acting_user=ACTOR, passwords=identities)
    return Credentials(
        {person.email: _new_password(person.email) for person in cast.PEOPLE}, identities, tuple(clients)
    )


def _clients() -> list[Client]:
    names = [part.name for part in cast.PARTS]
    found = complete_clients().filter(application__name__in=names, status=ClientStatus.APPROVED)
    return sorted(found, key=lambda client: (client.environment.position, names.index(client.application.name)))


def _new_password(email: str) -> str:
    password = new_public_id("demo")  # 79 random bits that can be read aloud
    User.objects.filter(email=email).update(password=make_password(password))
    return password


def _secret_of(client: Client) -> str | None:
    if not client.secret_sealed:
        return None
    return sealer().unseal(client.secret_sealed, purpose=PURPOSE).reveal()


def _certificate_of(home: Home, client: Client) -> CertificateFiles | None:
    account = getattr(client, "service_account", None)
    if account is None:
        return None
    found = CertificateFiles(home.demo_files / f"{account.name}.crt", home.demo_files / f"{account.name}.key")
    if not (found.certificate.exists() and found.private_key.exists()):
        chain, key, _ = issue_identity(acting_user=ACTOR, client=client)
        write_file(found.private_key, key, mode=0o600)
        write_file(found.certificate, chain, mode=0o600)
    return found
