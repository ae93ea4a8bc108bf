"""docs/reference/rfc-support.md claims what tests show: each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "rfc-support.md"
_TEST = re.compile(r"`(test_\w+)`")


def test_every_test_that_the_page_names_is_there() -> None:
    written = "\n".join(file.read_text() for file in (ROOT / "tests").glob("*/test_*.py"))
    known = set(re.findall(r"def (test_\w+)", written))
    named = _TEST.findall(PAGE.read_text())
    assert len(named) > 40
    assert not set(named) - known


def test_every_rule_of_the_tables_names_one() -> None:
    tables = PAGE.read_text().partition("## Specification by specification")[0]
    rows = [
        line for line in tables.splitlines() if line.startswith("| ") and not line.startswith(("| section", "| part"))
    ]
    assert rows
    assert not [row for row in rows if not _TEST.search(row)]
