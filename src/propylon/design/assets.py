"""Addresses of static files: each carries the hash of its content, so that browsers may keep it for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders


@cache
def asset_url(path: str) -> str:
    """`/static/design/design.css?v=1f3a…`. Raises FileNotFoundError for a file that no installed package has."""
    found = finders.find(path)
    if found is None:
        raise FileNotFoundError(path)
    digest = hashlib.sha256(Path(found).read_bytes()).hexdigest()[:12]
    return f"{settings.STATIC_URL}{path}?v={digest}"
