"""Exact quotas over three nodes: the upstream's own counter is the judge, in bursts and through kills."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from dataplane.node_under_test import until
from dataplane.three_nodes import Burst, ThreeNodes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeNodes]:
    made = ThreeNodes(tmp_path_factory.mktemp("three"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


def _bank(nodes: ThreeNodes, client: str) -> int:
    """Calls that arrived."""
    return nodes.first.bank.calls[client]


def test_a_burst_over_three_nodes_is_served_to_the_last_call_and_no_further(nodes: ThreeNodes) -> None:
    nodes.first.tell("contract burst 500 -")
    before = [nodes.served_by(index) for index in range(3)]
    burst = Burst(nodes.first, "burst").start()
    burst.until_refused()
    burst.stop()
    assert _bank(nodes, "burst") == burst.codes["served"] == 500
    assert burst.codes.keys() == {"served", "gateway.quota.day"}
    assert 0 < int(burst.headers["retry-after"]) <= 86_400
    assert all(nodes.served_by(index) > was for index, was in enumerate(before)), "not all nodes took part"


def test_the_month_is_a_limit_of_its_own_and_zero_is_none(nodes: ThreeNodes) -> None:
    nodes.first.tell("contract monthly - 60")
    nodes.first.tell("contract nothing 0 -")
    for client, calls, code in (("monthly", 60, "gateway.quota.month"), ("nothing", 0, "gateway.quota.day")):
        burst = Burst(nodes.first, client, callers=3).start()
        burst.until_refused(1.5)
        burst.stop()
        assert _bank(nodes, client) == burst.codes["served"] == calls
        assert burst.codes[code] > 0


def test_a_larger_contract_is_in_force_at_once(nodes: ThreeNodes) -> None:
    nodes.first.tell("contract grows 30 -")
    burst = Burst(nodes.first, "grows", callers=3).start()
    burst.until_refused(1.5)
    nodes.first.tell("contract grows 70 -")
    until(lambda: _bank(nodes, "grows") == 70, "the larger contract", 5)
    burst.until_refused(1.5)
    burst.stop()
    assert _bank(nodes, "grows") == 70


def test_what_a_node_held_is_given_back_when_it_ends_cleanly(nodes: ThreeNodes) -> None:
    nodes.first.tell("contract returns 200 -")
    burst = Burst(nodes.first, "returns", callers=6).start()
    until(lambda: _bank(nodes, "returns") > 60, "some calls", 10)
    nodes.restart_agent(2, signal.SIGTERM)
    burst.until_refused(3)
    burst.stop()
    cut = burst.codes["broken"]  # calls that were under way when their Envoy ended may have been counted
    assert 200 - cut <= _bank(nodes, "returns") <= 200, burst.codes


def test_through_kills_never_one_more(nodes: ThreeNodes) -> None:
    limit = 3_000
    nodes.first.tell(f"contract killed {limit} -")
    burst = Burst(nodes.first, "killed").start()
    until(lambda: _bank(nodes, "killed") > 200, "some calls", 20)
    nodes.kill_check(0)
    until(lambda: _bank(nodes, "killed") > 500, "calls after the check's death", 20)
    nodes.first.kill_worker()
    nodes.kill_check(1)
    nodes.first.start_worker()
    until(lambda: _bank(nodes, "killed") > 900, "calls after the worker's death", 20)
    os.kill(int((nodes.homes[2].run / "envoy.pid").read_text().split()[0]), signal.SIGKILL)
    nodes.restart_agent(1)
    nodes.kill_check(0)
    until(lambda: burst.codes["gateway.quota.day"], "the quota to be spent", 60)
    burst.until_refused(2)
    burst.stop()
    assert burst.codes["served"] <= _bank(nodes, "killed") <= limit  # a killed Envoy swallows answers
    assert _bank(nodes, "killed") > limit * 0.8  # what the dead held was little
    assert burst.codes["gateway.check.unavailable"] > 0


@pytest.mark.parametrize(("outage", "code"), [("refuse", "gateway.check.unavailable"), ("serve", "")])
def test_while_nobody_counts_the_plans_policy_holds(nodes: ThreeNodes, outage: str, code: str) -> None:
    client = f"outage-{outage}"
    nodes.first.set_world(outage=outage)
    nodes.first.tell(f"contract {client} 400 -")
    burst = Burst(nodes.first, client, callers=3).start()
    until(lambda: burst.codes["served"] > 50, "some calls", 20)
    time.sleep(0.5)  # the world's other policy is on its way
    nodes.first.kill_worker()
    try:
        if code:
            burst.until_refused(1.5)
            assert burst.codes[code] > 0
            assert _bank(nodes, client) <= 400
        else:
            until(lambda: _bank(nodes, client) > 500, "calls without a count", 20)
    finally:
        nodes.first.start_worker()
    until(lambda: burst.codes["gateway.quota.day"], "the quota to be spent after all", 60)
    burst.until_refused(1.5)
    burst.stop()
    if code:
        assert 330 <= _bank(nodes, client) <= 400  # leases that were recorded, and whose answer the kill swallowed
        return
    query = "SELECT calls FROM controlplane_quotacount WHERE client_id = ? AND length(period) = 10"
    until(lambda: nodes.first.rows("default", query, client)[0][0] >= _bank(nodes, client), "the count to follow", 10)
