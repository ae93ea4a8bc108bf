"""What a product's pages are about: a version of the catalogue, or the authorization server itself, in one form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from propylon.catalog.access import Visitor, access_product, unknown_operation, unknown_version
from propylon.catalog.addresses import version_urls
from propylon.catalog.models import Operation, Product, ProductVersion, Publication
from propylon.catalog.selectors import document_with_addresses, operations
from propylon.kernel.errors import Kind, PropylonError
from propylon.openapi.documented import DocumentedOperation, documented_operation


@dataclass(frozen=True, slots=True)
class Entry:
    """An operation in a list."""

    operation_id: str
    method: str
    path: str
    summary: str
    tag: str
    scopes: tuple[str, ...]
    is_public: bool
    requires_certificate: bool
    is_deprecated: bool
    requires_binding: bool = False
    plans: tuple[str, ...] = ()
    psd2_roles: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int = 0

    @property
    def title(self) -> str:
        return self.summary or self.operation_id


@dataclass(frozen=True, slots=True)
class Place:
    """An environment where the version answers; addresses with the version's own path."""

    environment: str
    title: str
    is_test: bool
    public_url: str
    mutual_url: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A version of a product as its pages show it. `scopes` is name → what it allows."""

    name: str
    title: str
    version: str
    summary: str
    description: str
    entries: tuple[Entry, ...]
    scopes: Mapping[str, str]
    places: tuple[Place, ...]
    product: Product | None = None  # None: the authorization server
    row: ProductVersion | None = None

    @property
    def is_authentication(self) -> bool:
        return self.product is None

    @property
    def groups(self) -> list[tuple[str, list[Entry]]]:
        """Operations by tag, in the document's order."""
        found: dict[str, list[Entry]] = {}
        for entry in self.entries:
            found.setdefault(entry.tag, []).append(entry)
        return list(found.items())

    @property
    def test_place(self) -> Place | None:
        """Where one tries things: the first test environment, else the first of all."""
        return next((place for place in self.places if place.is_test), self.places[0] if self.places else None)

    @property
    def latest(self) -> str:
        return self.product.versions.all()[0].version if self.product else self.version

    @property
    def is_latest(self) -> bool:
        return self.version == self.latest

    def entry(self, operation_id: str) -> Entry:
        """Raises `catalog.operation.unknown`."""
        found = next((each for each in self.entries if each.operation_id == operation_id), None)
        if found is None:
            raise unknown_operation()
        return found

    def neighbours(self, entry: Entry) -> tuple[Entry | None, Entry | None]:
        """The operations before and after, as the side navigation lists them."""
        listed = [each for _, group in self.groups for each in group]
        at = listed.index(entry)
        return listed[at - 1] if at else None, listed[at + 1] if at + 1 < len(listed) else None

    def document(self) -> dict[str, Any]:
        """The OpenAPI document with this installation's addresses."""
        if self.row is None:
            raise NotImplementedError
        return document_with_addresses(self.row)

    @property
    def key(self) -> tuple[int, str]:
        """Names the document with its content."""
        return (self.row.pk, self.row.document_hash) if self.row else (0, "")

    def documented(self, entry: Entry) -> DocumentedOperation:
        """Raises `catalog.operation.undescribed` when the stored document no longer has the operation."""
        found = documented_in(*self.key, entry.method, entry.path) if self.row else None
        if found is None:
            raise PropylonError(
                "catalog.operation.undescribed",
                "The version's document does not describe this operation any more. Import the document again.",
                kind=Kind.CONFLICT,
            )
        return found


def subject_of(user: Visitor, name: str, version: str = "") -> Subject:
    """The latest version unless one is named. Raises `catalog.product.unknown` and `catalog.version.unknown`."""
    product = access_product(user, name)
    versions = list(product.versions.all())
    row = next((each for each in versions if each.version == version or not version), None)
    if row is None:
        raise unknown_version(name, version)
    return Subject(
        name=product.name,
        title=product.title,
        version=row.version,
        summary=product.summary,
        description=product.description,
        entries=tuple(map(entry_of, operations(row).order_by("pk"))),
        scopes={scope.name: scope.title for scope in product.scopes.all()},
        places=tuple(places_of(row.publications.all())),
        product=product,
        row=row,
    )


def entry_of(row: Operation) -> Entry:
    return Entry(
        operation_id=row.operation_id,
        method=row.method,
        path=row.path_template,
        summary=row.summary,
        tag=row.tag,
        scopes=tuple(row.scopes),
        is_public=row.is_public,
        requires_certificate=row.requires_certificate,
        is_deprecated=row.is_deprecated,
        requires_binding=row.requires_binding,
        plans=tuple(row.plans),
        psd2_roles=tuple(row.psd2_roles),
        acr_values=tuple(row.acr_values),
        max_age=row.max_age,
    )


def places_of(publications: Iterable[Publication]) -> Sequence[Place]:
    return [
        Place(
            environment=row.environment.name,
            title=row.environment.title,
            is_test=row.environment.approves_by_itself,
            public_url=version_urls(row)[0],
            mutual_url=version_urls(row)[1],
        )
        for row in publications
    ]


@lru_cache(maxsize=512)
def documented_in(key: int, _document_hash: str, method: str, path: str) -> DocumentedOperation | None:
    """Pages are read often and documents change seldom: the hash is part of the key."""
    return documented_operation(ProductVersion.objects.only("document").get(pk=key).document, method, path)
