"""Where keys of clients may be fetched beside public addresses: the operator's own list."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_network

_MOST = 50


def read_ranges(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """From "10.1.0.0/16, fd00::/8"."""
    entries = [each for each in (part.strip() for part in text.split(",")) if each]
    if len(entries) > _MOST:
        raise ValueError(f"PROPYLON_KEY_RANGES has more than {_MOST} ranges")
    try:
        return tuple(ip_network(each) for each in entries)
    except ValueError as error:
        raise ValueError(f"PROPYLON_KEY_RANGES: {error}; give ranges such as 10.1.0.0/16, fd00::/8") from None
