"""What adding up needs to know of each stored call: seven small columns a batch, until they are added up. Pure.

A batch is packed column by column, its texts numbered: nothing is summed before there is much to sum, because where
every application calls every operation hardly two calls of a batch are alike.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from propylon.usage.call_lines import COLUMNS, Row
from propylon.usage.counts import Counts, Grain
from propylon.usage.latency import EXACT, bucket_of

_TO_THE_SECOND = len("2026-11-22 14:05:59")
_AT = COLUMNS.index("at")


class Place(NamedTuple):
    """Where a call went: outside of every product only the environment, at token requests not even that."""

    environment: str
    product: str
    version: str
    operation: str


class Caller(NamedTuple):
    """The application is empty at calls without a token."""

    environment: str
    application: str


class CallsOfDay(NamedTuple):
    """`start` is the day's first second; `packed` is what propylon.usage.day_operations.sum_up reads."""

    start: int
    caller: Caller
    places: dict[Place, tuple[int, int]]  # how many calls went there, and the second of the last
    calls: int
    packed: bytes


class _Numbers(dict[Any, int]):
    """A number for each that is asked for, from 0 on."""

    def __missing__(self, key: Any) -> int:
        number = self[key] = len(self)
        return number


def _getter(*names: str) -> itemgetter[Any]:
    return itemgetter(*(COLUMNS.index(name) for name in names))


_place_of = _getter(*Place._fields)
_caller_of = _getter("environment", "application_id")
_outcome_of = _getter("status", "refusal_code")
_measures = tuple(_getter(name) for name in ("duration_ms", "bytes_received", "bytes_sent"))


def pack(rows: Sequence[Row]) -> bytes:
    """What `WaitingCalls.take` reads."""
    places, callers, outcomes = _Numbers(), _Numbers(), _Numbers()
    columns = [
        list(map(places.__getitem__, map(_place_of, rows))),
        list(map(callers.__getitem__, map(_caller_of, rows))),
        list(map(outcomes.__getitem__, map(_outcome_of, rows))),
        [_second(row[_AT][:_TO_THE_SECOND]) for row in rows],
        *(list(map(measure, rows)) for measure in _measures),
    ]
    codes = [f"{status} {refusal}".strip() for status, refusal in outcomes]
    return orjson.dumps([list(places), list(callers), codes, columns])


@lru_cache(maxsize=4_096)
def _second(text: str) -> int:
    """Of "2026-11-22 14:05:59", in UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


class WaitingCalls:
    """The calls of several batches, some 50 bytes of memory each."""

    def __init__(self) -> None:
        self._places, self._callers, self._codes = _Numbers(), _Numbers(), _Numbers()
        self._place, self._caller, self._code = array("I"), array("I"), array("I")
        self._second, self._duration, self._received, self._sent = array("Q"), array("I"), array("Q"), array("Q")
        self._place_names: list[Place] = []
        self._code_texts: list[str] = []

    def __len__(self) -> int:
        return len(self._second)

    @property
    def places(self) -> Collection[Place]:
        return self._places.keys()

    @property
    def applications(self) -> set[str]:
        return {caller.application for caller in self._callers if caller.application}

    def take(self, packed: bytes | memoryview) -> None:
        """A batch more."""
        places, callers, codes, columns = orjson.loads(packed)
        numbered = (
            (self._place, self._places, [Place(*texts) for texts in places]),
            (self._caller, self._callers, [Caller(*texts) for texts in callers]),
            (self._code, self._codes, codes),
        )
        for (column, known, names), found in zip(numbered, columns, strict=False):
            numbers = [known[name] for name in names]
            column.extend([numbers[each] for each in found])
        for column, found in zip((self._second, self._duration, self._received, self._sent), columns[3:], strict=True):
            column.extend(found)
        self._place_names, self._code_texts = list(self._places), list(self._codes)

    def by_place(self) -> Iterator[tuple[int, Place, Counts]]:
        """Of each minute, by its first second."""
        places, length = self._place_names, Grain.MINUTE.seconds
        keys = [s // length * len(places) + place for s, place in zip(self._second, self._place, strict=True)]
        for key, calls in self._groups(keys):
            minute, place = divmod(key, len(places))
            yield minute * length, places[place], self._sum(calls)

    def by_caller(self) -> Iterator[tuple[int, Caller, Counts]]:
        """Of each minute, by its first second."""
        callers, length = list(self._callers), Grain.MINUTE.seconds
        keys = [s // length * len(callers) + caller for s, caller in zip(self._second, self._caller, strict=True)]
        for key, calls in self._groups(keys):
            minute, caller = divmod(key, len(callers))
            yield minute * length, callers[caller], self._sum(calls)

    def days(self, number_of: Callable[[Place], int]) -> Iterator[CallsOfDay]:
        """The calls of each day and caller, not summed by operation: where everybody calls everything, few are alike.

        `number_of` a place is its operation's; 0 leaves the calls that went there out.
        """
        callers, length = list(self._callers), Grain.DAY.seconds
        numbers = [number_of(place) for place in self._places]
        keys = [s // length * len(callers) + caller for s, caller in zip(self._second, self._caller, strict=True)]
        for key, calls in self._groups(keys):
            day, caller = divmod(key, len(callers))
            inside = [call for call in calls if numbers[self._place[call]]]
            if inside:
                yield self._of_day(day * length, callers[caller], inside, numbers)

    def _of_day(self, start: int, caller: Caller, calls: list[int], numbers: list[int]) -> CallsOfDay:
        last: dict[int, int] = {}
        for call in calls:
            place, second = self._place[call], self._second[call]
            if second > last.get(place, 0):
                last[place] = second
        count = Counter(map(self._place.__getitem__, calls))
        codes = _Numbers()
        packed = orjson.dumps(
            [
                [numbers[self._place[call]] for call in calls],
                [codes[self._code[call]] for call in calls],
                *([column[call] for call in calls] for column in (self._duration, self._received, self._sent)),
                [self._code_texts[code] for code in codes],
            ]
        )
        places = {self._place_names[place]: (count[place], second) for place, second in last.items()}
        return CallsOfDay(start, caller, places, len(calls), packed)

    def _groups(self, keys: list[int]) -> Iterator[tuple[int, list[int]]]:
        """The calls of each key, by their numbers."""
        for key, calls in groupby(sorted(range(len(keys)), key=keys.__getitem__), keys.__getitem__):
            yield key, list(calls)

    def _sum(self, calls: list[int]) -> Counts:
        """Of these calls."""
        took = list(map(self._duration.__getitem__, calls))
        found = Counts(
            duration_ms=sum(took),
            bytes_received=sum(map(self._received.__getitem__, calls)),
            bytes_sent=sum(map(self._sent.__getitem__, calls)),
        )
        found.latency.update(Counter([each if each < EXACT else bucket_of(each) for each in took]))
        for code, count in Counter(map(self._code.__getitem__, calls)).items():
            found.add_code(self._code_texts[code], count)
        return found
