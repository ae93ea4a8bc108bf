"""No rule without its mutant: the table names all that the chain, the refusals and the marks consist of."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mutation.answer_rules import PROOF_OF_ROW
from mutation.edits import named, objects
from mutation.filter_rules import HEADER_RULES
from mutation.listener_rules import REMOVED, REMOVED_PREFIXES, TAGS, WRITTEN
from mutation.rules import MUTANTS
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.filters import FILTERS
from propylon.gateway.marks import MARK_KINDS
from propylon.gateway.model import Environment, GatewayModel, Listeners, Sockets, Trust
from propylon.gateway.refusals import REFUSALS
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND, SETTLED_KIND
from propylon.gateway.tracing import TAGS as TOLD
from propylon.kernel.token_claims import CLAIM_HEADERS

COVERED = {mutant.covers for mutant in MUTANTS.values()}
GATEWAY = Path(__file__).parent.parent / "gateway"


def _listeners():
    url = "https://localhost"
    model = GatewayModel(
        listeners=Listeners("127.0.0.1", 1, 2, url, url),
        sockets=Sockets(web="/web.sock"),
        environments=(Environment("sandbox", "/sandbox", f"{url}/sandbox"),),
        publications=(),
        upstreams=(),
        plans=(),
        trust=Trust("", ""),
    )
    return json.loads(compile_snapshot(model).resources["lds"].text)["resources"]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_has_a_mutant(name):
    assert f"filter {name}" in COVERED


@pytest.mark.parametrize("kind", MARK_KINDS)
def test_every_kind_of_mark_has_a_mutant(kind):
    assert f"mark {kind}" in COVERED


@pytest.mark.parametrize("claim", CLAIM_HEADERS)
def test_every_claim_has_a_mutant(claim):
    assert f"claim {claim}" in COVERED


def test_every_row_of_the_refusals_has_a_mutant_but_those_that_no_test_can_see():
    assert set(PROOF_OF_ROW) == {row.code for row in REFUSALS}
    unseen = {code for code, proof in PROOF_OF_ROW.items() if not proof}
    assert unseen == {row.code for row in REFUSALS if f"refusal {row.code}" not in COVERED}
    text = (GATEWAY / "test_envoy_refusals.py").read_text()
    assert all(f'"{code}":' in text for code in unseen), "say there why no test can see it"


def test_every_tag_of_a_span_has_a_mutant():
    assert set(TAGS) == set(TOLD)


def _names(mutations):
    for each in mutations:
        prefix = each.get("remove_on_match", {}).get("key_matcher", {}).get("prefix", "")
        yield (prefix or each.get("remove") or each["append"]["header"]["key"]).lower()


def test_every_header_that_is_removed_or_written_at_the_edge_has_a_mutant():
    early = next(named(_listeners(), "early"))["typed_config"]["mutations"]
    ours = {name.lower() for name in (*REMOVED_PREFIXES, *REMOVED, *WRITTEN)}
    assert set(_names(early)) == ours


@pytest.mark.parametrize(("filter_name", "direction"), HEADER_RULES)
def test_every_header_that_a_filter_removes_or_writes_has_a_mutant(filter_name, direction):
    found = [item for each in named(_listeners(), filter_name) for item in each["typed_config"]["mutations"][direction]]
    assert set(_names(found)) <= {name.lower() for name in HEADER_RULES[filter_name, direction]}


def test_mutants_change_files_that_exist_and_have_names_of_their_own():
    assert {kind for mutant in MUTANTS.values() for kind in mutant.kind.split()} <= {
        *CONFIGURATION_KINDS,
        MARKS_KIND,
        SETTLED_KIND,
    }
    assert all(name == mutant.breaks for name, mutant in MUTANTS.items())


@pytest.mark.parametrize("proof", sorted({proof for mutant in MUTANTS.values() for proof in mutant.proof.split()}))
def test_every_proof_is_a_test(proof):
    file, _, words = proof.partition(".")
    assert re.search(rf"^def test_\w*{words}", (GATEWAY / f"test_envoy_{file}.py").read_text(), re.MULTILINE), proof


def test_an_edit_reaches_every_object_of_a_tree():
    tree = [{"a": [{"b": {}}, {"c": [[{}]]}]}]
    assert len(list(objects(tree))) == 5
