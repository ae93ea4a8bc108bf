"""Rules by prefix: for every path of a route that names no token, Envoy's first rule that matches is its environment's.

Envoy's rule of the rules is repeated here: the first whose prefix the path begins with counts; a request that matches
none would pass.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.test_cases import read_case
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import Environment, Operation, Publication
from propylon.gateway.requirements import NOBODY
from propylon.gateway.wire_reading import decoded

SEGMENTS = st.sampled_from(["a", "aa", "b", "a.b", "nested"])
PREFIXES = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/" + "/".join(parts))
PARTS = st.sampled_from(["a", "aa", "b", "a.b", "nested", "zz"])
ENVIRONMENTS = st.dictionaries(st.sampled_from("klmn"), PREFIXES, min_size=1, max_size=4)


def _routes(node):
    if isinstance(node, dict):
        if "match" in node and "typed_per_filter_config" in node:
            yield node
        for value in node.values():
            yield from _routes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _routes(value)


def _compiled(prefixes, below, hosts):
    model, _ = read_case("empty")
    environments = tuple(
        Environment(name, "", f"https://{name}.example", hosts=(f"{name}.example",))
        if name in hosts
        else Environment(name, prefix, f"https://localhost:8443{prefix}")
        for name, prefix in prefixes.items()
    )
    upstream = replace(read_case("whole")[0].upstreams[0], name="bank")
    operations = (
        Operation("get", "GET", "/things", ("s",)),
        Operation("any", "GET", "/{x}/{y}", ("s",)),
        Operation("open", "POST", "/things", (), is_public=True),
    )
    publications = tuple(
        Publication(each.name, f"p{n}", "v1", each.path_prefix + inner, "bank", "", "standard", operations)
        for each in environments
        for n, inner in enumerate(below)
    )
    return compile_snapshot(replace(model, environments=environments, publications=publications, upstreams=(upstream,)))


def _first(rules, path):
    return next((each["requires"]["provider_name"] for each in rules if path.startswith(each["match"]["prefix"])), None)


@settings(max_examples=8, deadline=None)
@given(
    ENVIRONMENTS, st.lists(PREFIXES, min_size=1, max_size=3, unique=True), st.sets(st.sampled_from("klmn")), st.data()
)
def test_a_route_that_names_no_token_takes_its_environments_alone(prefixes, below, hosts, data):
    snapshot = _compiled(prefixes, below, hosts)
    (filter_,) = decoded(snapshot.resources["jwt"])["resources"]
    rules = filter_["typed_config"]["rules"]
    assert rules[-1] == {"match": {"prefix": "/"}, "requires": {"provider_name": NOBODY}}
    for route in _routes(decoded(snapshot.resources["rds"])["resources"]):
        own = route["typed_per_filter_config"].get("jwt")
        environment = route.get("metadata", {}).get("filter_metadata", {}).get("propylon", {}).get("environment")
        if own is not None:
            told = own.get("requirement_name")
            assert own.get("disabled") or told in (environment, NOBODY)
            continue
        named = route["metadata"]["filter_metadata"]["propylon"]
        rest = data.draw(st.tuples(PARTS, PARTS).map("/".join))
        path = route["match"].get("path") or f"{named['prefix']}/{rest}"
        assert _first(rules, path) == environment, (path, rules)
