"""`make screenshots`: every page in both sizes and themes, for looking; and README's pictures.

Writes build/screenshots/<size>-<theme>/<page>.png, a contact sheet for each, and docs/images/.
`--only TEXT` takes the pages whose name contains it.
"""

from __future__ import annotations

import html
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import logging
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

import click
from playwright.sync_api import Page, sync_playwright

from browser.pages import PAGES, PICTURES, PRESSED, Entry
from browser.person import SCREENSHOTS, SIZES, TO_PICTURE_MS, People, Person, Size, people_of
from browser.staged_system import staged_system
from browser.web_session import CONFIRM

THEMES = ("light", "dark")
IMAGES = Path(__file__).parents[2] / "docs" / "images"
LARGEST_PICTURE = 150 * 1024
THUMBNAIL = {"desktop": 460, "telephone": 190}  # pixels wide on the contact sheet


@click.command()
@click.option("--only", default="", help="Pages whose name contains this.")
def main(only: str) -> None:
    import django

    os.environ.setdefault("PROPYLON_HOME", str(SCREENSHOTS.parent / "no-home"))
    django.setup()
    logging.disable(logging.INFO)
    entries = [each for each in PAGES if only in each.title]
    with staged_system() as (system, things), sync_playwright() as playwright, people_of(system, playwright) as people:
        wrong = take_all(people, entries, things)
        for size in SIZES:
            for theme in THEMES:
                contact_sheet(people, entries, size, theme)
    print(f"{len(entries)} pages: {SCREENSHOTS}")
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        sys.exit(1)


def take_all(people: People, entries: list[Entry], things: dict[str, str]) -> list[str]:
    """Pictures of every page; what went wrong, in sentences."""
    wrong = []
    for size in SIZES:
        known: dict[str, Person] = {}
        for entry in entries:
            if entry.role not in known:
                known[entry.role] = people.sign_in(entry.role, size=size) if entry.role else people.visitor(size=size)
            known[entry.role].carries(entry.cookies_of(things))
            try:
                open_page(people, known[entry.role], entry, entry.address(things))
            except AssertionError as error:
                wrong.append(f"{entry.title}: {error}")
                known[entry.role].watch.problems.clear()
            take(known[entry.role], entry, size)
    return wrong


def open_page(people: People, person: Person, entry: Entry, address: str) -> None:
    person.goes_to(address, status=entry.status)
    if person.watch.visit.path == CONFIRM != address:
        people.session(entry.role).confirm()
        person.goes_to(address, status=entry.status)


def take(person: Person, entry: Entry, size: Size) -> None:
    for theme in THEMES:
        person.page.emulate_media(color_scheme=theme)
        person.screenshot(f"{size}-{theme}/{entry.title}")
        if size == "desktop" and PICTURES.get(entry.title) == theme:
            picture(person.page, entry.title)


def picture(page: Page, name: str) -> None:
    """What README shows: the part that a person sees first, small enough for a page."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    page.set_viewport_size({"width": 1200, "height": 750})
    if name in PRESSED:
        button, brought = PRESSED[name]
        page.get_by_role("button", name=button).click()
        page.locator(brought).evaluate("e => { e.scrollIntoView(); window.scrollBy(0, -100); }")
    file = IMAGES / f"{name}.png"
    page.screenshot(path=file, animations="disabled", timeout=TO_PICTURE_MS)
    page.set_viewport_size(SIZES["desktop"])
    assert file.stat().st_size < LARGEST_PICTURE, f"{file.name} has {file.stat().st_size // 1024} KB"


def contact_sheet(people: People, entries: list[Entry], size: Size, theme: str) -> None:
    folder, width = SCREENSHOTS / f"{size}-{theme}", THUMBNAIL[size]
    figures = "".join(
        f'<figure><img src="{each}.png" width="{width}"><figcaption>{html.escape(each)}</figcaption></figure>'
        for each in (entry.title for entry in entries)
    )
    style = (
        f"body{{font:12px sans-serif;display:flex;flex-wrap:wrap;gap:12px;margin:12px;background:#bbb}}"
        f"figure{{margin:0;width:{width}px}}figcaption{{overflow-wrap:anywhere}}"
        f"img{{display:block;max-height:{width * 2}px;object-fit:cover;object-position:top}}"
    )
    sheet = folder / "index.html"
    sheet.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style>{figures}")
    page = people.browser.new_page(viewport={"width": 1920, "height": 1000})
    page.goto(sheet.as_uri(), wait_until="load")
    page.screenshot(path=folder.with_suffix(".jpg"), type="jpeg", quality=70, full_page=True)
    page.close()


if __name__ == "__main__":
    main()
