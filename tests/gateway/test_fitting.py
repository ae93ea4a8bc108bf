"""What a node changes in the snapshot that all nodes are given."""

from __future__ import annotations

import json

from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.fitting import Fit
from propylon.gateway.model import Environment, GatewayModel, Listeners, Sockets, Trust
from propylon.gateway.snapshot import CONFIGURATION_KINDS

URL = "https://localhost"
RESOURCES = compile_snapshot(
    GatewayModel(
        listeners=Listeners("127.0.0.1", 1, 2, URL, URL, http3=True),
        sockets=Sockets(web="/web.sock"),
        environments=(Environment("sandbox", "/sandbox", f"{URL}/sandbox"),),
        publications=(),
        upstreams=(),
        plans=(),
        trust=Trust("", ""),
    )
).resources


def test_a_node_that_has_all_changes_nothing() -> None:
    assert {kind: Fit()(resource) for kind, resource in RESOURCES.items()} == RESOURCES


def test_every_listener_is_at_the_nodes_own_address_under_the_version_that_was_offered() -> None:
    fit = Fit("10.0.0.7", has_sites=False)
    fitted = fit(RESOURCES["lds"])
    found = json.loads(fitted.text)
    assert {each["address"]["socket_address"]["address"] for each in found["resources"]} == {"10.0.0.7"}
    assert len(found["resources"]) == 3
    assert (fitted.version, found["version_info"]) == (RESOURCES["lds"].version,) * 2
    assert fit(fitted) == fitted


def test_without_sites_the_web_application_is_no_cluster_and_all_others_are() -> None:
    def names(resource) -> list[str]:  # type: ignore[no-untyped-def]
        return [each["name"] for each in json.loads(resource.text)["resources"]]

    fit = Fit(has_sites=False)
    assert names(fit(RESOURCES["cds"])) == [name for name in names(RESOURCES["cds"]) if name != "web"]
    assert {kind for kind in CONFIGURATION_KINDS if fit(RESOURCES[kind]) != RESOURCES[kind]} == {"cds", "lds"}


def test_without_sites_every_listener_tells_envoys_own_health_once() -> None:
    fit = Fit(has_sites=False)
    fitted = fit(RESOURCES["lds"])
    assert fit(fitted) == fitted
    for listener in json.loads(fitted.text)["resources"]:
        (chain,) = listener["filter_chains"]
        filters = [each["name"] for each in chain["filters"][-1]["typed_config"]["http_filters"]]
        assert filters[:3] == ["tracking", "health", "cors"]
