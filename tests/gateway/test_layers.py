"""When marks are settled, and what a node must run before the recent layer may do without them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from propylon.gateway.layers import NodeReport, Standing, base_after, is_settling_due, may_lean

QUIET = Standing(recent=0, oldest_recent_seconds=0, settled=0, still_live=0, seconds_since=3600)


@pytest.mark.parametrize(
    ("facts", "is_due"),
    [
        ({}, False),
        ({"seconds_since": None}, True),
        ({"recent": 300, "oldest_recent_seconds": 60}, False),
        ({"recent": 301}, True),
        ({"recent": 301, "seconds_since": 29}, False),
        ({"recent": 1, "oldest_recent_seconds": 61}, True),
        ({"recent": 1, "oldest_recent_seconds": 61, "seconds_since": 29}, False),
        ({"settled": 10_000, "still_live": 5_000}, False),
        ({"settled": 10_000, "still_live": 4_999}, True),
        ({"settled": 10_000, "still_live": 4_999, "seconds_since": 29}, False),
        ({"settled": 300, "still_live": 0}, False),  # too few to be worth it
    ],
)
def test_marks_are_settled_when_they_are_many_or_old_or_mostly_expired_but_seldom(facts, is_due):
    assert is_settling_due(replace(QUIET, **facts)) is is_due


NUMBERS = {"one": 1, "two": 2, "three": 3}


@pytest.mark.parametrize(
    ("base", "nodes", "expected"),
    [
        (0, [("two", 5)], 2),
        (0, [("two", 5), ("three", 90)], 2),
        (0, [("one", 91), ("three", 5)], 3),  # one that is away holds nothing up
        (0, [("three", 91)], 0),  # nor does it let anything go
        (2, [], 2),
        (2, [("one", 1)], 2),  # it came back: it gets all marks, the others keep the small layer
        (1, [("unknown", 1), ("three", 1)], 1),
        (0, [("", 1), ("three", 1)], 0),
    ],
)
def test_the_recent_layer_counts_on_what_every_live_node_has_confirmed(base, nodes, expected):
    assert base_after(base, NUMBERS, [NodeReport(*node) for node in nodes]) == expected


@pytest.mark.parametrize(
    ("running", "base", "expected"),
    [("two", 2, True), ("three", 2, True), ("one", 2, False), ("", 2, False), ("unknown", 1, False), ("", 0, True)],
)
def test_only_a_node_that_runs_the_base_or_later_gets_the_recent_layer_alone(running, base, expected):
    assert may_lean(base, NUMBERS, running) is expected
