"""How long the old client secret works beside the new one: what the operator chooses from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from propylon.kernel.errors import FieldError

NO_OVERLAP = "none"
USUAL_OVERLAP = "24h"
OVERLAPS: Mapping[str, timedelta] = MappingProxyType(
    {
        NO_OVERLAP: timedelta(0),
        "1h": timedelta(hours=1),
        "24h": timedelta(hours=24),
        "7d": timedelta(days=7),
    }
)


def check_overlap(name: str) -> list[FieldError]:
    """Every mistake in the chosen overlap."""
    return [] if name in OVERLAPS else [FieldError("overlap", "body", f"must be one of {', '.join(OVERLAPS)}")]
