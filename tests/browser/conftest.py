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

JOURNEYS = ("test_account", "test_call_console", "test_catalogue", "test_console", "test_my_apps")


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
def people(everybody: People, request: pytest.FixtureRequest) -> Iterator[People]:
    """Of the one running system."""
    everybody.size = getattr(request, "param", "desktop")
    yield everybody
    everybody.leave()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A journey that says nothing of sizes is made on a desktop by `make test`, on a telephone by `make test-all`."""
    asked = metafunc.fixturenames
    if "people" in asked and "size" not in asked and metafunc.module.__name__.endswith(JOURNEYS):
        sizes = ["desktop", pytest.param("telephone", marks=pytest.mark.slow)]
        metafunc.parametrize("people", sizes, indirect=True)
