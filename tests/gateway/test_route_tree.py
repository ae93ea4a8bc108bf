"""Long lists of paths become trees: every call finds the route that one list would give it, and compiling is cheap."""

from __future__ import annotations

import random
import re
from dataclasses import replace

import pytest

from propylon.gateway import path_tree
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import (
    Environment,
    GatewayModel,
    Listeners,
    Operation,
    Plan,
    Publication,
    Sockets,
    Trust,
    Upstream,
)
from propylon.gateway.path_template import parse_path_template
from propylon.gateway.product_routes import routes_by_method
from propylon.gateway.routing import plan_routes

BASE = "/sandbox/shop/v1"
WORDS = ("a", "ab", "abc", "b", "{x}", "{x}.json", "c", "{y}-z", "d", "e")
METHODS = ("GET", "POST", "DELETE")


def model(*paths):
    operations = tuple(Operation(f"{m} {p}", m, p, ("shop",)) for m, p in paths)
    publication = Publication("sandbox", "shop", "v1", BASE, "bank", "", "standard", operations)
    return GatewayModel(
        listeners=Listeners("127.0.0.1", 8443, 8444, "https://localhost:8443", "https://localhost:8444"),
        sockets=Sockets("/run/web.sock"),
        environments=(Environment("sandbox", "/sandbox", "https://localhost:8443/sandbox"),),
        publications=(publication,),
        upstreams=(Upstream("bank", "unix:/run/bank.sock"),),
        plans=(Plan("standard", 5, 5),),
        trust=Trust("", ""),
    )


def compiled(world):
    (mount,) = plan_routes(world).mounts
    return routes_by_method(world, mount)


def found(matcher, method, path):
    """What Envoy would choose: the name of an operation, or the status of a refusal. Guards are passed by."""
    for row in matcher["matcher_list"]["matchers"]:
        wanted = row["predicate"]
        each = wanted["or_matcher"]["predicate"] if "or_matcher" in wanted else [wanted]
        if method in {one["single_predicate"]["value_match"]["exact"] for one in each}:
            return looked_up(row["on_match"], path)
    return looked_up(matcher["on_no_match"], path)


def looked_up(step, path):
    while "matcher" in step:
        tree = step["matcher"]["matcher_tree"]["prefix_match_map"]["map"]
        prefix = max((key for key in tree if path.startswith(key)), key=len, default=None)
        step = step["matcher"]["on_no_match"] if prefix is None else tree[prefix]
    for route in step["action"]["typed_config"]["routes"]:
        match = route["match"]
        bare = path.partition("?")[0]
        if "headers" in match or "tls_context" in match:
            continue  # guards
        if match.get("path") == bare or ("safe_regex" in match and re.fullmatch(match["safe_regex"]["regex"], bare)):
            return route["name"]
        if match == {"prefix": "/"}:
            return route["name"]
    raise AssertionError(f"no route for {path}")


def expected(paths, method, path):
    """The most specific template that matches decides, whether it has the method or not."""
    bare = path.partition("?")[0]
    templates = {parse_path_template(BASE + p) for _, p in paths}
    hit = [template for template in templates if re.fullmatch(template.regex, bare)]
    if not hit:
        return {"refuse.404"}
    best = min(hit, key=lambda template: template.precedence)
    names = {m: f"sandbox/shop/v1/{m} {p}" for m, p in paths if parse_path_template(BASE + p) == best}
    own = names.get(method) or (names.get("GET") if method == "HEAD" else None)
    return {own or "refuse.405"}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("longest", [1, 3])
def test_a_tree_finds_what_one_list_would(seed, longest, monkeypatch):
    monkeypatch.setattr(path_tree, "LONGEST_LIST", longest)
    dice = random.Random(seed)
    paths = {
        (dice.choice(METHODS), "/" + "/".join(dice.choice(WORDS) for _ in range(dice.randint(1, 4)))) for _ in range(30)
    }
    # Two names of the same thing are one template: the second is a collision and left out.
    unique = {(m, parse_path_template(p)): (m, p) for m, p in sorted(paths)}
    paths = sorted(unique.values())
    matcher = compiled(model(*paths))
    for _ in range(300):
        words = [dice.choice(("a", "ab", "abc", "abcd", "b", "c", "q", "q.json", "q-z", "d")) for _ in range(4)]
        path = f"{BASE}/" + "/".join(words[: dice.randint(1, 4)]) + dice.choice(("", "?x=/a/b"))
        method = dice.choice((*METHODS, "HEAD", "PUT"))
        assert found(matcher, method, path) in expected(paths, method, path), (method, path, paths)


def test_the_longest_list_bounds_what_a_call_is_compared_with():
    paths = [
        (m, f"/things{n}{rest}") for n in range(400) for m, rest in (("GET", ""), ("GET", "/{id}"), ("PUT", "/{id}"))
    ]
    matcher = compiled(model(*paths))
    lists = []

    def collect(step):
        if isinstance(step, dict):
            if "routes" in step:
                lists.append([route for route in step["routes"] if "route" in route and route["name"] != "preflight"])
            for value in step.values():
                collect(value)
        elif isinstance(step, list):
            for value in step:
                collect(value)

    collect(matcher)
    assert max(map(len, lists)) <= path_tree.LONGEST_LIST
    assert sum(map(len, lists)) == len(paths)


def test_thousands_of_operations_are_compiled_without_comparing_each_with_each(monkeypatch):
    """Counts the comparisons of segments instead of the time."""
    comparisons = 0
    plain = path_tree.Segment.overlaps

    def counted(self, other):
        nonlocal comparisons
        comparisons += 1
        return plain(self, other)

    monkeypatch.setattr(path_tree.Segment, "overlaps", counted)
    paths = [(m, f"/things{n}{rest}") for n in range(500) for m, rest in (("GET", ""), ("POST", ""))]
    paths += [(m, f"/things{n}/{{id}}") for n in range(500) for m in ("GET", "PUT")]
    snapshot = compile_snapshot(model(*paths))
    assert not [found for found in snapshot.diagnostics if found.place.startswith("environments")]
    assert comparisons <= 10 * len(paths)


def test_the_order_of_operations_makes_no_difference_in_a_tree():
    paths = [("GET", f"/things{n}/{{id}}") for n in range(120)] + [("GET", "/{any}/{id}"), ("POST", "/things1/{id}")]
    world = model(*paths)
    (publication,) = world.publications
    turned = replace(publication, operations=publication.operations[::-1])
    assert compile_snapshot(world) == compile_snapshot(replace(world, publications=(turned,)))
