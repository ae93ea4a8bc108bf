"""A metered quota on a running system, judged by the upstream's own count: never refused below the limit, and above it
by at most what flows in one second; a larger limit lets calls pass again."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator

import pytest

from journeys.load import Load
from journeys.management_client import ManagementClient
from journeys.partners import mint, partner
from running_system import RunningSystem, wait_until

NAME, PLAN = "counted", "counted"
PATH = f"/sandbox/{NAME}/v1/things"
LIMIT = 300
SECONDS = 20.0
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Counted", "version": "v1"},
    "paths": {"/things": {"get": {"operationId": "listThings", "responses": {"200": {"description": "Things"}}}}},
}


class Counting(http.server.ThreadingHTTPServer):
    """An upstream that counts; `per_second` is what reached it in each second of its clock."""

    daemon_threads = True

    def __init__(self) -> None:
        self.calls: list[float] = []
        super().__init__(("127.0.0.1", 0), _Things)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class _Things(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Counting

    def do_GET(self) -> None:
        self.server.calls.append(time.monotonic())
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def upstream(running_system: RunningSystem) -> Iterator[Counting]:
    server = Counting()
    publication = f"/products/{NAME}/versions/v1/publications"
    with ManagementClient(running_system, "operator") as operator:
        operator("POST", "/upstreams", {"name": NAME, "address": f"http://127.0.0.1:{server.server_port}"}, status=201)
        operator("POST", "/products", {"document": json.dumps(DOCUMENT), "name": NAME}, status=201)
        operator("POST", publication, {"environment": "sandbox", "upstream": NAME}, status=201)
        quota = {"kind": "metered", "calls_per_day": LIMIT}
        plan = {"name": PLAN, "title": "Counted", "requests_per_second": 100, "burst": 100, "quota": quota}
        operator("POST", "/plans", plan, status=201)
        yield server
        operator("DELETE", f"{publication}/sandbox", status=204)
    server.shutdown()
    server.server_close()


@pytest.mark.slow
def test_a_metered_quota_ends_where_it_should(
    running_system: RunningSystem, upstream: Counting, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
        partner(running_system, developer, tmp_path_factory.mktemp("quota"), products=[NAME]) as found,
        mint(running_system) as signer,
    ):
        operator("PUT", f"/clients/{found.client_id}/plan", {"plan": PLAN})
        bound = found.token(operator("GET", f"/products/{NAME}")["default_scope"])
        token = signer.like(bound, x5h=None, cnf=None)  # the load is on the public listener
        with Load(running_system, PATH, token, threads=8) as load:
            wait_until(lambda: 429 in load.answered.values() and len(upstream.calls) >= LIMIT, SECONDS)
            wait_until(lambda: time.monotonic() - upstream.calls[-1] > 1.0, SECONDS)
        over = len(upstream.calls) - LIMIT
        spent_at = upstream.calls[LIMIT - 1]
        after = upstream.calls[-1] - spent_at
        assert over >= 0
        assert after <= 1.0, f"{over} calls passed in {after:.2f} s after the limit was reached"

        refused = Load(running_system, PATH, token, threads=1, calls=1)
        with refused:
            refused.join()
        assert list(refused.answered.values()) == [429]
        before = len(upstream.calls)
        quota = {"kind": "metered", "calls_per_day": LIMIT * 100}
        operator("PATCH", f"/plans/{PLAN}", {"quota": quota})
        with Load(running_system, PATH, token, threads=1):
            wait_until(lambda: len(upstream.calls) > before, SECONDS)
