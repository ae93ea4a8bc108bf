"""Percentiles from histograms lie within 2 per cent of the exact ones (issue 4), whatever the durations are."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.usage.latency import Histogram, add, bucket_of, from_bytes, middle_of, percentile, to_bytes

_LARGEST = 2_147_483_647
_DURATIONS = st.lists(st.integers(0, _LARGEST), min_size=1, max_size=300)


def _histogram(durations: list[int]) -> Histogram:
    found: Histogram = {}
    for each in durations:
        add(found, {bucket_of(each): 1})
    return found


def _exact(durations: list[int], percent: int) -> int:
    return sorted(durations)[max(0, math.ceil(len(durations) * percent / 100) - 1)]


@given(st.integers(0, _LARGEST))
def test_the_middle_of_a_bucket_is_within_0_8_per_cent(milliseconds: int) -> None:
    assert abs(middle_of(bucket_of(milliseconds)) - milliseconds) <= milliseconds * 0.008


@given(st.integers(0, _LARGEST - 1))
def test_a_longer_duration_has_no_lower_bucket(milliseconds: int) -> None:
    assert bucket_of(milliseconds) <= bucket_of(milliseconds + 1) <= bucket_of(milliseconds) + 1


@given(_DURATIONS, st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_within_2_per_cent_of_the_exact_one(durations: list[int], percent: int) -> None:
    exact, found = _exact(durations, percent), percentile(_histogram(durations), percent / 100)
    assert found is not None
    assert abs(found - exact) <= exact * 0.02


@pytest.mark.parametrize("shape", ["even", "lognormal", "two humps"])
def test_percentiles_of_many_calls_are_within_2_per_cent(shape: str) -> None:
    chance = random.Random(7)
    draw = {
        "even": lambda: chance.randrange(5_000),
        "lognormal": lambda: int(chance.lognormvariate(4, 1.2)),
        "two humps": lambda: int(abs(chance.gauss(20, 5) if chance.random() < 0.9 else chance.gauss(3_000, 400))),
    }[shape]
    durations = [draw() for _ in range(20_000)]
    histogram = _histogram(durations)
    for percent in (50, 95, 99):
        assert percentile(histogram, percent / 100) == pytest.approx(_exact(durations, percent), rel=0.02)


@given(_DURATIONS, _DURATIONS)
def test_merging_stored_histograms_is_counting_all_of_it(some: list[int], others: list[int]) -> None:
    merged = from_bytes(to_bytes(_histogram(some)))
    add(merged, from_bytes(to_bytes(_histogram(others))))
    assert merged == _histogram(some + others)


@pytest.mark.parametrize("count", [1, 65_535, 65_536, 4_294_967_295, 4_294_967_296])
def test_counts_of_every_width_are_stored_whole(count: int) -> None:
    assert from_bytes(to_bytes({0: 1, 700: count})) == {0: 1, 700: count}


def test_of_no_calls_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None
    assert from_bytes(to_bytes({})) == {}
    assert bucket_of(-1) == 0
