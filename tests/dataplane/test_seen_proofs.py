"""The memory of accepted proofs: once only, for long enough, bounded, and through kills."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.dataplane.seen_proofs import Outcome, SeenProofs

NOW, KEPT = 1_800_000_000, 71


def digest(name: object) -> bytes:
    return hashlib.sha256(str(name).encode()).digest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "proofs.seen"


def memory(file: Path, slots: int = 64) -> SeenProofs:
    return SeenProofs(file, kept_seconds=KEPT, slots=slots)


def test_once_is_new_and_twice_is_a_replay(file: Path) -> None:
    seen = memory(file)
    assert seen.add(digest("a"), NOW) is Outcome.NEW
    assert seen.add(digest("b"), NOW) is Outcome.NEW
    assert seen.add(digest("a"), NOW) is Outcome.REPLAYED


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 40), min_size=2, max_size=30))
def test_a_proof_is_known_for_as_long_as_it_could_be_used(tmp_path_factory: pytest.TempPathFactory, steps: list[int]):
    seen = memory(tmp_path_factory.mktemp("seen") / "f")
    now, added = NOW, []
    for number, step in enumerate(steps):
        now += step
        assert seen.add(digest(number), now) is Outcome.NEW
        added.append((number, now))
        for old, at in added:
            if now - at < KEPT:
                assert seen.add(digest(old), now) is Outcome.REPLAYED


def test_what_is_too_old_makes_room(file: Path) -> None:
    seen = memory(file)
    assert [seen.add(digest(n), NOW) for n in range(49)] == [Outcome.NEW] * 48 + [Outcome.FULL]
    assert seen.add(digest(0), NOW + KEPT - 1) is Outcome.REPLAYED
    assert seen.add(digest(48), NOW + KEPT) is Outcome.NEW
    assert seen.add(digest(0), NOW + KEPT) is Outcome.REPLAYED  # of the older table
    assert seen.add(digest(0), NOW + 2 * KEPT) is Outcome.NEW


def test_after_a_long_silence_nothing_is_left(file: Path) -> None:
    seen = memory(file)
    for n in range(48):
        seen.add(digest(n), NOW)
    assert seen.add(digest(0), NOW + 10 * KEPT) is Outcome.NEW


def test_a_clock_that_is_set_back_forgets_nothing_and_fills_nothing_for_ever(file: Path) -> None:
    seen = memory(file)
    seen.add(digest("a"), NOW)
    assert seen.add(digest("a"), NOW - 3600) is Outcome.REPLAYED
    assert seen.add(digest("a"), NOW - 3600 + 2 * KEPT) is Outcome.NEW


def test_the_next_process_knows_what_the_killed_one_knew(file: Path) -> None:
    memory(file).add(digest("a"), NOW)
    assert memory(file).add(digest("a"), NOW + 1) is Outcome.REPLAYED


def test_a_file_of_another_kind_is_begun_anew(file: Path) -> None:
    file.write_bytes(b"x" * 100)
    seen = memory(file)
    assert seen.add(digest("a"), NOW) is Outcome.NEW
    assert seen.add(digest("a"), NOW) is Outcome.REPLAYED


def test_a_real_memory_is_four_megabytes(file: Path) -> None:
    SeenProofs(file, kept_seconds=KEPT)
    assert file.stat().st_size == 4 * 1024 * 1024 + 64
