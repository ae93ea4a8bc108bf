"""What must act at once, as the gateway sees it: exact matches, never a comparison of times.

Each kind names the request header that `jwt_authn` fills from a claim of the verified token (or the gateway from the
connection); a token is refused when that header equals the mark's value.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

MARK_KINDS = MappingProxyType(
    {
        # kind: (header, claim, what the value looks like)
        "client": ("x-propylon-client-generation", "cgn", "<client_id>.<generation>"),
        "grant": ("x-propylon-grant-generation", "ggn", "<grant_id>.<generation>"),
        "token": ("x-propylon-jti", "jti", "<jti>"),
        "certificate": ("x-propylon-certificate", "", "<SHA-256 of the DER, hex> of the connection's certificate"),
    }
)


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
