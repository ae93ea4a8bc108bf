"""Importing an OpenAPI document: see what it becomes, then import it and let it answer (FEATURES D6)."""

from __future__ import annotations

from collections import Counter

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.catalog import actions, selectors
from propylon.catalog.access import access_draft, environment_named, upstream_named
from propylon.catalog.actions import Destination
from propylon.catalog.addresses import address_of
from propylon.catalog.change_words import told
from propylon.catalog.import_preview import ImportPreview, ImportWish, document_text, grouped_notes
from propylon.catalog.models import Environment, ImportDraft
from propylon.catalog.version_difference import difference_to
from propylon.console.access import staff_only, staff_user
from propylon.console.pages import console_page, done, status_of
from propylon.console.products.forms import DestinationForm, DocumentForm, WishForm
from propylon.kernel.errors import FieldError, Kind, PropylonError

_MANAGE = Permission.MANAGE_PROGRAM
_LARGEST = 6 * 1024 * 1024  # bytes; the reader counts characters
_ECHOED = 60_000  # characters of a pasted text that a page gives back
_MISTAKES_SHOWN = 200
_NOTES_SHOWN = 60


@staff_only(_MANAGE)
def document(request: HttpRequest) -> HttpResponse:
    """Step 1: the document. Nothing is stored but a draft."""
    if request.method != "POST":
        form = DocumentForm(initial={"name": request.GET.get("name", "")[:60]})
        return console_page(request, "products/import.html", {"form": form})
    form = DocumentForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, form, None)
    try:
        draft = actions.draft_import(made_by=staff_user(request), text=_text_of(form), wish=_wish(form))
    except PropylonError as error:
        return _refused(request, form, error)
    return HttpResponseRedirect(reverse("console_products:preview", args=[draft.public_id]), status=303)


def _text_of(form: DocumentForm) -> str:
    """The file if there is one, else what was pasted."""
    file = form.cleaned_data["file"]
    if file is None:
        if form.cleaned_data["text"].strip():
            return str(form.cleaned_data["text"])
        raise _no_document(_("choose a file, or paste its text below"))
    if file.size > _LARGEST:
        raise _no_document(_("this file is larger than 5 MB"))
    return document_text(bytes(file.read()))


def _no_document(reason: str) -> PropylonError:
    return PropylonError(
        "console.document.missing",
        "Give one OpenAPI document, as a file or as text.",
        kind=Kind.MALFORMED,
        errors=[FieldError("file", "body", reason)],
    )


def _refused(request: HttpRequest, form: DocumentForm, error: PropylonError | None) -> HttpResponse:
    """What is wrong with the document is a table of places and reasons; what is wrong with a field stands at it."""
    mistakes: list[FieldError] = []
    if error:
        at_fields = [each for each in error.errors if each.location == "body"]
        mistakes = [each for each in error.errors if each.location != "body"]
        form.add_refusal(PropylonError(error.code, error.message, kind=error.kind, errors=at_fields))
    if len(form.data.get("text", "")) > _ECHOED:
        form.data = {**form.data, "text": ""}  # a page has its limits; the person still has the text
    context = {
        "form": form,
        "mistakes": mistakes[:_MISTAKES_SHOWN],
        "more": max(0, len(mistakes) - _MISTAKES_SHOWN),
        "count": len(mistakes),
    }
    return console_page(request, "products/import.html", context, status=status_of(error) if error else 400)


def _wish(form: WishForm) -> ImportWish:
    told = form.cleaned_data
    return ImportWish(
        told["name"].strip() or None,
        told["title"].strip() or None,
        told["version"].strip() or None,
        told["scope"].strip() or None,
    )


@staff_only(_MANAGE)
def preview(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Step 2: what it becomes. POST imports it, or changes name, title, version or scope of the draft."""
    draft = access_draft(staff_user(request), draft_id)
    if request.method != "POST":
        return _preview_page(request, draft)
    if request.POST.get("step") == "change":
        return _changed(request, draft)
    form = DestinationForm(request.POST, is_optional=True)
    if not form.is_valid():
        return _preview_page(request, draft, destination=form, status=400)
    try:
        made = actions.import_draft(
            acting_user=actor_of(staff_user(request)), draft=draft, destination=_destination(form)
        )
    except PropylonError as error:
        form.add_refusal(error)
        return _preview_page(request, draft, destination=form, status=status_of(error))
    is_out = bool(form.cleaned_data["environment"])
    text = _("Imported and published. The gateways answer for it within seconds.") if is_out else _("Imported.")
    return done(request, text, reverse("console_products:version", args=[made.product.name, made.version]))


def _changed(request: HttpRequest, draft: ImportDraft) -> HttpResponse:
    form = WishForm(request.POST)
    if form.is_valid():
        try:
            actions.change_draft(draft=draft, wish=_wish(form))
        except PropylonError as error:
            form.add_refusal(error)
        else:
            return HttpResponseRedirect(request.path, status=303)
    return _preview_page(request, access_draft(staff_user(request), draft.public_id), wish=form, status=400)


def _destination(form: DestinationForm) -> Destination | None:
    told = form.cleaned_data
    if not told["environment"]:
        return None
    return Destination(
        environment_named(told["environment"]), upstream_named(told["upstream"]), told["upstream_prefix"]
    )


def _preview_page(
    request: HttpRequest,
    draft: ImportDraft,
    *,
    wish: WishForm | None = None,
    destination: DestinationForm | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        found = actions.preview_of(draft)
    except PropylonError as error:  # somebody has taken a scope or changed the product meanwhile
        found, status = None, status_of(error)
        wish = wish or WishForm(_told(draft))
        wish.add_refusal(error)
    before = found.compared_with if found else None
    difference = difference_to(before, found.api.document) if found and before else None
    notes = grouped_notes(found.api.notes) if found else []
    context = {
        "draft": draft,
        "preview": found,
        "notes": notes[:_NOTES_SHOWN],
        "more_notes": max(0, len(notes) - _NOTES_SHOWN),
        "difference": difference,
        "breaking": told(difference.breaking[:_MISTAKES_SHOWN]) if difference else [],
        "places": [(row, address_of(row).path_prefix + found.plan.mount_path) for row in selectors.environments()]
        if found
        else [],
        "changes": Counter(row.change for row in found.operations) if found else {},
        "scopes": _scopes(found) if found else [],
        "wish": wish or WishForm(initial=_told(draft, found)),
        "destination": destination or DestinationForm(is_optional=True, initial={"upstream": "sandbox"}),
    }
    return console_page(request, "products/preview.html", context, status=status)


def _told(draft: ImportDraft, found: ImportPreview | None = None) -> dict[str, str]:
    if found is None:
        return {"name": draft.name, "title": draft.title, "version": draft.version, "scope": draft.scope}
    plan = found.plan
    return {"name": found.name, "title": found.title, "version": plan.version, "scope": plan.default_scope}


def _places(found: ImportPreview) -> list[tuple[Environment, str]]:
    return [(row, address_of(row).path_prefix + found.plan.mount_path) for row in selectors.environments()]


def _scopes(found: ImportPreview) -> list[tuple[str, str, bool]]:
    """Name, title, and whether it is new."""
    return [(name, title, name in found.new_scopes) for name, title in sorted(found.plan.scopes.items())]
