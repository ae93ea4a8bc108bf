"""Every mutant of the token path beside the engine can be made, and its proofs are tests."""

from __future__ import annotations

import importlib
import inspect
import re
from collections import Counter
from pathlib import Path

import pytest

from mutation.token_path_rules import mutants

MUTANTS = tuple(mutants())
TESTS = Path(__file__).parent.parent / "authserver"


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.breaks)
def test_what_is_written_differently_stands_there_once_in_its_function(mutant):
    source = inspect.getsource(importlib.import_module(mutant.module))
    assert source.count(mutant.old) == 1
    name = mutant.function.rpartition(".")[2]
    assert mutant.old in source[source.index(f"def {name}(") :]
    compile(source.replace(mutant.old, mutant.new), mutant.module, "exec")


def test_mutants_have_names_of_their_own():
    assert not [name for name, times in Counter(mutant.breaks for mutant in MUTANTS).items() if times > 1]


@pytest.mark.parametrize("proof", sorted({proof for mutant in MUTANTS for proof in mutant.proofs}))
def test_every_proof_is_a_test(proof):
    file, words = proof
    assert re.search(rf"^def test_\w*{words}", (TESTS / f"test_{file}.py").read_text(), re.MULTILINE), proof
