"""The binary form of resources (protobuf's encoding), and what is encoded only once."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.gateway import enforcement, route_resources, routing
from propylon.gateway.compiler import compile_marks, compile_snapshot
from propylon.gateway.kept import Kept
from propylon.gateway.marks import ClientSourceRanges, Enforcement, GatewayMark
from propylon.gateway.model import (
    Environment,
    GatewayModel,
    Listeners,
    Operation,
    Publication,
    Sockets,
    Trust,
    Upstream,
)
from propylon.gateway.wire import UnknownField, encoded, encoded_any, response, varint, version_of
from propylon.gateway.wire_reading import decoded, read, read_response

ROUTE = "envoy.config.route.v3.Route"
ACTION = {"@type": "type.googleapis.com/envoy.config.rbac.v3.Action", "name": "a", "action": "DENY"}


@pytest.mark.parametrize(
    ("number", "found"), [(0, "00"), (1, "01"), (127, "7f"), (150, "9601"), (16_384, "808001"), (-1, "ff" * 9 + "01")]
)
def test_a_number_is_written_in_sevens_of_bits(number, found):
    assert varint(number).hex() == found


@pytest.mark.parametrize(
    ("message", "value", "found"),
    [
        (ROUTE, {"name": "testing"}, "7207" + b"testing".hex()),
        (ROUTE, {"direct_response": {"status": 150}}, "3a03" + "089601"),
        ("envoy.config.route.v3.RouteAction", {"timeout": "1.5s"}, "4208" + "0801" + "1080cab5ee01"),
        ("envoy.config.route.v3.RouteAction", {"auto_host_rewrite": False}, "3a02" + "0800"),
        ("envoy.config.rbac.v3.Action", {"name": "a", "action": "DENY"}, "0a0161" + "1001"),
        ("envoy.type.v3.Int64Range", {"start": 1, "end": -2}, "0801" + "10fe" + "ff" * 8 + "01"),
    ],
)
def test_fields_are_where_the_specification_has_them(message, value, found):
    assert encoded(message, value).hex() == found
    assert read(message, bytes.fromhex(found)) == value


@given(st.dictionaries(st.text(), st.text(), max_size=4), st.integers(0, 2**32 - 1), st.lists(st.text(), max_size=4))
def test_what_is_written_is_read_again(texts, number, names):
    value = {
        "metadata": {"filter_metadata": {"propylon": texts}},
        "direct_response": {"status": number},
        "request_headers_to_remove": names,
        "typed_per_filter_config": dict.fromkeys(sorted(texts), ACTION),
    }
    if not names:
        value.pop("request_headers_to_remove")
    if not texts:
        value.pop("typed_per_filter_config")
    assert read(ROUTE, encoded(ROUTE, value)) == value


def test_a_part_that_is_encoded_already_stands_as_it_is():
    match = {"prefix": "/"}
    part = encoded("envoy.config.route.v3.RouteMatch", match)
    assert encoded(ROUTE, {"name": "r", "match": part}) == encoded(ROUTE, {"name": "r", "match": match})


def test_what_the_table_lacks_is_said():
    with pytest.raises(UnknownField, match="no field 'colour'"):
        encoded(ROUTE, {"colour": "red"})
    with pytest.raises(UnknownField, match=r"envoy\.Nothing is not in"):
        encoded("envoy.Nothing", {})


def test_the_version_stands_at_the_beginning():
    content = response("v" * 32, [encoded_any(ACTION)])
    assert version_of(content[:64]) == "v" * 32
    assert read_response(content) == {"version_info": "v" * 32, "resources": [ACTION]}
    assert [version_of(head) for head in (b"", b"\n", b"{", b"\n\x20abc")] == [""] * 4


# ── What is kept from one model to the next ──────────────────────────────────────────────────────────────────────────


def _model(scopes):
    """A product for each scope; the last lies below the first one's base path."""
    url = "https://localhost"
    paths = [f"/sandbox/p{n}/v1" for n in range(len(scopes) - 1)] + ["/sandbox/p0/v1/inner"]
    publications = tuple(
        Publication(
            "sandbox", f"p{n}", "v1", path, "bank", "", "standard",
            (Operation("list", "GET", "/things", (scope,)), Operation("one", "PUT", "/{kind}/{id}", (scope,))),
        )
        for n, (scope, path) in enumerate(zip(scopes, paths, strict=True))
    )  # fmt: skip
    return GatewayModel(
        listeners=Listeners("127.0.0.1", 1, 2, url, url),
        sockets=Sockets(web="/web.sock"),
        environments=(Environment("sandbox", "/sandbox", f"{url}/sandbox"),),
        publications=publications,
        upstreams=(Upstream("bank", "http://127.0.0.1:1"),),
        plans=(),
        trust=Trust("", ""),
    )


@pytest.fixture
def encodings(monkeypatch):
    """The base paths that were encoded."""
    made = []
    plain = route_resources._encoded

    def noted(shared, mount):
        made.append(mount.base_path)
        return plain(shared, mount)

    monkeypatch.setattr(route_resources, "_encoded", noted)
    return made


def _forget(monkeypatch):
    monkeypatch.setattr(route_resources, "_ENCODED", Kept())
    monkeypatch.setattr(routing, "_CHECKED", Kept())
    monkeypatch.setattr(enforcement, "_RANGES", Kept())


def test_a_change_of_one_product_encodes_that_product_alone(encodings, monkeypatch):
    _forget(monkeypatch)
    compile_snapshot(_model(["a", "b", "c", "d"]))
    assert len(encodings) == 4
    encodings.clear()
    compile_snapshot(_model(["a", "b", "changed", "d"]))
    assert encodings == ["/sandbox/p2/v1"]


def test_what_reaches_into_another_base_path_is_encoded_there_too(encodings, monkeypatch):
    _forget(monkeypatch)
    compile_snapshot(_model(["a", "b", "c", "d"]))
    encodings.clear()
    compile_snapshot(_model(["changed", "b", "c", "d"]))
    assert sorted(encodings) == ["/sandbox/p0/v1", "/sandbox/p0/v1/inner"]


def test_a_setting_of_the_installation_changes_every_product(encodings, monkeypatch):
    _forget(monkeypatch)
    model = _model(["a", "b"])
    compile_snapshot(model)
    encodings.clear()
    compile_snapshot(replace(model, max_body_bytes=5))
    assert len(encodings) == 2


def test_a_product_that_is_published_twice_answers_once():
    model = _model(["a", "b"])
    twice = compile_snapshot(replace(model, publications=(*model.publications, model.publications[0])))
    assert twice.resources["rds"] == compile_snapshot(model).resources["rds"]
    assert [found.code for found in twice.diagnostics].count("gateway.operation.duplicate") == 2


@pytest.mark.parametrize("seed", range(5))
def test_what_is_kept_makes_no_difference(seed, monkeypatch):
    dice = random.Random(seed)
    for _ in range(6):
        model = _model([dice.choice("abcde") for _ in range(dice.randint(2, 5))])
        if dice.random() < 0.3:
            model = replace(model, upstreams=(Upstream("bank", "http://127.0.0.1:1", timeout_ms=7),))
        kept = compile_snapshot(model)
        with monkeypatch.context() as forgotten:
            _forget(forgotten)
            assert compile_snapshot(model) == kept


# ── Source ranges ────────────────────────────────────────────────────────────────────────────────────────────────────


def _rows(enforcement_):
    text = decoded(compile_marks(enforcement_))
    found = []

    def collect(node):
        if isinstance(node, dict):
            found.extend(node.get("domain_matchers", ()))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(text)
    return [row["domains"] for row in found]


def test_clients_with_the_same_ranges_share_one_test():
    ranges = (("a", ("10.0.0.0/8", "::1/128")), ("b", ("192.0.2.0/24",)), ("c", ("::1/128", "10.0.0.0/8")))
    assert _rows(Enforcement(source_ranges=tuple(ClientSourceRanges(*each) for each in ranges))) == [["a", "c"], ["b"]]


def test_a_mark_more_changes_nothing_of_the_ranges():
    ranges = (ClientSourceRanges("a", ("10.0.0.0/8",)), ClientSourceRanges("*", ()))
    assert _rows(Enforcement((GatewayMark("client", "x"),), ranges)) == _rows(Enforcement((), ranges)) == [["a"]]
