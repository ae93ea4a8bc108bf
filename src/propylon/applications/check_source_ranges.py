"""Source ranges as people type them: checked, and brought into the one form that is stored."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from propylon.kernel.errors import FieldError

MOST = 100


def check_source_ranges(texts: Sequence[str]) -> tuple[tuple[str, ...], list[FieldError]]:
    """The ranges as canonical CIDR, sorted, each once; and every mistake with its place. Pure.

    A single address becomes a range of one. An address with bits set beyond its prefix is a mistake: who writes
    192.0.2.77/24 may have meant one machine or 256.
    """
    found: set[str] = set()
    errors: list[FieldError] = []
    for place, text in enumerate(texts):
        try:
            network = ipaddress.ip_network(text.strip())
        except ValueError as problem:
            errors.append(FieldError(f"source_ranges.{place}", "body", f"{text.strip()[:60]!r}: {_words(problem)}"))
            continue
        if network.prefixlen == 0:
            errors.append(FieldError(f"source_ranges.{place}", "body", "every address; list none instead"))
            continue
        found.add(str(network))
    if len(texts) > MOST:
        errors.append(FieldError("source_ranges", "body", f"more than {MOST} ranges"))
    return tuple(sorted(found)), errors


def _words(problem: ValueError) -> str:
    if "host bits" in str(problem):
        return "has bits set beyond its prefix; write the network's first address"
    return "not an IPv4 or IPv6 range such as 192.0.2.0/24 or 2001:db8::/32"
