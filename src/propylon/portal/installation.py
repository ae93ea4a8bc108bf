"""What is true of this installation: addresses, environments, limits. Guides and commands are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from propylon.accounts.models import User
from propylon.applications.models import Client
from propylon.applications.selectors import own_clients
from propylon.catalog.access import Visitor, visible_products
from propylon.catalog.addresses import address_of
from propylon.catalog.models import Environment, Product, Publication
from propylon.catalog.selectors import environments, newest_publications
from propylon.portal.catalogue.subject import Entry, Subject, subject_of
from propylon.portal.token_recipes import Target


@dataclass(frozen=True, slots=True)
class EnvironmentFacts:
    name: str
    title: str
    public_url: str
    mutual_url: str
    is_test: bool  # applications are approved at once


@dataclass(frozen=True, slots=True)
class InstallationFacts:
    """Addresses without a slash at their end."""

    public_url: str
    mutual_url: str
    environments: Sequence[EnvironmentFacts]
    issuer: str
    issuer_mutual: str

    @property
    def host(self) -> str:
        return urlsplit(self.public_url).hostname or ""

    @property
    def public_port(self) -> int:
        return urlsplit(self.public_url).port or 443

    @property
    def mutual_port(self) -> int:
        return urlsplit(self.mutual_url).port or 443

    @property
    def ca_url(self) -> str:
        return f"{self.public_url}/ca.crt"

    @property
    def test(self) -> EnvironmentFacts | None:
        return next((each for each in self.environments if each.is_test), None)


def installation() -> InstallationFacts:
    return InstallationFacts(
        settings.PROPYLON_PUBLIC_URL,
        settings.PROPYLON_MUTUAL_URL,
        [_environment(row) for row in environments()],
        settings.PROPYLON_ISSUER_URL,
        settings.PROPYLON_ISSUER_MUTUAL_URL,
    )


def _environment(row: Environment) -> EnvironmentFacts:
    address = address_of(row)
    return EnvironmentFacts(row.name, row.title, address.public_url, address.mutual_url, row.approves_by_itself)


def first_subject(user: Visitor) -> Subject | None:
    """The version whose operation a newcomer calls first: of a featured product if there is one, in a test place."""
    visible = visible_products(user)
    # Featured are few: asked for by themselves, they spare a look at every product.
    row = _first_place(visible.filter(is_featured=True)) or _first_place(visible)
    return subject_of(user, row.product_version.product.name, row.product_version.version) if row else None


def _first_place(found: QuerySet[Product]) -> Publication | None:
    rows = newest_publications(found).order_by("-environment__approves_by_itself", "environment__position", "pk")
    return rows.first()


def sample_entry(entries: Sequence[Entry]) -> Entry | None:
    """A GET that needs no identifier and no certificate, the one that asks least of the caller."""
    found = [each for each in entries if each.method == "GET" and "{" not in each.path]
    return min(found, key=lambda each: (each.requires_certificate, len(each.scopes)), default=None)


def target_for(user: Visitor, subject: Subject | None, client_id: str = "") -> tuple[Target, Client | None]:
    """What commands about this version are about, with the reader's own client where there is one that may call it.

    `client_id` chooses among several; otherwise it is the newest.
    """
    facts = installation()
    found = clients_for(user, subject)
    client = (found.filter(client_id=client_id).first() if client_id else None) or found.first()
    place = subject.test_place if subject else None
    if client and subject:
        place = next((each for each in subject.places if each.environment == client.environment.name), place)
    entry = sample_entry(subject.entries) if subject else None
    scopes = entry.scopes if entry else tuple(subject.scopes)[:1] if subject else ()
    return Target(
        issuer=facts.issuer,
        issuer_mutual=facts.issuer_mutual,
        ca_url=facts.ca_url,
        scope=" ".join(scopes) or "accounts",
        sample_public_url=place.public_url + entry.path if place and entry else "",
        sample_mutual_url=place.mutual_url + entry.path if place and entry else "",
        client_id=client.client_id if client else "",
        client_type=client.application.type if client else "",
        client_profile=client.security_profile if client else "",
        redirect_uri=str(client.redirect_uris[0]) if client and client.redirect_uris else "",
    ), client


def clients_for(user: Visitor, subject: Subject | None) -> QuerySet[Client]:
    """The reader's own clients that may call the version."""
    if not isinstance(user, User):
        return Client.objects.none()
    found = own_clients(user)
    if subject and subject.product:
        found = found.filter(subscriptions__product=subject.product)
    return found
