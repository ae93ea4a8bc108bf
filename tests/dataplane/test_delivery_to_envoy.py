"""A change reaches the gateway (ARCHITECTURE, straight line e), on real Envoy."""

from __future__ import annotations

import ssl
import time

from dataplane.node_under_test import NodeUnderTest, until


def test_a_committed_change_is_served_and_confirmed_by_envoys_own_version(serving: NodeUnderTest) -> None:
    assert serving.get("cards") == 404
    serving.set_world(products=["accounts", "cards"])
    serving.until_serving("cards", seconds=10)
    until(lambda: serving.confirmed("rds") == (serving.offered("rds"), ""), "the confirmation")
    revision = serving.rows(
        "default",
        "SELECT resources FROM controlplane_revision WHERE published_at IS NOT NULL ORDER BY published_at DESC",
    )[0][0]
    assert serving.offered("rds") in revision
    assert serving.get("accounts") == 200


def test_a_mark_is_refused_within_a_second_on_an_open_connection_too(serving: NodeUnderTest) -> None:
    connection = serving.connection()
    marked, other = serving.token("client-marked"), serving.token("client-other")
    assert serving.get(token=marked, connection=connection) == 200
    committed = float(serving.tell("mark client client-marked.1"))
    until(lambda: serving.get(token=marked, connection=connection) == 401, "the refusal", 1.0)
    refused_after = time.time() - committed
    assert refused_after < 1.0
    assert serving.get(token=other, connection=connection) == 200
    assert serving.get(token=serving.token("client-marked", generation=2), connection=connection) == 200
    until(lambda: serving.confirmed("marks")[0] == serving.offered("marks"), "the confirmation", 1.0)
    connection.close()
    print(f"commit to refusal: {refused_after * 1000:.0f} ms")


def test_a_change_that_envoy_rejects_is_recorded_in_its_words_and_the_last_good_one_serves(
    serving: NodeUnderTest,
) -> None:
    good = serving.confirmed("lds")[0]
    serving.set_world(address="not-an-address")
    until(lambda: serving.confirmed("lds")[1], "the rejection")
    version, rejection = serving.confirmed("lds")
    assert version == good
    assert "not-an-address" in rejection
    assert serving.offered("lds") != good
    assert serving.get() == 200
    # What Envoy would find if it started now is the good one.
    assert good in serving.home.gateway.joinpath("lds", "lds.json").read_text()
    serving.set_world(address="127.0.0.1")
    until(lambda: serving.confirmed("lds") == (good, ""), "the correction")


def test_the_servers_certificate_is_replaced_without_a_restart(serving: NodeUnderTest) -> None:
    pid = serving.envoy_pid()
    before = ssl.get_server_certificate(("localhost", serving.public_port))
    serving.renew_server_certificate()
    until(lambda: ssl.get_server_certificate(("localhost", serving.public_port)) != before, "the new certificate", 5)
    assert serving.envoy_pid() == pid
    until(lambda: "server" in serving.state()["running"], "the state file")
