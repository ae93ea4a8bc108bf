"""A running system with something on every page: calls made and refused, decisions that wait."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from running_system import RunningSystem, launch, wait_until


@contextmanager
def staged_system() -> Iterator[tuple[RunningSystem, dict[str, str]]]:
    """A system of one's own, ready, and the ids of one thing of each kind."""
    folder = Path(tempfile.mkdtemp(prefix="propylon-staged-"))
    system = launch(folder / "home")
    try:
        system.wait_until_ready()
        yield system, stage(system)
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def stage(system: RunningSystem) -> dict[str, str]:
    _call(system)
    return facts(system)


def facts(system: RunningSystem, *options: str) -> dict[str, str]:
    """See staging.py."""
    told = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("staging.py")), *options],
        env=dict(system.environment),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, str] = json.loads(told.stdout)
    return found


def _call(system: RunningSystem) -> None:
    """Calls of the first server application: most answered, some refused."""
    demo = system.demo
    application, product = demo.application("server"), demo.products[0]
    base = demo.environments[product.environment]["mutual_url"]
    token = system.service_token(application)
    with system.client(application) as client:
        good = {"Authorization": f"Bearer {token}"}
        statuses = [client.get(base + product.sample_get, headers=good).status_code for _ in range(6)]
        assert statuses == [200] * 6, statuses
        client.get(base + product.sample_get, headers={"Authorization": f"Bearer {token[:-8]}AAAAAAAA"})
        client.get(f"{base}{product.base_path}/no-such-thing", headers=good)
        narrow = {"Authorization": f"Bearer {system.service_token(application, application.scopes[0])}"}
        client.get(f"{base}{product.base_path}/accounts/unknown/transactions", headers=narrow)
    wait_until(lambda: _records(system) >= 8, 15, system.logs)


def _records(system: RunningSystem) -> int:
    import sqlite3

    with sqlite3.connect(f"file:{system.home.usage_database}?mode=ro", uri=True) as database:
        return int(database.execute("select count(*) from usage_callrecord").fetchone()[0])
