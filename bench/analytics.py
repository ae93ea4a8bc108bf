"""Time of the analytics pages' queries with 50 million calls counted. `python bench/analytics.py [days]`.

500 applications call each of 300 operations. Some records come through the real ingestion; the rest is made as counts
(one cell a day for each application and operation, as `add_up` would find it waiting), and added up by the real
`add_up`. Rollups have the size that 50 million real calls would give them over so many days; the table of records has
not. Pages read records by id, and the newest of one application, only: both by an index.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from call_lines_made import APPLICATIONS, OPERATIONS, application_name, lines, operation_of
from ingestion import own_database

CALLS, DAYS, RECORDS, ROUNDS = 50_000_000, 10, 100_000, 20
DURATIONS = 12  # different ones of each cell
MOST_MS = 100
DAY = 86_400


def fill(days: int) -> None:
    from django.utils import timezone

    from propylon.usage.actions import ingest_lines
    from propylon.usage.counts import Counts, pack
    from propylon.usage.latency import add, bucket_of
    from propylon.usage.models import PendingCounts
    from propylon.usage.rollups import add_up

    chance = random.Random(1)
    now = timezone.now()
    each = (CALLS - RECORDS) // (days * APPLICATIONS * OPERATIONS)
    today = int(now.timestamp()) // DAY * DAY
    for day in range(days):
        for application in range(APPLICATIONS):
            cells = {}
            for operation in range(OPERATIONS):
                minute = today - day * DAY + chance.randrange(1_440) * 60
                counts = Counts(each, each // 33, each // 33, 0, 25 * each, 0, 2_048 * each)
                counts.codes = {"200": each - each // 33, "401 gateway.token.expired": each // 33}
                for part in range(DURATIONS):
                    calls = (each + part) // DURATIONS
                    add(counts.latency, {bucket_of(int(chance.lognormvariate(3, 1))): calls})
                product, name = operation_of(operation)
                cells[minute, "sandbox", product, "v1", name, application_name(application)] = counts
            PendingCounts.objects.create(counted=pack(cells), calls=OPERATIONS * each, received_at=now)
            if application % 20 == 19:
                while add_up():
                    pass
        print(f"day {day + 1} of {days}", file=sys.stderr, flush=True)
    made = lines(RECORDS, began_at=now.timestamp() - 60, per_second=2_000, operations_of_each=OPERATIONS, seed=9)
    ingest_lines(node="bench", segment="bench", offset=0, data=b"".join(made))
    while add_up():
        pass


def looks() -> dict[str, Callable[[], object]]:
    """What each page asks, by its title."""
    from django.utils import timezone

    from propylon.usage.analytics import Selection, ranking, summary
    from propylon.usage.counts import SeriesKind
    from propylon.usage.periods import PeriodName, period
    from propylon.usage.selectors import CallFilter, call_by_tracking_id, recent_calls

    now, application = timezone.now(), application_name(7)
    found: dict[str, Callable[[], object]] = {
        "recent calls of an application": lambda: recent_calls(application, CallFilter(), before=None, limit=26),
        "a call by its id": lambda: call_by_tracking_id("00000000-0000-4000-8000-000000000000"),
    }
    for name in PeriodName:
        chosen = period(name, now)

        def look(kind: SeriesKind, selection: Selection, chosen: object = chosen) -> Callable[[], object]:
            return lambda: (summary(selection, chosen), ranking(kind, selection, chosen))  # type: ignore[arg-type]

        of_app = Selection(environment="sandbox", application=application)
        found[f"usage of an application, {name}"] = look(SeriesKind.APPLICATION_OPERATION, of_app)
        for kind in (SeriesKind.PRODUCT, SeriesKind.OPERATION, SeriesKind.ORGANIZATION, SeriesKind.APPLICATION):
            found[f"all by {kind}, {name}"] = look(kind, Selection())
    return found


def main() -> None:
    with own_database():
        fill(int(sys.argv[1]) if len(sys.argv) > 1 else DAYS)
        print("| what | p50 ms | slowest ms | to reach |\n|---|---|---|---|")
        for title, work in looks().items():
            work()
            times = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                work()
                times.append((time.perf_counter() - began) * 1000)
            times.sort()
            print(f"| {title} | {times[ROUNDS // 2]:.0f} | {times[-1]:.0f} | ≤ {MOST_MS} |", flush=True)


if __name__ == "__main__":
    main()
