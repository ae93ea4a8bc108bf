"""What an event of the catalogue means to the subscribers of the product: which version, which of its operations."""

from __future__ import annotations

from dataclasses import dataclass

from propylon.audit.models import Event
from propylon.catalog.models import Operation, ProductVersion
from propylon.catalog.version_difference import version_before, version_difference

ACTIONS = (
    "product.published",
    "product.unpublished",
    "product.imported",
    "product.lifecycle_changed",
    "product.version_ended",
)


@dataclass(frozen=True, slots=True)
class VersionNews:
    """`kind` is new, changed, withdrawn, ending or ended; `environment` "" means wherever it answers.

    `operations` are those that changed ("GET /accounts"), `breaking` those of them where a program can break. Of a
    version that ends they are what its successor changes; all of its own operations if nobody has named one.
    """

    kind: str
    version: ProductVersion
    environment: str
    operations: tuple[str, ...]
    breaking: frozenset[str]
    older: ProductVersion | None = None  # what the version is compared with


def news_of(event: Event) -> VersionNews | None:
    """None for what changes nothing for a subscriber."""
    rows = ProductVersion.objects.select_related("product", "successor").defer("document", "successor__document")
    version = rows.filter(product__name=event.object_id, version=event.data.get("version", "")).first()
    if version is None:
        return None
    if event.action == "product.published":
        return _published(event, version)
    if event.action == "product.unpublished":
        return _withdrawn(event, version)
    if event.action == "product.imported":
        return _imported(event, version)
    return _ending(event, version)


def _published(event: Event, version: ProductVersion) -> VersionNews | None:
    """The first time that it answers there, beside an older version."""
    place = str(event.data.get("environment", ""))
    same = Event.objects.filter(object_kind="product", object_id=event.object_id, action=event.action)
    was_there = same.filter(pk__lt=event.pk, data__version=version.version, data__environment=place).exists()
    older = version_before(version)
    if was_there or older is None or not version.publications.filter(environment__name=place).exists():
        return None
    return _compared("new", older, version, place)


def _withdrawn(event: Event, version: ProductVersion) -> VersionNews | None:
    """It answers there no longer; who has published it again meanwhile took nothing back, and an end is told as one."""
    place = str(event.data.get("environment", ""))
    if version.ended_at is not None or version.publications.filter(environment__name=place).exists():
        return None
    rows = Operation.objects.filter(product_version=version).order_by("pk")
    return VersionNews("withdrawn", version, place, tuple(map(str, rows)), frozenset())


def _imported(event: Event, version: ProductVersion) -> VersionNews | None:
    """Its document was replaced while it answered; a new version has its news when it is published."""
    names = [str(name) for what in ("added", "changed", "removed") for name in event.data.get(what, ())]
    answered = version.publications.filter(created_at__lt=event.at).exists()
    if not names or not answered:
        return None
    return VersionNews("changed", version, "", tuple(names), frozenset(map(str, event.data.get("removed", ()))))


def _ending(event: Event, version: ProductVersion) -> VersionNews | None:
    if event.action == "product.lifecycle_changed" and version.deprecated_at is None:
        return None  # taken back
    kind = "ended" if version.ended_at is not None else "ending"
    if version.successor is None:
        rows = Operation.objects.filter(product_version=version).order_by("pk")
        return VersionNews(kind, version, "", tuple(map(str, rows)), frozenset())
    found = _compared(kind, version, version.successor, "")
    return VersionNews(kind, version, "", found.operations, found.breaking, version.successor)


def _compared(kind: str, older: ProductVersion, version: ProductVersion, environment: str) -> VersionNews:
    found = version_difference(older, version)
    breaking = frozenset(name for change in found.breaking for name in change.operations)
    return VersionNews(kind, version, environment, found.operations, breaking, older)
