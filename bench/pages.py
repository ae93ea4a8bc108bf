"""Server time and size of every page, with ten thousand applications and a thousand products. `python bench/pages.py`.

Times are those of plain HTTP through the gateway, one request after the other on an open connection, so they include
Envoy and this program's own reading. Sizes are what Chromium fetches with an empty cache, with styles, scripts, fonts.
"""

from __future__ import annotations

import logging
import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "propylon.project.settings")

from playwright.sync_api import sync_playwright

from browser.pages import PAGES, Entry
from browser.person import People, Person, people_of
from browser.staged_system import staged_system
from running_system import RunningSystem

APPLICATIONS, PRODUCTS = 10_000, 1_000
REQUESTS, WARM_UP = 40, 3
SERVER_MS, PAGE_KB = 150, 300


@dataclass(frozen=True)
class PageFigures:
    title: str
    p50_ms: float
    p95_ms: float
    kilobytes: float


def measure_pages(only: str = "") -> list[PageFigures]:
    """Every page of tests/browser/pages.py, slowest first."""
    import django

    django.setup()
    logging.disable(logging.INFO)
    entries = [each for each in PAGES if only in each.title]
    with staged_system() as (system, things), sync_playwright() as playwright:
        fill(system)
        with people_of(system, playwright) as people:
            known: dict[str, Person] = {}
            found = [figures(people, known, entry, things) for entry in entries]
    return sorted(found, key=lambda each: -each.p95_ms)


def fill(system: RunningSystem) -> None:
    command = [sys.executable, str(HERE / "crowd.py"), str(APPLICATIONS), str(PRODUCTS)]
    subprocess.run(command, env=dict(system.environment), check=True)


def figures(people: People, known: dict[str, Person], entry: Entry, things: dict[str, str]) -> PageFigures:
    address = entry.address(things)
    session = people.session(entry.role) if entry.role else people.stranger()
    session.client.cookies.update(entry.cookies_of(things))
    times = []
    for _ in range(REQUESTS + WARM_UP):
        began = time.perf_counter()
        answer = session.get(address)
        times.append((time.perf_counter() - began) * 1000)
        if answer.status_code != entry.status:
            print(f"{entry.title}: {answer.status_code}", file=sys.stderr)
            break
    ordered = sorted(times[WARM_UP:] or times)
    return PageFigures(
        entry.title,
        statistics.median(ordered),
        ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))],
        size_of(people, known, entry, things),
    )


def size_of(people: People, known: dict[str, Person], entry: Entry, things: dict[str, str]) -> float:
    if entry.role not in known:
        wish = {"ignores_cache": True}
        known[entry.role] = people.sign_in(entry.role, **wish) if entry.role else people.visitor(**wish)
    person = known[entry.role]
    person.carries(entry.cookies_of(things))
    person.page.goto(person.system.public_url + entry.address(things))
    person.watch.settle()
    for problem in person.watch.problems:
        print(problem, file=sys.stderr)
    person.watch.problems.clear()
    return person.watch.visit.size / 1024


def page_rows() -> list[tuple[str, str, str]]:
    """For the table of `make bench`: the slowest and the largest."""
    found = measure_pages()
    slowest, largest = found[0], max(found, key=lambda each: each.kilobytes)
    middle = statistics.median(each.p95_ms for each in found)
    crowd = f"{APPLICATIONS:,} applications and {PRODUCTS:,} products"
    return [
        (
            f"server time of {len(found)} pages, {crowd}",
            f"slowest p95 {slowest.p95_ms:.0f} ms ({slowest.title}), median of p95s {middle:.0f} ms",
            f"≤ {SERVER_MS} ms",
        ),
        (
            "a page with its scripts, styles and fonts, nothing cached",
            f"largest {largest.kilobytes:.0f} KB ({largest.title})",
            f"≤ {PAGE_KB} KB",
        ),
    ]


def main() -> None:
    print("| page | p50 ms | p95 ms | KB |\n|---|---|---|---|")
    for each in measure_pages(" ".join(sys.argv[1:])):
        print(f"| {each.title} | {each.p50_ms:.0f} | {each.p95_ms:.0f} | {each.kilobytes:.0f} |")


if __name__ == "__main__":
    main()
