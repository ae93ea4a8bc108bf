"""What a document would become, without storing anything of it: the plan, and what differs from what is there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from propylon.catalog.models import Operation, Product, ProductVersion, Scope
from propylon.catalog.plan_import import PlannedImport, PlannedOperation, plan_import
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.openapi.api import Api, slug
from propylon.openapi.mistakes import DocumentRejectedError, Mistake
from propylon.openapi.read import read_api
from propylon.openapi.text import text_of

_PLACES = 3  # of one note


@dataclass(frozen=True, slots=True)
class ImportWish:
    """What is asked for instead of what the document and the product say; None: nothing."""

    name: str | None = None
    title: str | None = None
    version: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class ChangedOperation:
    """`change` is added, changed, kept or removed."""

    change: str
    method: str
    path_template: str
    operation_id: str
    summary: str
    scopes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """`product` is the one that is there already, whose version may be new or brought up to date."""

    api: Api
    name: str
    title: str
    plan: PlannedImport
    product: Product | None
    is_new_version: bool
    compared_with: ProductVersion | None  # the version that is brought up to date, else the newest one
    operations: tuple[ChangedOperation, ...]
    new_scopes: tuple[str, ...]


def read_document(text: str) -> Api:
    """Raises `catalog.document.invalid` with every mistake."""
    try:
        return read_api(text)
    except DocumentRejectedError as rejected:
        raise _invalid(rejected) from rejected


def document_text(data: bytes) -> str:
    """The text of a file. Raises `catalog.document.invalid`."""
    try:
        return text_of(data)
    except DocumentRejectedError as rejected:
        raise _invalid(rejected) from rejected


def _invalid(rejected: DocumentRejectedError) -> PropylonError:
    count = len(rejected.mistakes)
    return PropylonError(
        "catalog.document.invalid",
        f"The document has {count} mistake{'s' if count > 1 else ''}; nothing was stored. "
        "Correct what errors names and import it again.",
        kind=Kind.MALFORMED,
        errors=[FieldError(mistake.place, "document", mistake.reason) for mistake in rejected.mistakes],
    )


@dataclass(frozen=True, slots=True)
class GroupedNote:
    """What is the same at several places of a document: the first few, and how many more there are."""

    reason: str
    places: tuple[str, ...]
    more: int


def grouped_notes(notes: Sequence[Mistake]) -> list[GroupedNote]:
    """In the order in which they were met."""
    places: dict[str, list[str]] = {}
    for note in notes:
        places.setdefault(note.reason, []).append(note.place)
    return [
        GroupedNote(reason, tuple(found[:_PLACES]), max(0, len(found) - _PLACES)) for reason, found in places.items()
    ]


def planned(api: Api, wish: ImportWish, product: Product | None) -> tuple[str, str, PlannedImport]:
    """Name, title and plan. Raises `catalog.import.refused` with everything that speaks against it."""
    name = wish.name or slug(api.title)
    title = wish.title or (product.title if product else api.title[:120])
    plan = plan_import(
        api,
        product=name,
        title=title,
        version=wish.version,
        scope=wish.scope or (product.default_scope if product else None),
        owners=dict(Scope.objects.values_list("name", "product__name")),
    )
    if not isinstance(plan, PlannedImport):
        raise PropylonError(
            "catalog.import.refused",
            "The document cannot be imported like this; nothing was stored. Correct what errors names.",
            kind=Kind.MALFORMED,
            errors=plan,
        )
    return name, title, plan


def preview_import(api: Api, wish: ImportWish) -> ImportPreview:
    """What `import_product` would make of it, now. Raises what that raises."""
    product = Product.objects.filter(name=wish.name or slug(api.title)).first()
    name, title, plan = planned(api, wish, product)
    versions = list(product.versions.defer("document").order_by("-created_at", "-pk")) if product else []
    version = next((row for row in versions if row.version == plan.version), None)
    before = {(row.method, row.path_template): row for row in version.operations.all()} if version else {}
    known = set(Scope.objects.filter(name__in=plan.scopes).values_list("name", flat=True))
    return ImportPreview(
        api=api,
        name=name,
        title=title,
        plan=plan,
        product=product,
        is_new_version=version is None,
        compared_with=version or next(iter(versions), None),
        operations=(*_compared(plan.operations, before), *_left(plan.operations, before)),
        new_scopes=tuple(sorted(set(plan.scopes) - known)),
    )


_Known = dict[tuple[str, str], Operation]


def _compared(operations: Sequence[PlannedOperation], before: _Known) -> list[ChangedOperation]:
    found = []
    for new in operations:
        old = before.get((new.method, new.path_template))
        change = "added" if old is None else "kept"
        if old and (old.operation_id, old.summary, tuple(old.scopes)) != (new.operation_id, new.summary, new.scopes):
            change = "changed"
        found.append(_row(change, new))
    return found


def _left(operations: Sequence[PlannedOperation], before: _Known) -> list[ChangedOperation]:
    staying = {(new.method, new.path_template) for new in operations}
    return [_row("removed", old) for place, old in before.items() if place not in staying]


def _row(change: str, row: PlannedOperation | Operation) -> ChangedOperation:
    return ChangedOperation(change, row.method, row.path_template, row.operation_id, row.summary, tuple(row.scopes))
