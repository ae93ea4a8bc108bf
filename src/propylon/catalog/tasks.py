"""What the worker does for the catalogue."""

from __future__ import annotations

from propylon.catalog.actions import end_versions, forget_drafts, write_mocks
from propylon.kernel.periodic import Periodic

# At its start, and then as a repair: a commit whose process was killed before it wrote, a folder that was restored.
PERIODIC = (
    Periodic("catalog.write_mocks", 300, write_mocks),
    Periodic("catalog.end_versions", 30, end_versions),
    Periodic("catalog.forget_drafts", 3_600, forget_drafts),
)
