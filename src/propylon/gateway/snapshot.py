"""What the compiler gives out: one text per watched file, each with its version."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

# In the order in which a node moves them into place: a route to an unknown cluster would answer 503.
CONFIGURATION_KINDS = ("trust", "cds", "jwt", "limits", "rds", "lds")
MARKS_KIND = "marks"  # the recent marks, and all source ranges
SETTLED_KIND = "settled"  # the bulk of the marks: gateway.layers
BINARY_KINDS = frozenset({"rds", MARKS_KIND, SETTLED_KIND})  # the large ones: gateway.wire


@dataclass(frozen=True, slots=True)
class Resource:
    """`text` is a whole Envoy DiscoveryResponse whose version_info is `version` (hash of the content): in JSON, or for
    BINARY_KINDS in base64 of protobuf's binary form."""

    kind: str
    version: str
    text: str

    @staticmethod
    def of(kind: str, version: str, content: bytes) -> Resource:
        """`content`: what lies in the watched file."""
        text = base64.b64encode(content).decode() if kind in BINARY_KINDS else content.decode()
        return Resource(kind, version, text)

    @property
    def content(self) -> bytes:
        """What lies in the watched file. What is not base64 stays as it is: Envoy refuses it, with its own words."""
        if self.kind in BINARY_KINDS:
            with suppress(ValueError):
                return base64.b64decode(self.text, validate=True)
        return self.text.encode()


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
