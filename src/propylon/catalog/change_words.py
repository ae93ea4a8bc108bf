"""The words of each change between two versions: what it is, and why it breaks a program where it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from propylon.openapi.change import RESPONSE, Change

# Fields: name, before, after.
WHAT: Mapping[str, Promise] = MappingProxyType(
    {
        "operation.added": _("The operation is new."),
        "operation.removed": _("The operation is gone."),
        "operation.deprecated": _("The operation is deprecated."),
        "operation.revived": _("The operation is no longer deprecated."),
        "operation.renamed": _("The operation's id was %(before)s and is %(after)s."),
        "operation.described": _("The operation is described in other words."),
        "access.closed": _("A token is needed."),
        "access.opened": _("No token is needed any more."),
        "access.certificate": _("A client certificate is needed."),
        "access.no_certificate": _("No client certificate is needed any more."),
        "scope.added": _("The scope %(name)s is needed."),
        "scope.removed": _("The scope %(name)s is no longer needed."),
        "parameter.added": _("The optional parameter %(name)s is new."),
        "parameter.added_required": _("The required parameter %(name)s is new."),
        "parameter.removed": _("The parameter %(name)s is gone."),
        "parameter.required": _("The parameter %(name)s is required now."),
        "parameter.optional": _("The parameter %(name)s is optional now."),
        "body.added": _("It takes a body now."),
        "body.added_required": _("It needs a body now."),
        "body.removed": _("It takes no body any more."),
        "body.required": _("The body is required now."),
        "body.optional": _("The body is optional now."),
        "response.added": _("The answer %(name)s is new."),
        "response.removed": _("The answer %(name)s is gone."),
        "content.added": _("The media type %(name)s is new."),
        "content.removed": _("The media type %(name)s is gone."),
        "header.added": _("The answer's header %(name)s is new."),
        "header.removed": _("The answer's header %(name)s is gone."),
        "property.added": _("The field %(name)s is new."),
        "property.added_required": _("The required field %(name)s is new."),
        "property.removed": _("The field %(name)s is gone."),
        "property.required": _("The field %(name)s is always there now."),
        "property.optional": _("The field %(name)s may be missing now."),
        "type.changed": _("The type was %(before)s and is %(after)s."),
        "type.widened": _("The type was %(before)s and may be %(after)s."),
        "type.narrowed": _("The type was %(before)s and must be %(after)s."),
        "null.added": _("The value may be null now."),
        "null.removed": _("The value is never null any more."),
        "value.added": _("The value %(name)s is new."),
        "value.removed": _("The value %(name)s is gone."),
        "bound.changed": _("%(name)s was %(before)s and is %(after)s."),
        "bound.tightened": _("%(name)s is stricter: %(before)s → %(after)s."),
        "bound.loosened": _("%(name)s is less strict: %(before)s → %(after)s."),
        "alternative.added": _("The alternative %(name)s is new."),
        "alternative.removed": _("The alternative %(name)s is gone."),
        "extra.refused": _("Fields that are not described are refused now."),
        "extra.allowed": _("Fields that are not described are allowed now."),
    }
)
_ASKED = _("A request that was right may be refused.")
_PROMISED = _("An answer may not be what programs were written for.")
_WHY: Mapping[str, Promise] = MappingProxyType(
    {
        "operation.removed": _("Calls of it are answered with 404 or 405."),
        "access.closed": _("Calls without a token are refused."),
        "access.certificate": _("Calls without a certificate are refused."),
        "scope.added": _("Tokens that lack the scope are refused."),
        "response.removed": _PROMISED,
        "header.removed": _PROMISED,
    }
)

_NAMED = 3  # operations of a change that are named on a page


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change as design/changes.html shows it: the first few `operations` with the addresses of their pages ("" for
    none); `more` counts the others."""

    what: str
    why: str
    place: str
    is_breaking: bool
    operations: tuple[tuple[str, str], ...]
    more: int


def told(changes: Iterable[Change], addresses: Mapping[str, str] | None = None) -> list[ToldChange]:
    """In the reader's language. `addresses`: operation ("GET /accounts") to its page."""
    pages = addresses or {}
    return [
        ToldChange(
            what_changed(change),
            why_it_breaks(change),
            change.place,
            change.is_breaking,
            tuple((name, pages.get(name, "")) for name in change.operations[:_NAMED]),
            max(0, len(change.operations) - _NAMED),
        )
        for change in changes
    ]


def what_changed(change: Change) -> str:
    """A sentence in the reader's language."""
    words = {"name": change.name, "before": change.before or "-", "after": change.after or "-"}
    return str(WHAT[change.code]) % words


def why_it_breaks(change: Change) -> str:
    """A sentence; "" for what breaks nothing."""
    if not change.is_breaking:
        return ""
    return str(_WHY.get(change.code) or (_PROMISED if change.direction == RESPONSE else _ASKED))
