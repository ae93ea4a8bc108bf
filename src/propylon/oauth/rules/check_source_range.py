"""Token requests come from the client's source ranges, if it has any (FEATURES C2)."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import OAuthError


def check_source_range(attempt: TokenAttempt) -> None:
    ranges = attempt.client.source_ranges
    if not ranges:
        return
    address = _parsed(attempt.source_address)
    if address is None or not any(address in network for network in ranges):
        raise OAuthError(
            "unauthorized_client",
            "This address is not in the source ranges of the client. Ask your organization to add it.",
            detail=f"source address {attempt.source_address or 'unknown'}",
        )


@lru_cache(maxsize=4096)
def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """An IPv4 address that arrived on an IPv6 socket is its IPv4 self."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
