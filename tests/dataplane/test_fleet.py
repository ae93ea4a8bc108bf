"""Two nodes as if on two machines: enrolled by command, mutual TLS between, one control plane. Real processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataplane.fleet import Fleet, RemoteNode
from dataplane.node_under_test import until
from dataplane.three_nodes import Burst
from propylon.dataplane.health import read_state

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    made = Fleet(tmp_path_factory.mktemp("fleet"))
    try:
        made.start()
        made.node("node-2", "127.0.0.2").until_serving()
        yield made
    finally:
        made.stop()


@pytest.fixture
def second(fleet: Fleet) -> RemoteNode:
    return fleet.remote[0]


def _shipped(fleet: Fleet, node: str) -> int:
    found = fleet.first.rows("usage", "SELECT count(*) FROM usage_callrecord WHERE node = ?", node)
    return int(found[0][0])


def test_a_mark_acts_on_both_within_a_second(fleet: Fleet, second: RemoteNode) -> None:
    token = fleet.first.token("deleted-app")
    assert fleet.first.get(token=token) == second.get(token=token)[0] == 200
    placed_at = float(fleet.first.tell("mark client deleted-app.1"))
    until(lambda: fleet.first.get(token=token) == 401 and second.get(token=token)[0] == 401, "both to refuse", 5)
    assert time.time() - placed_at < 1.0
    assert second.get(token=token)[1]["code"] == "gateway.token.revoked"


def test_a_change_reaches_it_and_it_says_what_it_runs(fleet: Fleet, second: RemoteNode) -> None:
    fleet.first.set_world(products=["accounts", "elsewhere"])
    until(lambda: second.get("/sandbox/elsewhere/v1/things")[0] == 200, "the product on the second node", 10)
    query = (
        "SELECT count(*) FROM controlplane_noderesource r JOIN controlplane_node n ON n.id = r.node_id "
        "JOIN controlplane_offer o ON o.kind = r.kind AND o.version = r.version WHERE n.name = 'node-2'"
    )
    until(lambda: fleet.first.rows("default", query)[0][0] == 8, "the second node to have confirmed all", 10)
    assert "node-2" in fleet.propylon("node", "list")


def test_sites_are_elsewhere_and_the_call_record_says_so(fleet: Fleet, second: RemoteNode) -> None:
    assert second.get("/health") == (200, {})  # Envoy's own word
    for path in ("/", "/console", "/health/ready", "/manage/v1/openapi.json"):
        status, body = second.get(path)
        assert (status, body["code"]) == (421, "gateway.site.elsewhere")
    assert second.get("/oauth/token")[0] == 421
    tracking_id = body["trackingId"]
    query = "SELECT refusal_code FROM usage_callrecord WHERE tracking_id = ?"
    found = until(lambda: fleet.first.rows("usage", query, tracking_id), "the record", 10)
    assert found[0][0] == "gateway.site.elsewhere"


def test_its_own_key_replaces_the_bundles_at_once(second: RemoteNode) -> None:
    until(lambda: second.enrolment().renew_after > second.enrolment().ends_at[:4], "a renewal", 10)
    until(lambda: second.state().get("certificate_ends_at") == second.enrolment().ends_at, "the state", 10)


def test_an_exact_quota_holds_over_both(fleet: Fleet, second: RemoteNode) -> None:
    fleet.first.tell("contract spread 300 -")
    before = second.home.call_log.read_text().count("\t200\tvia_upstream\t")
    burst = Burst(fleet.first, "spread", callers=6, addresses=("127.0.0.1", "127.0.0.2")).start()
    burst.until_refused()
    burst.stop()
    assert fleet.first.bank.calls["spread"] == burst.codes["served"] == 300
    assert burst.codes.keys() == {"served", "gateway.quota.day"}
    assert second.home.call_log.read_text().count("\t200\tvia_upstream\t") > before, "the second took no part"


def test_with_the_control_plane_killed_it_serves_keeps_its_records_and_catches_up(
    fleet: Fleet, second: RemoteNode
) -> None:
    until(lambda: second.get()[0] == 200 and _shipped(fleet, "node-2") > 0, "records of the second node", 10)
    fleet.first.kill_worker()
    answered = [second.get()[0] for _ in range(20)]
    assert answered == [200] * 20
    until(lambda: second.state().get("control_plane_away"), "the node to say that it is cut off", 10)
    os.kill(int((second.home.run / "envoy.pid").read_text().split()[0]), signal.SIGKILL)
    second.until_serving()  # from the files that it has
    before = _shipped(fleet, "node-2")
    fleet.first.start_worker()
    fleet.first.set_world(products=["accounts", "afterwards"])
    until(lambda: second.get("/sandbox/afterwards/v1/things")[0] == 200, "the change on the second node", 30)
    until(lambda: _shipped(fleet, "node-2") >= before + 21, "the records of meanwhile", 10)
    until(lambda: not second.state().get("control_plane_away"), "the node to be back", 10)


def test_an_agent_killed_9_is_followed_by_one_that_goes_on(fleet: Fleet, second: RemoteNode) -> None:
    assert second.process is not None
    second.process.kill()
    second.process.wait()
    assert second.get()[0] == 200
    second.start()
    fleet.first.set_world(products=["accounts", "adopted"])
    until(lambda: second.get("/sandbox/adopted/v1/things")[0] == 200, "the change on the second node", 20)
    assert second.get("/")[1]["code"] == "gateway.site.elsewhere"


def test_waiting_costs_next_to_nothing(second: RemoteNode) -> None:
    """Three long polls, each over a connection that stays."""
    assert second.process is not None
    before = _cpu_seconds(second.process.pid)
    time.sleep(5)
    assert _cpu_seconds(second.process.pid) - before < 0.25


def test_removed_it_is_refused_at_once_and_enrolled_again_it_goes_on(fleet: Fleet, second: RemoteNode) -> None:
    fleet.propylon("node", "remove", "node-2")
    assert "node-2" not in fleet.propylon("node", "list")
    fleet.first.set_world(products=["accounts", "secret"])
    fleet.first.until_serving("secret", seconds=10)
    until(lambda: "not_enrolled" in second.state().get("control_plane_away", ""), "the refusal", 30)
    assert second.get("/sandbox/secret/v1/things")[0] == 404
    assert second.get()[0] == 200
    second.enrol()  # while it runs
    until(lambda: second.get("/sandbox/secret/v1/things")[0] == 200, "the change at last", 30)
    assert read_state(second.home)["node"] == "node-2"


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
