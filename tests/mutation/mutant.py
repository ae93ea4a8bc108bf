"""One broken rule, and the hook by which it reaches a real Envoy: the tests' gateway delivers through `mutated`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from mutation.edits import Edit

SELECTED = "PROPYLON_MUTANT"  # the environment's word for the mutant that runs; usually none


@dataclass(frozen=True, slots=True)
class Mutant:
    """`covers`: a row of FILTERS, REFUSALS, MARK_KINDS …, as "filter marks". `kind`: the files that are changed.
    `proof`: the tests that must notice, each as "<file without test_envoy_>.<part of the test's name>"."""

    breaks: str
    kind: str
    edit: Edit
    proof: str
    covers: str = ""
    is_slow: bool = False


applied: set[str] = set()  # of this process: mutants that changed something


def mutated(kind: str, text: str) -> str:
    """A resource's text as the selected mutant wants it. Its version stays, so that Envoy is waited for as always."""
    name = os.environ.get(SELECTED, "")
    if not name:
        return text
    from mutation.rules import MUTANTS

    mutant = MUTANTS[name]
    if kind not in mutant.kind.split():
        return text
    document = json.loads(text)
    before = json.dumps(document)
    mutant.edit(document["resources"])
    if json.dumps(document) == before:
        return text
    applied.add(name)
    return json.dumps(document)
