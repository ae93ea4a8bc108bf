"""How long the old client secret works, in words."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Names of `propylon.applications.overlaps`.
OVERLAP_WORDS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        "none": _("The old secret ended at once"),
        "1h": _("The old secret works for one hour longer"),
        "24h": _("The old secret works for 24 hours longer"),
        "7d": _("The old secret works for 7 days longer"),
    }
)


def overlap_words(name: str) -> str:
    """Empty for a request that was not approved."""
    return str(OVERLAP_WORDS.get(name, ""))
