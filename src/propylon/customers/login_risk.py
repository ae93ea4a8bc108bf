"""When a login is unusual, so that more is asked of whoever knows the password (FEATURES O9). Pure: one rule.

| the customer | this browser | this network | unusual |
|---|---|---|---|
| is a published sandbox identity | any | any | no: everybody may be it |
| has never logged in here | any | any | no: there is nothing to compare with |
| has | known | known | no |
| has | unknown | any | yes |
| has | known | unknown | yes |

An unusual login needs the second step, where the customer has one, and is told to the customer by mail.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

_IPV4_BITS, _IPV6_BITS = 24, 48  # what a provider gives to one place: a new address in it is no news


@dataclass(frozen=True, slots=True)
class Place:
    """A browser that a customer has logged in with, and the network it was in. `device`: a digest."""

    device: str
    network: str


def is_unusual(here: Place, before: Collection[Place], *, is_sandbox_identity: bool) -> bool:
    """`before`: where this customer has logged in and, where it was asked for, taken the second step."""
    if is_sandbox_identity or not before:
        return False
    is_known_device = any(each.device == here.device for each in before)
    is_known_network = any(each.network == here.network for each in before)
    return not (is_known_device and is_known_network)


def network_of(address: str) -> str:
    """`192.0.2.0/24`, `2001:db8:1::/48`; "" for what is no address, which is one network, too."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    return str(ip_network((found, _IPV4_BITS if found.version == 4 else _IPV6_BITS), strict=False))
