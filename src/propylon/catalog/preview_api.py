"""What a document would become, in the management API: the console's preview."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Field, Router, Schema

from propylon.accounts.access import require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.catalog.changes_api import ChangeOut, difference_out
from propylon.catalog.import_preview import ImportPreview, ImportWish, preview_import, read_document
from propylon.catalog.schemas import ImportIn
from propylon.catalog.version_difference import difference_to

router = Router(tags=["Products"])


class PlannedOperationOut(Schema):
    change: str = Field(description="added, changed, kept or removed")
    method: str
    path: str
    operation_id: str
    summary: str
    scopes: list[str]


class NoteOut(Schema):
    place: str = Field(description="JSON pointer into the document.")
    reason: str


class ImportPreviewOut(Schema):
    name: str
    title: str
    version: str
    mount_path: str = Field(description="Below an environment's prefix.")
    default_scope: str
    is_new_product: bool
    is_new_version: bool
    new_scopes: list[str]
    scopes: dict[str, str]
    operations: list[PlannedOperationOut]
    notes: list[NoteOut] = Field(description="What was mended, and what is taken otherwise than one may expect.")
    compared_with: str = Field(description="The version that `changes` are counted from; empty for a new product.")
    changes: list[ChangeOut] = Field(description="What differs from that version; those that break come first.")


@router.post("/products/previews", response=ImportPreviewOut, summary="What a document would become; stores nothing")
def preview_document(request: HttpRequest, payload: ImportIn) -> ImportPreviewOut:
    """Refused with the same mistakes as the import itself."""
    require(current_user(request), Permission.MANAGE_PROGRAM)
    wish = ImportWish(payload.name or None, payload.title or None, payload.version or None, payload.scope or None)
    return preview_out(preview_import(read_document(payload.document), wish))


def preview_out(preview: ImportPreview) -> ImportPreviewOut:
    plan, before = preview.plan, preview.compared_with
    return ImportPreviewOut(
        name=preview.name,
        title=preview.title,
        version=plan.version,
        mount_path=plan.mount_path,
        default_scope=plan.default_scope,
        is_new_product=preview.product is None,
        is_new_version=preview.is_new_version,
        new_scopes=list(preview.new_scopes),
        scopes=dict(plan.scopes),
        operations=[
            PlannedOperationOut(
                change=row.change,
                method=row.method,
                path=row.path_template,
                operation_id=row.operation_id,
                summary=row.summary,
                scopes=list(row.scopes),
            )
            for row in preview.operations
        ],
        notes=[NoteOut(place=note.place, reason=note.reason) for note in preview.api.notes],
        compared_with=before.version if before else "",
        changes=difference_out("", "", difference_to(before, preview.api.document)).changes if before else [],
    )
