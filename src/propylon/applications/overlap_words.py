"""How long the old client secret works, in words."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Names of `propylon.applications.overlaps`.
OVERLAP_WORDS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "none": _("The old secret ended at once"),
        "1h": _("The old secret worked for one more hour"),
        "24h": _("The old secret worked for 24 more hours"),
        "7d": _("The old secret worked for 7 more days"),
    }
)


def overlap_words(name: str) -> str:
    """Empty for a request that was not approved."""
    return str(OVERLAP_WORDS.get(name, ""))
