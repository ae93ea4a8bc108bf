"""People at browsers, for the pages of the running system.

    def test_something(people: People) -> None:
        dana = people.sign_in("developer", size="telephone", theme="dark", language="sv")
        dana.goes_to("/apps")

One browser serves this folder; each person has a fresh context. Every visit is judged (visits.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.chromium import chromium
from browser.person import People
from running_system import RunningSystem


@pytest.fixture(scope="package")
def browser(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Closed after this folder's last test: while it is open, this thread can have no other event loop."""
    home: Path = tmp_path_factory.mktemp("chromium")
    with chromium(running_system.ca_file, home) as found:
        yield found


@pytest.fixture(scope="package")
def _everybody(running_system: RunningSystem, browser: Browser) -> Iterator[People]:
    found = People(running_system, browser)
    yield found
    for session in found.sessions.values():
        session.close()


@pytest.fixture
def people(_everybody: People) -> Iterator[People]:
    yield _everybody
    _everybody.leave()
