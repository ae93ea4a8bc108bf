"""What a call record's refusal code means, in the sentence that the caller got: for pages and the API alike."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS

# The gateway fills in a value of the call here, which the sentence is whole without: " (%METADATA(ROUTE:a:b)%)".
_FILLED_IN = re.compile(r" \(%[^%]+%\)")
_SENTENCES: Mapping[str, str] = MappingProxyType(
    {refusal.code: _FILLED_IN.sub("", refusal.message) for refusal in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL)}
)


def refusal_sentence(code: str) -> str:
    """What happened and what to do next; "" for a call that the gateway did not refuse."""
    return _SENTENCES.get(code, "The gateway refused the call.") if code else ""
