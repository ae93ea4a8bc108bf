"""The page of findings is that of the tables; every code that is used has words, and every row is used."""

from __future__ import annotations

import re
from pathlib import Path

import propylon
from propylon.toolkit.reference import page
from propylon.toolkit.tables import TABLE

PACKAGE = Path(propylon.__file__).parent
PAGE = PACKAGE.parents[1] / "docs" / "reference" / "certificate-findings.md"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "make docs"


def test_every_row_is_used_and_every_code_has_a_row() -> None:
    files = [*(PACKAGE / "toolkit").glob("*.py"), *(PACKAGE / "cli" / "cert").glob("*.py")]
    texts = [file.read_text() for file in files if not file.name.endswith("words.py")]
    named = {code for text in texts for code in re.findall(r'"([a-z_]+\.[a-z0-9_]+)"', text)}
    assert set(TABLE) - named == set()
    directly = {code for text in texts for code in re.findall(r'finding\(\s*"([^"]+)"', text)}
    assert directly - set(TABLE) == set()
