"""`x-propylon-access` of an operation: what a call must bring beside its scopes, as the document's author says it.

```yaml
x-propylon-access:
  requiresCertificate: true       # a client certificate, on the mutual-TLS address
  requiresBinding: true           # a token that is bound to a certificate or a key
  psd2Roles: [PSP_AI, PSP_PI]     # one of these roles of ETSI TS 119 495
  acrValues: [urn:bank:sca]       # the customer was authenticated in one of these ways (RFC 9470)
```

It can only ask for more. That an operation is open to everybody is the operator's to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXTENSION = "x-propylon-access"
PSD2_ROLES = ("PSP_AS", "PSP_PI", "PSP_AI", "PSP_IC")  # ETSI TS 119 495 section 4.1
_ACR = re.compile(r"^[!#-\[\]-~]{1,120}$")
_FLAGS = {"requiresCertificate": "requires_certificate", "requiresBinding": "requires_binding"}
_LISTS = {"psd2Roles": "psd2_roles", "acrValues": "acr_values"}


@dataclass(frozen=True, slots=True)
class AccessRules:
    """Of an operation; a list names what is enough, one of it."""

    requires_certificate: bool = False
    requires_binding: bool = False
    psd2_roles: tuple[str, ...] = ()
    acr_values: tuple[str, ...] = ()


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
        wrong(where, f"is an object with some of {', '.join((*_FLAGS, *_LISTS))}")
        return NO_RULES
    found: dict[str, Any] = {}
    for name, value in given.items():
        if name in _FLAGS and isinstance(value, bool):
            found[_FLAGS[name]] = value
        elif name in _LISTS and isinstance(value, list) and all(isinstance(item, str) and item for item in value):
            found[_LISTS[name]] = tuple(value)
        elif name in _FLAGS:
            wrong(f"{where}/{name}", "is true or false")
        elif name in _LISTS:
            wrong(f"{where}/{name}", "is a list of texts")
        else:
            wrong(f"{where}/{name}", f"is not known; there are {', '.join((*_FLAGS, *_LISTS))}")
    if unknown := sorted(set(found.get("psd2_roles", ())) - set(PSD2_ROLES)):
        wrong(f"{where}/psd2Roles", f"has {', '.join(unknown)}; the roles are {', '.join(PSD2_ROLES)}")
    if not all(map(is_acr, found.get("acr_values", ()))):
        wrong(f"{where}/acrValues", "has a value that is not 1 to 120 visible characters without quotes")
    return AccessRules(**found)
