"""An import in two steps: look at what a document becomes, then import it, and let it answer somewhere at once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.accounts.models import User
from propylon.catalog.actions.importing import store_api
from propylon.catalog.actions.publishing import publish
from propylon.catalog.import_preview import ImportPreview, ImportWish, preview_import, read_document
from propylon.catalog.models import Environment, ImportDraft, ProductVersion, Upstream
from propylon.kernel.actor import Actor
from propylon.openapi.mistakes import Mistake
from propylon.sealing.entropy import new_public_id

DRAFTS_LAST = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an imported version answers at once."""

    environment: Environment
    upstream: Upstream
    upstream_prefix: str = ""


def draft_import(*, made_by: User, text: str, wish: ImportWish) -> ImportDraft:
    """Keep a document for the second step. Nothing of the catalogue changes, so there is no audit row.

    Raises `catalog.document.invalid`, `catalog.import.refused` with every mistake; then nothing is kept.
    """
    api = read_document(text)
    preview_import(api, wish)
    with transaction.atomic():
        ImportDraft.objects.filter(made_by=made_by).delete()  # one at a time is enough for anybody
        return ImportDraft.objects.create(
            public_id=new_public_id("draft"),
            made_by=made_by,
            made_at=timezone.now(),
            text=json.dumps(api.document, ensure_ascii=False, separators=(",", ":")),
            notes=[[note.place, note.reason] for note in api.notes],
            name=wish.name or "",
            title=wish.title or "",
            version=wish.version or "",
            scope=wish.scope or "",
        )


def change_draft(*, draft: ImportDraft, wish: ImportWish) -> None:
    """Another name, title, version or scope. Raises `catalog.import.refused`; then the draft stays as it was."""
    preview_import(read_document(draft.text), wish)
    draft.name, draft.title = wish.name or "", wish.title or ""
    draft.version, draft.scope = wish.version or "", wish.scope or ""
    draft.save(update_fields=["name", "title", "version", "scope"])


def preview_of(draft: ImportDraft) -> ImportPreview:
    """What the draft becomes if it is imported now."""
    notes = tuple(Mistake(place, reason) for place, reason in draft.notes)
    return preview_import(replace(read_document(draft.text), notes=notes), wish_of(draft))


@transaction.atomic
def import_draft(*, acting_user: Actor, draft: ImportDraft, destination: Destination | None = None) -> ProductVersion:
    """Import it and, if wanted, publish it: both or neither. The draft is gone afterwards."""
    version = store_api(acting_user=acting_user, api=read_document(draft.text), wish=wish_of(draft))
    if destination:
        publish(
            acting_user=acting_user,
            product_version=version,
            environment=destination.environment,
            upstream=destination.upstream,
            upstream_prefix=destination.upstream_prefix,
        )
    draft.delete()
    return version


def forget_drafts() -> None:
    """Those that nobody came back to."""
    ImportDraft.objects.filter(made_at__lt=timezone.now() - DRAFTS_LAST).delete()


def wish_of(draft: ImportDraft) -> ImportWish:
    return ImportWish(draft.name or None, draft.title or None, draft.version or None, draft.scope or None)
