"""What must act at once, as the gateway sees it: exact matches, never a comparison of times.

Most kinds name a request header that `jwt_authn` fills from a claim of the verified token (or the gateway from the
connection); a call is refused when that header equals the mark's value. A kind without a header is about the route:
what is published there, and where.

What is done, and the mark that it places:

| deed | kind |
|---|---|
| key replaced, application deleted or rejected, subscription ended, source range narrowed, plan changed | client |
| consent withdrawn, refresh token used twice | grant |
| token revoked (RFC 7009) | token |
| certificate revoked | certificate |
| customer blocked | subject |
| kill switch | product, environment, organization |
| metered quota spent | quota_day, quota_month |
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from propylon.kernel.token_claims import CLAIM_HEADERS


@dataclass(frozen=True, slots=True)
class MarkKind:
    """`details`: what Envoy's RESPONSE_CODE_DETAILS call the refusal. `is_lifted`: somebody, or the calendar, takes it
    away again while it would still refuse; so it is never settled (gateway.layers), and gone as fast as it came."""

    header: str  # "": of the route
    value: str  # what it looks like
    details: str
    is_lifted: bool = False


MARK_KINDS = MappingProxyType(
    {
        "certificate": MarkKind(
            "x-propylon-certificate",
            "<SHA-256 of the DER in lower-case hex>, of the connection's certificate",
            "revoked.certificate",
        ),
        "client": MarkKind(CLAIM_HEADERS["cgn"], "<client id>.<generation>", "revoked.client"),
        "grant": MarkKind(CLAIM_HEADERS["ggn"], "<grant id>.<generation>", "revoked.grant"),
        "token": MarkKind(CLAIM_HEADERS["jti"], "<jti>", "revoked.token"),
        "subject": MarkKind(CLAIM_HEADERS["sub"], "<subject of the tokens>", "revoked.subject", is_lifted=True),
        "environment": MarkKind("", "<environment>", "stopped.environment", is_lifted=True),
        "product": MarkKind("", "<product>, or <product>@<environment>", "stopped.product", is_lifted=True),
        "organization": MarkKind(
            CLAIM_HEADERS["org"], "<public id of the organization>", "stopped.organization", is_lifted=True
        ),
        "quota_day": MarkKind(CLAIM_HEADERS["client_id"], "<client id>", "spent.day", is_lifted=True),
        "quota_month": MarkKind(CLAIM_HEADERS["client_id"], "<client id>", "spent.month", is_lifted=True),
    }
)
LIFTED_KINDS = tuple(kind for kind, row in MARK_KINDS.items() if row.is_lifted)


@dataclass(frozen=True, slots=True, order=True)
class GatewayMark:
    kind: str  # a key of MARK_KINDS
    value: str


@dataclass(frozen=True, slots=True, order=True)
class ClientSourceRanges:
    """A client that has source ranges: calls from any other address are refused."""

    client_id: str
    ranges: tuple[str, ...]  # canonical CIDR


@dataclass(frozen=True, slots=True)
class Enforcement:
    """Everything of the `marks` resource: recent marks (gateway.layers), and from where each client may call."""

    marks: tuple[GatewayMark, ...] = ()
    source_ranges: tuple[ClientSourceRanges, ...] = ()
