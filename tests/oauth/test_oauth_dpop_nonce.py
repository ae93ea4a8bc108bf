"""Nonces for proofs (RFC 9449 sections 8 and 9): nobody stores one, everybody with the key knows one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from propylon.oauth.dpop_nonce import STEP_SECONDS, good_nonces, nonce_at

KEY, OTHER = b"k" * 32, b"o" * 32
TIMES = st.integers(min_value=1_000_000, max_value=4_000_000_000)


@given(TIMES, st.integers(min_value=0, max_value=4 * STEP_SECONDS))
def test_a_nonce_is_good_for_some_minutes_rfc9449_8(now: int, later: int) -> None:
    assert nonce_at(KEY, now) in good_nonces(KEY, now + later)


@given(TIMES, st.integers(min_value=5 * STEP_SECONDS, max_value=10_000_000))
def test_an_old_nonce_and_a_coming_one_are_none_rfc9449_8(now: int, far: int) -> None:
    assert nonce_at(KEY, now) not in good_nonces(KEY, now + far)
    assert nonce_at(KEY, now + far) not in good_nonces(KEY, now)


def test_it_changes_each_minute_and_with_the_key_rfc9449_8_2() -> None:
    known = good_nonces(KEY, 1_800_000_000)
    assert len(set(known)) == len(known) == 5
    assert known[0] == nonce_at(KEY, 1_800_000_000) != nonce_at(KEY, 1_800_000_000 + STEP_SECONDS)
    assert not set(known) & set(good_nonces(OTHER, 1_800_000_000))


@pytest.mark.parametrize("now", [0, 1_800_000_000])
def test_it_is_what_a_header_may_hold_rfc9449_8_1(now: int) -> None:
    """NQCHAR, RFC 6749 appendix A, without what an HTTP header would need to quote."""
    assert all(len(each) == 24 and each.replace("-", "").replace("_", "").isalnum() for each in good_nonces(KEY, now))
