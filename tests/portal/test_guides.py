"""Guides in other languages say what the English ones say: the same places, commands, tables and links."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client as Browser

from management import Program
from propylon.portal import home
from propylon.portal.home.guides import ORDER, Guide, guides

FOLDER = Path(home.__file__).parent / "guides"
OTHERS = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
FENCE = re.compile(r"^```(\S+)[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)


def shape(guide: Guide) -> dict[str, object]:
    """What a translation must not change."""
    prose = FENCE.sub("", guide.text)
    return {
        "places": sorted(re.findall(r"\{\{\w+\}\}", guide.text)),
        "commands": FENCE.findall(guide.text),
        "headings": re.findall(r"^#+", prose, re.MULTILINE),
        "rows": len(re.findall(r"^\|", prose, re.MULTILINE)),
        "items": len(re.findall(r"^(?:-|\d\.) ", prose, re.MULTILINE)),
        "links": re.findall(r"\]\(([^)]+)\)", prose),
        "code": sorted(re.findall(r"`[^`\n]+`", prose)),
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_guide_is_there_in_every_language(language: str) -> None:
    assert sorted(file.stem for file in (FOLDER / language).glob("*.md")) == sorted(ORDER)


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("at", range(len(ORDER)), ids=ORDER)
def test_a_translation_keeps_places_commands_tables_and_links(language: str, at: int) -> None:
    english, translated = guides(settings.LANGUAGE_CODE)[at], guides(language)[at]
    assert shape(translated) == shape(english)
    assert translated.title != english.title
    assert translated.summary != english.summary


def test_a_language_without_guides_reads_the_english_ones() -> None:
    assert [each.title for each in guides("fi")] == [each.title for each in guides("en")]


def test_a_swedish_reader_gets_the_swedish_guide_filled_in(program: Program) -> None:
    html = Browser(headers={"accept-language": "sv"}).get("/guides/principles", secure=True).content.decode()
    assert "Allmänna principer" in html
    assert "https://localhost:8443/sandbox" in html
    assert ">miljö</th>" in html
    assert "{{" not in html
