"""Codes are stable names that outsiders rely on (STYLE, errors and logs)."""

from __future__ import annotations

from collections import defaultdict

from propylon.project.error_reference import PAGE, error_uses, reference


def test_a_code_belongs_to_one_room_and_has_one_kind() -> None:
    rooms, kinds = defaultdict(set), defaultdict(set)
    for use in error_uses():
        rooms[use.code].add(use.room)
        kinds[use.code].update({use.kind} - {""})
    assert {code: found for code, found in rooms.items() if len(found) > 1} == {}
    assert {code: found for code, found in kinds.items() if len(found) > 1} == {}


def test_every_code_is_documented() -> None:
    assert PAGE.read_text() == reference(error_uses()), "run `make docs` and commit docs/reference/errors.md"
