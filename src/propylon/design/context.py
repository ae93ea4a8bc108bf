"""What the shell of every page needs to know."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language, get_language_bidi

from propylon.design.preferences import THEME_COOKIE, THEMES
from propylon.kernel.tracking import TRACKING_HEADER


@dataclass(frozen=True, slots=True)
class PageFacts:
    """`theme` is "light", "dark" or "" (as the system); `here` is the address to come back to."""

    language: str
    direction: str
    theme: str
    here: str
    tracking_id: str
    languages: tuple[tuple[str, str], ...]


def page_facts(request: HttpRequest) -> dict[str, PageFacts]:
    """The context processor: `page` in every template."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "page": PageFacts(
            language=get_language() or settings.LANGUAGE_CODE,
            direction="rtl" if get_language_bidi() else "ltr",
            theme=theme if theme in THEMES else "",
            here=request.get_full_path() if request.method in {"GET", "HEAD"} else request.path,
            tracking_id=request.headers.get(TRACKING_HEADER, ""),
            languages=tuple(settings.LANGUAGES),
        )
    }
