"""One broken rule, and the hook by which it reaches a real Envoy: the tests' gateway delivers through `mutated`."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from mutation.edits import Edit
from propylon.gateway.snapshot import BINARY_KINDS, Resource
from propylon.gateway.wire import encoded_any, response
from propylon.gateway.wire_reading import decoded

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


def mutated(resource: Resource) -> bytes:
    """A resource's file as the selected mutant wants it. Its version stays, so that Envoy is waited for as always."""
    name = os.environ.get(SELECTED, "")
    if not name:
        return resource.content
    from mutation.rules import MUTANTS

    mutant = MUTANTS[name]
    if resource.kind not in mutant.kind.split():
        return resource.content
    document = decoded(resource)
    before = json.dumps(document)
    mutant.edit(document["resources"])
    if json.dumps(document) == before:
        return resource.content
    applied.add(name)
    if resource.kind in BINARY_KINDS:
        return response(resource.version, map(encoded_any, document["resources"]))
    return json.dumps(document).encode()
