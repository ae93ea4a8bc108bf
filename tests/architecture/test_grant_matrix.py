"""docs/reference/grant-matrix.md is the policy table, and FAPI 2.0 has nothing of the old flows in it."""

from __future__ import annotations

from propylon.project.grant_matrix import PAGE, matrix


def test_the_page_is_the_table() -> None:
    assert PAGE.read_text() == matrix(), "run `make docs` and commit docs/reference/grant-matrix.md"


def test_only_rows_of_the_profile_legacy_name_the_old_grants_rfc9700_2_4() -> None:
    rows = [line for line in matrix().splitlines() if line.startswith("| ") and "| legacy |" not in line]
    assert len(rows) > 7
    assert not [row for row in rows if "`password`" in row or "implicit" in row]
