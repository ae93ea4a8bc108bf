"""Which terms and conditions are in force (FEATURES P7)."""

from __future__ import annotations

TERMS_VERSION = "2026-11"  # of the text at /terms; a new text gets a new version
