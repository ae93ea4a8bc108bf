"""Lines of a call log, as a gateway writes them."""

from __future__ import annotations

from collections.abc import Mapping

from propylon.gateway.call_log import FIELDS, LINE_MARK


def call_line(call: Mapping[str, object]) -> bytes:
    """Fields by key; what is missing or None is not known."""
    unknown = set(call) - set(FIELDS)
    assert not unknown, unknown
    values = ["-" if call.get(key) is None else str(call[key]) for key in FIELDS]
    return ("\t".join([LINE_MARK, *values]) + "\n").encode()
