"""The sandbox under granian, in a process of its own on a Unix socket."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

Headers = dict[str, str]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[httpx.Client, float]]:
    """A client on the socket, and the seconds from the start on an empty home until it was healthy."""
    with tempfile.TemporaryDirectory(prefix="sb-") as home:
        socket = Path(home) / "sandbox.sock"
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--uds", str(socket)]
        started = time.monotonic()
        process = subprocess.Popen(
            [*command, "--no-ws", "--log-level", "error", "propylon.sandbox.app:application"],
            env=os.environ | {"PROPYLON_HOME": home},
        )
        try:
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(socket)), base_url="http://sandbox") as client:
                while not _is_healthy(client):
                    assert process.poll() is None
                    assert time.monotonic() < started + 30
                    time.sleep(0.02)
                yield client, time.monotonic() - started
        finally:
            process.terminate()
            process.wait(15)


def _is_healthy(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def test_all_10000_transactions_over_the_socket(
    served: tuple[httpx.Client, float], gateway_headers: Callable[[str], Headers]
) -> None:
    client, _ = served
    path = "/accounts/v1/accounts/acc-000001/transactions"
    seen: list[str] = []
    query: str | None = "limit=500"
    while query is not None:
        answer = client.get(f"{path}?{query}", headers=gateway_headers("client-1")).json()
        seen += [item["id"] for item in answer["data"]]
        query = answer["paging"]["next"]
    assert len(seen) == len(set(seen)) == 10_000


def test_the_bank_needs_neither_django_nor_another_room() -> None:
    code = (
        "import sys, propylon.sandbox.app;"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('propylon.')};"
        "assert rooms <= {'kernel', 'openapi', 'sandbox'}, rooms; assert 'django' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
