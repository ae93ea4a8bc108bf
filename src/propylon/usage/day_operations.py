"""What an application called on one day, operation by operation, in one piece. Pure.

Where every application calls every operation these sums are nearly as many as calls: a row for each would be most of
the cost of a call record. So those of a day lie together, and calls wait unsummed until summing them is worth it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from typing import Any

import orjson

from propylon.usage.counts import Counts
from propylon.usage.latency import bucket_of

Operations = dict[int, Counts]  # by the number of the operation's series


def sum_up(packed: bytes | memoryview) -> Operations:
    """What calls that were not summed yet (propylon.usage.waiting_calls.CallsOfDay) come to."""
    found: Operations = {}
    *columns, codes = orjson.loads(packed)
    numbers, ended, *_ = columns
    for (number, code), calls in Counter(zip(numbers, ended, strict=True)).items():
        found.setdefault(number, Counts()).add_code(codes[code], calls)
    for number, _code, took, received, sent in zip(*columns, strict=True):
        counts = found[number]
        bucket = bucket_of(took)
        counts.latency[bucket] = counts.latency.get(bucket, 0) + 1
        counts.duration_ms += took
        counts.bytes_received += received
        counts.bytes_sent += sent
    return found


def to_bytes(operations: Operations) -> bytes:
    """Lines of JSON: the operations' numbers and calls, which is all that most readers need, then one for each."""
    lines = [orjson.dumps([list(operations), [it.calls for it in operations.values()]])]
    lines += [
        orjson.dumps((number, it.duration_ms, it.bytes_received, it.bytes_sent, it.codes, list(it.latency.items())))
        for number, it in operations.items()
    ]
    return b"\n".join(lines)


def from_bytes(data: bytes | memoryview, *, only: Container[int] | None = None) -> Operations:
    """What `to_bytes` wrote, or only these of it."""
    return {row[0]: _counts(*row[1:]) for row in _rows(data, only)}


def _rows(data: bytes | memoryview, only: Container[int] | None = None) -> Iterable[Any]:
    head, _, rest = bytes(data).partition(b"\n")
    lines = rest.split(b"\n") if rest else []
    if only is not None:
        numbers = orjson.loads(head)[0]
        lines = [line for number, line in zip(numbers, lines, strict=True) if number in only]
    rows: list[Any] = orjson.loads(b"[%b]" % b",".join(lines))
    return rows


def _counts(
    duration_ms: int, bytes_received: int, bytes_sent: int, codes: dict[str, int], latency: list[list[int]]
) -> Counts:
    counts = Counts(duration_ms=duration_ms, bytes_received=bytes_received, bytes_sent=bytes_sent)
    for code, calls in codes.items():
        counts.add_code(code, calls)
    counts.latency = dict(latency)  # type: ignore[arg-type]
    return counts


def count_calls(calls: Counter[int], data: bytes | memoryview) -> None:
    """Adds to the calls of each operation those of what `to_bytes` wrote."""
    numbers, counted = orjson.loads(bytes(data).partition(b"\n")[0])
    for number, count in zip(numbers, counted, strict=True):
        calls[number] += count


def called(packed: bytes | memoryview) -> list[int]:
    """The operation of each of these calls."""
    operations: list[int] = orjson.loads(packed)[0]
    return operations


def add(into: Operations, other: Operations) -> None:
    """Merge `other` into the first."""
    for number, counts in other.items():
        if number in into:
            into[number].add(counts)
        else:
            into[number] = counts


def add_without_latency(into: Operations, data: bytes | memoryview) -> None:
    """Merge what `to_bytes` wrote into the first, all but how long the single calls took."""
    for number, duration_ms, bytes_received, bytes_sent, codes, _latency in _rows(data):
        counts = into.get(number)
        if counts is None:
            counts = into[number] = Counts()
        counts.duration_ms += duration_ms
        counts.bytes_received += bytes_received
        counts.bytes_sent += bytes_sent
        for code, calls in codes.items():
            counts.add_code(code, calls)


def of_day(summed: Iterable[bytes | memoryview], waiting: Iterable[bytes | memoryview]) -> Operations:
    """Of both together."""
    found: Operations = {}
    for data in summed:
        add(found, from_bytes(data))
    for packed in waiting:
        add(found, sum_up(packed))
    return found
