"""One change between two documents, and which changes break a program that was written for the first of them.

A change breaks if a caller that does everything right by the old document may be refused by the new version, or may
receive what the old document did not announce. In a request that is what is asked more strictly, in a response what is
promised less strictly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

REQUEST, RESPONSE = "request", "response"
_BOTH, _NONE = frozenset({REQUEST, RESPONSE}), frozenset[str]()
_ASKED, _PROMISED = frozenset({REQUEST}), frozenset({RESPONSE})

# Code: where it breaks. What lies in no direction (an operation, its scopes) counts as asked.
BREAKS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "operation.added": _NONE,
        "operation.removed": _BOTH,
        "operation.deprecated": _NONE,
        "operation.revived": _NONE,
        "operation.renamed": _NONE,
        "operation.described": _NONE,
        # What an operator decides beside the document.
        "access.closed": _BOTH,
        "access.opened": _NONE,
        "access.certificate": _BOTH,
        "access.no_certificate": _NONE,
        "scope.added": _BOTH,
        "scope.removed": _NONE,
        "parameter.added": _NONE,
        "parameter.added_required": _BOTH,
        "parameter.removed": _BOTH,
        "parameter.required": _BOTH,
        "parameter.optional": _NONE,
        "body.added": _NONE,
        "body.added_required": _BOTH,
        "body.removed": _BOTH,
        "body.required": _BOTH,
        "body.optional": _NONE,
        "response.added": _NONE,
        "response.removed": _BOTH,
        "content.added": _NONE,
        "content.removed": _BOTH,
        "header.added": _NONE,
        "header.removed": _BOTH,
        "property.added": _NONE,
        "property.added_required": _ASKED,
        "property.removed": _BOTH,
        "property.required": _ASKED,
        "property.optional": _PROMISED,
        "type.changed": _BOTH,
        "type.widened": _PROMISED,
        "type.narrowed": _ASKED,
        "null.added": _PROMISED,
        "null.removed": _ASKED,
        "value.added": _PROMISED,
        "value.removed": _ASKED,
        "bound.changed": _BOTH,
        "bound.tightened": _ASKED,
        "bound.loosened": _PROMISED,
        "alternative.added": _PROMISED,
        "alternative.removed": _ASKED,
        "extra.refused": _ASKED,
        "extra.allowed": _NONE,
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """`place` is a JSON pointer into the new document, or into the old one for what is gone.

    `name` is the parameter, property, scope, status or bound; `before` and `after` are short words of both sides, ""
    where there is none. `operations` are those that it reaches ("GET /accounts"), as the new document names them, and
    as the old one does for what is gone. `direction` is request, response or "".
    """

    code: str
    place: str
    name: str = ""
    before: str = ""
    after: str = ""
    direction: str = ""
    operations: tuple[str, ...] = ()

    @property
    def is_breaking(self) -> bool:
        return (self.direction or REQUEST) in BREAKS[self.code]


def merged(found: Iterable[tuple[str, Change]]) -> tuple[Change, ...]:
    """Each change once, with all the operations it was met under. Of one that lies in a request and in a response, that
    which breaks is told."""
    kept: dict[tuple[str, ...], Change] = {}
    operations: dict[tuple[str, ...], dict[str, None]] = {}
    for operation, change in found:
        key = (change.code, change.place, change.name, change.before, change.after)
        operations.setdefault(key, {})[operation] = None
        known = kept.get(key)
        if known is None or (change.is_breaking and not known.is_breaking):
            kept[key] = change
    return tuple(replace(change, operations=tuple(operations[key])) for key, change in kept.items())
