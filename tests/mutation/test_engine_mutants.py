"""No rule of the engine without its mutants, and none of them stale."""

from __future__ import annotations

import importlib
import inspect
from collections import Counter

import pytest

from mutation.engine_edits import ROOM, TUPLES, found_mutants, modules
from mutation.engine_rules import BOUNDS, EQUIVALENT, WRITTEN, mutants

FOUND = Counter(mutant.module.rpartition(".")[2] for mutant in found_mutants())
RULES = sorted(file.stem for file in (ROOM / "rules").glob("check_*.py"))


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_mutant_for_each_refusal(rule):
    text = (ROOM / "rules" / f"{rule}.py").read_text()
    assert FOUND[rule] >= max(1, text.count("raise "))


def test_every_rule_is_left_out_of_its_order_too():
    """A rule that stands in no order would be asked by nobody."""
    ordered = set()
    for module, name, _ in TUPLES:
        table = getattr(importlib.import_module(module), name)
        for rules in table.values() if hasattr(table, "values") else [table]:
            ordered |= {rule.__name__ for rule in rules}
    assert set(RULES) <= ordered, set(RULES) - ordered


@pytest.mark.parametrize(("module", "old"), [(module, old) for module, _, _, old, _ in WRITTEN])
def test_what_is_written_differently_stands_there_once(module, old):
    assert inspect.getsource(importlib.import_module(f"propylon.oauth.{module}")).count(old) == 1


@pytest.mark.parametrize(
    ("module", "bound", "value"), [(module, bound, value) for module, _, _, bound, value in BOUNDS]
)
def test_a_bound_is_there_and_another(module, bound, value):
    assert getattr(importlib.import_module(f"propylon.oauth.{module}"), bound) != value


def test_mutants_have_names_of_their_own_and_name_functions_that_are_there():
    names = Counter(mutant.breaks for mutant in mutants())
    doubled = [name for name, times in names.items() if times > 1]
    assert not doubled
    assert set(EQUIVALENT) <= set(names)
    files = dict(modules())
    for mutant in mutants():
        if mutant.function:
            assert f"def {mutant.function.rpartition('.')[2]}(" in files[mutant.module].read_text(), mutant.breaks
