"""`x-propylon-access` of an operation: what a call must bring beside its scopes, as the document's author says it.

```yaml
x-propylon-access:
  requiresCertificate: true       # a client certificate, on the mutual-TLS address
  requiresBinding: true           # a token that is bound to a certificate or a key
  psd2Roles: [PSP_AI, PSP_PI]     # one of these roles of ETSI TS 119 495
  acrValues: [urn:bank:sca]       # the customer was authenticated in one of these ways (RFC 9470)
  maxAge: 900                     # and not longer ago than so many seconds
```

It can only ask for more. That an operation is open to everybody is the operator's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

EXTENSION = "x-propylon-access"
PSD2_ROLES = ("PSP_AS", "PSP_PI", "PSP_AI", "PSP_IC")  # ETSI TS 119 495 section 4.1
AGES = range(60, 31_536_001)  # seconds: consent alone takes a customer most of a minute; a year
_ACR = re.compile(r"^[!#-\[\]-~]{1,120}$")


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) and item for item in value)


def _is_age(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value in AGES


@dataclass(frozen=True, slots=True)
class _Member:
    """What the extension may have: the field of `AccessRules` that it fills, and what its value must be."""

    field: str
    fits: Callable[[Any], bool]
    demand: str


_FLAG, _TEXTS = "is true or false", "is a list of texts"
_MEMBERS: Mapping[str, _Member] = MappingProxyType(
    {
        "requiresCertificate": _Member("requires_certificate", _is_flag, _FLAG),
        "requiresBinding": _Member("requires_binding", _is_flag, _FLAG),
        "psd2Roles": _Member("psd2_roles", _are_texts, _TEXTS),
        "acrValues": _Member("acr_values", _are_texts, _TEXTS),
        "maxAge": _Member("max_age", _is_age, f"is a whole number of seconds from {AGES[0]} to {AGES[-1]}"),
    }
)


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Of an operation; a list names what is enough, one of it."""

    requires_certificate: bool = False
    requires_binding: bool = False
    psd2_roles: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()
    max_age: int = 0


NO_RULES = AccessRules()


def is_acr(text: str) -> bool:
    """Can it be one of RFC 9470's acr_values? It stands in a header, between quotes, with spaces around it."""
    return _ACR.fullmatch(text) is not None


def access_rules(operation: dict[str, Any], place: str, wrong: Callable[[str, str], None]) -> AccessRules:
    """What the operation's extension says; `wrong` is told each mistake with its place."""
    given = operation.get(EXTENSION)
    if given is None:
        return NO_RULES
    where = f"{place}/{EXTENSION}"
    if not isinstance(given, dict):
        wrong(where, f"is an object with some of {', '.join(_MEMBERS)}")
        return NO_RULES
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name not in _MEMBERS:
            wrong(f"{where}/{name}", f"is not known; there are {', '.join(_MEMBERS)}")
            continue
        member = _MEMBERS[name]
        if member.fits(value):
            found[member.field] = tuple(value) if isinstance(value, list) else value
        else:
            wrong(f"{where}/{name}", member.demand)
    if unknown := sorted(set(found.get("psd2_roles", ())) - set(PSD2_ROLES)):
        wrong(f"{where}/psd2Roles", f"has {', '.join(unknown)}; the roles are {', '.join(PSD2_ROLES)}")
    if not all(map(is_acr, found.get("acr_values", ()))):
        wrong(f"{where}/acrValues", "has a value that is not 1 to 120 visible characters without quotes")
    return AccessRules(**found)
