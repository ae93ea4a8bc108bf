"""RequestTrackingId: a UUID of ours on every request, response, error and log line (FEATURES G1)."""

from __future__ import annotations

import re

TRACKING_HEADER = "RequestTrackingId"
TRACKING_ID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")


def is_tracking_id(text: str) -> bool:
    """True for a lower-case UUID in its 36-character form."""
    return bool(TRACKING_ID.match(text))
