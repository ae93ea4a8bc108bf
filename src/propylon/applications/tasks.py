"""What the worker does for applications."""

from __future__ import annotations

from propylon.applications.actions import tell_version_news
from propylon.kernel.periodic import Periodic


def _tell_version_news() -> None:
    tell_version_news()


PERIODIC = (Periodic("applications.tell_version_news", 10, _tell_version_news),)
