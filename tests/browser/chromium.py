"""Debian's Chromium, driven by Playwright; it trusts the running system's CA and nothing is excused.

Its headless shell where there is one: the same engine without the browser's own windows, in half the time.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright

ARGUMENTS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
]


def program(*names: str) -> str:
    """The path of a program that `tests/install-debian` installs: the first of these that is there."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError(f"{names[-1]} is missing. Run tests/install-debian as root, or install it yourself.")
    return found


def trust(ca_file: Path, home: Path) -> None:
    """Import the CA into the certificate database that Chromium reads below its HOME."""
    database = home / ".pki" / "nssdb"
    database.mkdir(parents=True)
    certutil, folder = program("certutil"), f"sql:{database}"
    subprocess.run([certutil, "-d", folder, "-N", "--empty-password"], check=True)
    command = [certutil, "-d", folder, "-A", "-n", "Propylon", "-t", "C,,", "-i", str(ca_file)]
    subprocess.run(command, check=True)


@contextmanager
def chromium(playwright: Playwright, ca_file: Path, home: Path) -> Iterator[Browser]:
    """A browser with `home`, an empty folder, as its HOME."""
    trust(ca_file, home)
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    browser = playwright.chromium.launch(
        executable_path=program("chromium-headless-shell", "chromium"),
        args=arguments,
        env={**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)},
    )
    try:
        yield browser
    finally:
        browser.close()
