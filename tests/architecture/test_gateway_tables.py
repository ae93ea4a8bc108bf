"""Order of filters, kinds of marks, rules and error codes are each one table of the docs, held against the code."""

from __future__ import annotations

import re
from pathlib import Path

import propylon
from propylon.gateway.filters import FILTERS
from propylon.gateway.marks import LIFTED_KINDS, MARK_KINDS
from propylon.gateway.operation_policy import OPTIONAL_CLAIMS
from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS, refusal_code

DOCS = Path(propylon.__file__).parents[2] / "docs"


def rows(page: str, first_title: str) -> list[list[str]]:
    """The cells of the table whose first column has this title."""
    lines = (DOCS / page).read_text().splitlines()
    start = next(at for at, line in enumerate(lines) if re.match(rf"\s*\| {re.escape(first_title)} \|", line))
    found = []
    for line in lines[start + 2 :]:
        if not line.strip().startswith("|"):
            break
        found.append([cell.strip() for cell in line.strip().strip("|").split(" | ")])
    return found


def names(table: list[list[str]]) -> list[str]:
    return [row[0].strip("`") for row in table]


def test_the_filters_stand_in_the_order_in_which_a_call_meets_them() -> None:
    assert names(rows("explanation/an-api-call.md", "filter")) == list(FILTERS)


def test_every_kind_of_mark_stands_with_what_it_is_refused_with_and_whether_it_is_lifted() -> None:
    table = rows("explanation/marks-and-kill-switches.md", "kind")
    assert set(names(table)) == set(MARK_KINDS)
    for kind, _concerns, _value, _who, how_long, refused in table:
        name = kind.strip("`")
        details = f"rbac_access_denied_matched_policy[{MARK_KINDS[name].details}]"
        status, code = refused.split()
        assert code.strip("`") == refusal_code(details, "-", 403), name
        assert int(status) == next(row.status for row in REFUSALS if row.code == code.strip("`"))
        assert ("lifts it" in how_long) == (name in LIFTED_KINDS), name


def test_the_rules_of_an_operation_stand_with_their_refusals() -> None:
    table = rows("explanation/an-api-call.md", "rule")
    told = {code for row in table for code in re.findall(r"`(gateway\.[a-z_.]+)`", row[2])}
    rules = {row.code for row in REFUSALS if any("[rule." in details for details in row.details)}
    assert rules | {"gateway.scope.missing", "gateway.certificate.missing"} == told
    assert {"psd2", "acr", "auth_time"} == OPTIONAL_CLAIMS


def test_every_refusal_of_the_gateway_stands_in_the_reference_with_its_status() -> None:
    table = rows("reference/errors.md", "code")
    expected = [(row.code, str(row.status)) for row in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL)]
    assert [(code.strip("`"), status) for code, status, *_ in table] == expected
