"""Call records taken in per second of one core: parse, store, count, add up, commit. `python bench/ingestion.py`.

Processor time of this process, kernel included, on a database of its own that already holds as many records. `add_up`
runs whenever as many calls wait as it takes at once, and at the end. What an application calls is summed by operation
when 10,000 of its calls wait: that is measured apart, of one application.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parent))

RECORDS, BATCH, PER_SECOND = 300_000, 10_000, 20_000
NEEDED = 20_000
Found = TypeVar("Found")


def ingestion_rows() -> list[tuple[str, str, str]]:
    """For the table of `make bench`; in a process of its own, since Django knows one home only."""
    import subprocess

    done = subprocess.run([sys.executable, __file__], check=True, capture_output=True, text=True)
    return [tuple(line.strip("| ").split(" | ")) for line in done.stdout.splitlines()[2:]]  # type: ignore[misc]


@contextmanager
def own_database() -> Iterator[None]:
    """Django on an empty home."""
    folder = tempfile.mkdtemp(prefix="propylon-bench-")
    os.environ["PROPYLON_HOME"] = folder
    os.environ["DJANGO_SETTINGS_MODULE"] = "propylon.project.settings"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()
    from propylon.project.migrations_runner import bring_databases_up_to_date

    bring_databases_up_to_date()
    try:
        yield
    finally:
        shutil.rmtree(folder)


def measure(operations_of_each: int) -> tuple[float, float, float]:
    """Microseconds of processor per record: to take in, to add up, to sum by application and operation."""
    from call_lines_made import lines

    from propylon.usage.rollups import MOST_CALLS, add_up

    spent = {"take": 0.0, "add": 0.0}
    for number in range(2):  # the first time makes the series and fills the indexes
        made = lines(
            RECORDS,
            began_at=1_790_000_000 + number * 15,
            per_second=PER_SECOND,
            operations_of_each=operations_of_each,
            seed=operations_of_each + number,
        )
        batches = [b"".join(made[begin : begin + BATCH]) for begin in range(0, RECORDS, BATCH)]
        spent = {"take": 0.0, "add": 0.0}
        waiting, offset = 0, 0
        for batch in batches:
            offset, seconds = _timed(lambda: _ingest(operations_of_each, number, offset, batch))  # noqa: B023
            spent["take"] += seconds
            waiting += BATCH
            if waiting >= MOST_CALLS or batch is batches[-1]:
                spent["add"] += _timed(add_up)[1]
                waiting = 0
    return spent["take"] / RECORDS * 1e6, spent["add"] / RECORDS * 1e6, _by_operation(operations_of_each)


def _by_operation(operations_of_each: int) -> float:
    """Microseconds for each of 10,000 calls of one application, on top of as many that are summed already."""
    from datetime import UTC, datetime

    from call_lines_made import lines

    from propylon.usage import day_operations
    from propylon.usage.call_lines import COLUMNS, parse_lines
    from propylon.usage.waiting_calls import WaitingCalls, pack

    made = lines(20_000, began_at=1_790_000_000, per_second=10, operations_of_each=operations_of_each, seed=3)
    place = COLUMNS.index("application_id")
    rows = parse_lines(b"".join(made), node="bench", received_at=datetime.now(UTC)).rows
    rows = [(*row[:place], "one", *row[place + 1 :]) for row in rows]
    pieces = []
    for begin in range(0, 20_000, 400):
        calls = WaitingCalls()
        calls.take(pack(rows[begin : begin + 400]))
        pieces += [
            found.packed for found in calls.days(lambda place: hash(place.operation + place.product) % 10**6 + 1)
        ]
    stored = day_operations.to_bytes(day_operations.of_day([], pieces[:25]))
    began = time.process_time()
    day_operations.to_bytes(day_operations.of_day([stored], pieces[25:]))
    return (time.process_time() - began) / 10_000 * 1e6


def _ingest(operations_of_each: int, number: int, offset: int, batch: bytes) -> int:
    from propylon.usage.actions import ingest_lines

    return ingest_lines(node="bench", segment=f"{operations_of_each}-{number}", offset=offset, data=batch)


def _timed(work: Callable[[], Found]) -> tuple[Found, float]:
    began = time.process_time()
    found = work()
    return found, time.process_time() - began


def main() -> None:
    print("| what | measured | to reach |\n|---|---|---|")
    with own_database():
        from propylon.usage.ingest_connection import prepare_connection

        prepare_connection()
        for operations, title in ((10, "ten operations"), (300, "all 300 operations")):
            take, add, by_operation = measure(operations)
            print(
                f"| call records taken in per second of one core, 500 applications that call {title} each "
                f"| {1e6 / (take + add + by_operation):,.0f} ({take:.0f} µs to store, {add:.0f} µs to add up, "
                f"{by_operation:.1f} µs by operation) | ≥ {NEEDED:,} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
