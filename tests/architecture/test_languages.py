"""Every language says all that the pages say, with the same places filled in; `make messages` collects the words."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.test.utils import override_settings

import propylon

PACKAGE = Path(propylon.__file__).parent
LOCALE = PACKAGE / "project" / "locale"
LANGUAGES = sorted(file.parts[-3] for file in LOCALE.glob("*/LC_MESSAGES/django.po"))
PLACES = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAGS = re.compile(r"</?[a-z][^<>]*=[^<>]*>|</?(?:strong|code|em|a|br)>")


def read(locale: Path, language: str) -> Catalog:
    with (locale / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file)


def pairs(message: Message) -> Iterator[tuple[str, str]]:
    """English and translated, one or one per plural form."""
    english = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    translated = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    for at, words in enumerate(translated):
        yield english[min(at, len(english) - 1)], words or ""


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locale folder as `make messages` would leave it; the collecting writes beside templates, so in a copy."""
    copy = tmp_path_factory.mktemp("words") / "propylon"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "static", "*.mo"))
    locale = copy / "project" / "locale"
    with pytest.MonkeyPatch.context() as patch, override_settings(LOCALE_PATHS=[locale]):
        patch.chdir(copy)
        call_command("makemessages", locale=LANGUAGES, no_wrap=True, no_obsolete=True, add_location="file", verbosity=0)
    return locale


def test_every_language_offered_has_a_file_and_no_other() -> None:
    assert set(LANGUAGES) == {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str, collected: Path) -> None:
    lacking = [
        english
        for message in read(collected, language)
        for english, words in pairs(message)
        if message.id and (message.fuzzy or not words)
    ]
    assert lacking == [], f"{len(lacking)} to translate: `make messages`, then fill each msgstr of {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_the_places_and_tags_of_the_english(language: str) -> None:
    different = [
        (english, words)
        for message in read(LOCALE, language)
        for english, words in pairs(message)
        if message.id and any(set(part.findall(english)) != set(part.findall(words)) for part in (PLACES, TAGS))
    ]
    assert different == []


class _Words(HTMLParser):
    """What a reader of the page meets: text and the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: set[str] = set()
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "html":
            self.language = named.get("lang") or ""
        self.said |= {(named.get(name) or "").strip() for name in ("aria-label", "alt", "title", "placeholder")}

    def handle_data(self, data: str) -> None:
        self.said.add(" ".join(data.split()))


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/products", "/sign-in", "/sign-up", "/getting-started"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_speaks_the_language_that_was_chosen(client: Client, path: str, language: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    page = _Words()
    page.feed(client.get(path).content.decode())
    translated = dict(pair for message in read(LOCALE, language) for pair in pairs(message) if message.id)
    assert page.language == language
    assert len(page.said & set(translated.values())) > 10
    assert {words for words in page.said if translated.get(words, words) != words} == set()
