"""Which refusals of the gateway a call of an operation can meet."""

from __future__ import annotations

import re
from dataclasses import dataclass

from propylon.design.refusal_words import in_words
from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS, Refusal
from propylon.portal.catalogue.subject import Entry

_VARIABLE = re.compile(r" \(%[^%]*%\)")
_ONLY_WITH_BODY = frozenset({"gateway.body.too_large"})
_ONLY_GET = frozenset({"gateway.url.too_long"})
_NOT_OF_AN_OPERATION = frozenset({"gateway.path.unknown", "gateway.method.refused", "gateway.host.unknown"})
_BODY_METHODS = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class GatewayError:
    """`is_transient`: the same request may succeed later."""

    code: str
    status: int
    message: str
    is_transient: bool
    tpp_code: str


ERROR_EXAMPLE = """{
  "code": "gateway.token.expired",
  "message": "The access token has expired. Ask the token endpoint for a new one.",
  "trackingId": "8e0f2c1a-5b7d-4f0e-9a63-2f1d7c9b4e55",
  "transient": "false",
  "errors": []
}"""


def gateway_errors() -> list[GatewayError]:
    """Every refusal of the gateway, by status."""
    return sorted(map(_error, (*REFUSALS, OTHER_REFUSAL, OTHER_FAULT)), key=lambda each: (each.status, each.code))


def errors_of(entry: Entry) -> list[GatewayError]:
    return [each for each in gateway_errors() if _can_meet(entry, each.code)]


def _can_meet(entry: Entry, code: str) -> bool:
    if code in _NOT_OF_AN_OPERATION:
        return False
    if entry.is_public and code.startswith(("gateway.token.", "gateway.scope.", "gateway.source.")):
        return False
    if code in _ONLY_WITH_BODY:
        return entry.method in _BODY_METHODS
    return code not in _ONLY_GET or entry.method in {"GET", "HEAD"}


def _error(row: Refusal) -> GatewayError:
    return GatewayError(row.code, row.status, in_words(_VARIABLE.sub("", row.message)), row.transient, row.tpp_code)
