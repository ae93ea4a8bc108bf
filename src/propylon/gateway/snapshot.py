"""What the compiler gives out: one text per watched file, each with its version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# In the order in which a node moves them into place: a route to an unknown cluster would answer 503.
CONFIGURATION_KINDS = ("trust", "cds", "jwt", "limits", "rds", "lds")
MARKS_KIND = "marks"  # the recent marks, and all source ranges
SETTLED_KIND = "settled"  # the bulk of the marks: gateway.layers


@dataclass(frozen=True, slots=True)
class Resource:
    """`text` is a whole Envoy DiscoveryResponse in JSON whose version_info is `version` (hash of the content)."""

    kind: str
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """A mistake in the model, with its place; the thing it names is left out of the snapshot."""

    place: str  # "products/accounts/v1/operations/getAccount"
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A compiled configuration. `version` is the hash over all its resources."""

    version: str
    resources: Mapping[str, Resource]  # by kind
    diagnostics: tuple[Diagnostic, ...] = ()
