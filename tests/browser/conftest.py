"""People at browsers, for the pages of the running system.

    def test_something(people: People) -> None:
        dana = people.sign_in("developer", size="telephone", theme="dark", language="sv")
        dana.goes_to("/apps")

One browser serves this folder; each person has a fresh context. Every visit is judged (visits.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Playwright, sync_playwright

from browser.person import People, people_of
from running_system import RunningSystem


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Ends with this folder's last test: while it is open, its thread can have no other event loop."""
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="package")
def everybody(running_system: RunningSystem, playwright: Playwright) -> Iterator[People]:
    with people_of(running_system, playwright) as found:
        yield found


@pytest.fixture
def people(everybody: People) -> Iterator[People]:
    """Of the one running system."""
    yield everybody
    everybody.leave()
