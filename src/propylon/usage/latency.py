"""Latency histograms that merge by adding: log-linear buckets, as HdrHistogram has them. Pure.

Whole milliseconds below 128 have a bucket each. Above, each doubling is cut into 64 buckets of one width, so that a
bucket is at most 1/64 of its values wide and its middle at most 0.8 per cent away from any of them.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

EXACT: Final = 128  # durations below are their own buckets
_PER_DOUBLING: Final = 64
_EXACT_BITS: Final = 7
_WIDTHS: Final = ("H", "I", "Q")  # of a stored count, in struct's words
_BYTES: Final = {"H": 2, "I": 4, "Q": 8}
_LARGEST: Final = {"H": 0xFFFF, "I": 0xFFFF_FFFF}

Histogram = dict[int, int]  # bucket: how many


def bucket_of(milliseconds: int) -> int:
    """The bucket of a duration; negative ones count as 0."""
    if milliseconds < EXACT:
        return max(milliseconds, 0)
    doublings = milliseconds.bit_length() - _EXACT_BITS
    return doublings * _PER_DOUBLING + (milliseconds >> doublings)


def middle_of(bucket: int) -> int:
    """The milliseconds in the middle of a bucket."""
    if bucket < EXACT:
        return bucket
    doublings = bucket // _PER_DOUBLING - 1
    return ((bucket - doublings * _PER_DOUBLING) << doublings) + (1 << doublings) // 2


def percentile(histogram: Mapping[int, int], share: float) -> int | None:
    """The smallest duration that at least `share` (0 to 1) of the calls did not exceed (nearest rank), in milliseconds.

    Within 0.8 per cent of the exact one; None without calls.
    """
    calls = sum(histogram.values())
    if not calls:
        return None
    rank = max(1, -(-calls * round(share * 10_000) // 10_000))  # rounded up
    seen = 0
    for bucket in sorted(histogram):
        seen += histogram[bucket]
        if seen >= rank:
            return middle_of(bucket)
    raise AssertionError("the ranks end with the calls")


def to_bytes(histogram: Mapping[int, int]) -> bytes:
    """A letter for the width of a count, all buckets as 16 bits in ascending order, all counts; little endian."""
    buckets = sorted(histogram)
    counts = [histogram[bucket] for bucket in buckets]
    largest = max(counts, default=0)
    width = next(letter for letter in _WIDTHS if largest <= _LARGEST.get(letter, largest))
    return width.encode() + _layout(len(buckets), width).pack(*buckets, *counts)


def from_bytes(data: bytes | memoryview) -> Histogram:
    """What `to_bytes` wrote."""
    found: Histogram = {}
    add_bytes(found, data)
    return found


def add_bytes(into: Histogram, data: bytes | memoryview) -> None:
    """Merge what `to_bytes` wrote into the first."""
    if len(data) < 2:
        return
    width = chr(data[0])
    size = (len(data) - 1) // (2 + _BYTES[width])
    values = _layout(size, width).unpack_from(data, 1)
    pairs = zip(values[:size], values[size:], strict=True)
    if into:
        known = into.get
        for bucket, count in pairs:
            into[bucket] = known(bucket, 0) + count
    else:
        into.update(pairs)


@lru_cache(maxsize=4_096)
def _layout(size: int, width: str) -> struct.Struct:
    return struct.Struct(f"<{size}H{size}{width}")


def add(into: Histogram, other: Mapping[int, int]) -> None:
    """Merge `other` into the first."""
    for bucket, count in other.items():
        into[bucket] = into.get(bucket, 0) + count
