"""The name of a service account: `svcPartnerNameV01`, the CN of the client's certificate (FEATURES C2)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_LONGEST = 40  # a CN takes 64 characters, RFC 5280 appendix A


def service_account_name(organization_name: str, taken: Collection[str]) -> str:
    """The first free one. Names of deleted applications stay taken: their certificates carry them. Pure."""
    stem = service_account_stem(organization_name)
    number = 1
    while f"{stem}{number:02d}" in taken:
        number += 1
    return f"{stem}{number:02d}"


def service_account_stem(organization_name: str) -> str:
    """What every name of this organization's service accounts begins with."""
    return f"svc{_camel(organization_name) or 'Partner'}V"


def _camel(text: str) -> str:
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[A-Za-z0-9]+", ascii_text)
    return "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST]
