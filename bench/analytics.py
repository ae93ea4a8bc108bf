"""Time of the analytics pages' queries with 50 million calls counted. `python bench/analytics.py [calls]`.

500 applications call each of 300 operations on each of 90 days (as far back as the pages look; the period before the
longest one is empty). What is generated:

- 200,000 call records of the last hour, as lines, through the real ingestion;
- the other calls of the last 11 days as `ingest_lines` leaves them to be added up (propylon.usage.waiting_calls),
  without their records: application, operation, second, duration and outcome of each call are drawn by chance, 3 in 100
  are refused. The real `add_up` adds them up. Those of days whose minutes are forgotten lie in one minute of each hour;
- each of the 79 days before has the rows of one of the days 4 to 10 ago, copied: day, hour (as long as hours are kept),
  operations and versions; the weeks are their sums.

So every count has the rows that 50 million real calls give; the table of records has not: pages read records by an
index only.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from call_lines_made import APPLICATIONS, OPERATIONS, application_name, lines, operation_of
from ingestion import own_database

CALLS, DAYS, RECORDS, ROUNDS = 50_000_000, 90, 200_000, 20
DRAWN, REAL = 11, 4  # days; of the last ones minutes are kept
AT_ONCE, BATCH = 100_000, 10_000
MOST_MS = 100
DAY, HOUR = 86_400, 3_600
CODES = ["200", "401 gateway.token.expired"]
DURATIONS = 5_000  # drawn once, and then chosen from


def fill(calls: int) -> None:
    from django.utils import timezone

    from propylon.usage.actions import ingest_lines
    from propylon.usage.models import DayCalls
    from propylon.usage.rollups import add_up, sum_days_up

    chance = random.Random(1)
    now = timezone.now()
    today = int(now.timestamp()) // DAY * DAY
    _partners()
    for ago in range(DRAWN - 1, -1, -1):
        for seconds in _seconds(chance, ago, today, int(now.timestamp()), (calls - RECORDS) // DAYS):
            _wait(chance, seconds)
            add_up()
        while DayCalls.objects.filter(start__lt=today - ago * DAY).exists():
            sum_days_up()
        print(f"{ago} days to draw", file=sys.stderr, flush=True)
    for ago in range(DRAWN, DAYS):
        _copy(today - (REAL + ago % (DRAWN - REAL)) * DAY, today - ago * DAY, with_hours=ago < 62)
    _sum_weeks_up()
    made = lines(RECORDS, began_at=now.timestamp() - HOUR, per_second=60, operations_of_each=OPERATIONS, seed=9)
    offset = 0
    for begin in range(0, RECORDS, BATCH):
        data = b"".join(made[begin : begin + BATCH])
        offset = ingest_lines(node="bench", segment="bench", offset=offset, data=data)
    while add_up():
        pass


def _copy(since: int, to: int, *, with_hours: bool) -> None:
    """The counts of the day that begins at `since` for another day."""
    from django.db import connections

    columns = "calls, refused, errors, failed, duration_ms, bytes_received, bytes_sent, codes, latency"
    tables = {"usage_daycounts": columns, "usage_dayoperations": "operations"}
    tables["usage_versioncalls"] = "application, calls, last"
    if with_hours:
        tables["usage_hourcounts"] = columns
    with connections["usage"].cursor() as cursor:
        for table, names in tables.items():
            cursor.execute(
                f"INSERT INTO {table} (series_id, start, {names}) SELECT series_id, start + %s, {names} "
                f"FROM {table} WHERE start >= %s AND start < %s",
                [to - since, since, since + DAY],
            )


def _sum_weeks_up() -> None:
    """As usage's migration 0010 does."""
    from importlib import import_module

    from django.apps import apps
    from django.db import connections

    from propylon.usage.models import WeekCounts

    WeekCounts.objects.all().delete()
    with connections["usage"].schema_editor() as editor:
        import_module("propylon.usage.migrations.0010_weeks").add_days_up(apps, editor)


def _partners() -> None:
    """Ten organizations."""
    from django.utils import timezone

    from propylon.accounts.models import Organization
    from propylon.applications.models import Application

    now = timezone.now()
    owners = [Organization.objects.create(public_id=f"org_{n}", name=f"Partner {n}", created_at=now) for n in range(10)]
    Application.objects.bulk_create(
        Application(
            public_id=application_name(number),
            organization=owners[number % 10],
            name=f"App {number}",
            type="server",
            contact_email="",
            created_at=now,
        )
        for number in range(APPLICATIONS)
    )


def _seconds(chance: random.Random, ago: int, today: int, now: int, calls: int) -> Iterator[list[int]]:
    """When the calls of this day are, in their order, AT_ONCE at most."""
    start, until = today - ago * DAY, min(today - ago * DAY + DAY, now)
    if ago < REAL:
        drawn = [chance.randrange(start, until) for _ in range(calls)]
    else:
        drawn = [chance.randrange(24) * HOUR + start for _ in range(calls)]
    drawn.sort()
    for begin in range(0, calls, AT_ONCE):
        yield drawn[begin : begin + AT_ONCE]


def _wait(chance: random.Random, seconds: list[int]) -> None:
    """What `ingest_lines` leaves of so many calls."""
    import orjson
    from django.utils import timezone

    from propylon.usage.models import PendingCounts

    count = len(seconds)
    durations = [int(chance.lognormvariate(3, 1)) for _ in range(DURATIONS)]
    places = [("sandbox", product, "v1", name) for product, name in map(operation_of, range(OPERATIONS))]
    callers = [("sandbox", application_name(number)) for number in range(APPLICATIONS)]
    columns = [
        chance.choices(range(OPERATIONS), k=count),
        chance.choices(range(APPLICATIONS), k=count),
        chance.choices((0, 1), (97, 3), k=count),
        seconds,
        chance.choices(durations, k=count),
        [0] * count,
        [2_048] * count,
    ]
    packed = orjson.dumps([places, callers, CODES, columns])
    PendingCounts.objects.create(counted=packed, calls=count, received_at=timezone.now())


def looks() -> Iterator[tuple[str, Callable[[], object]]]:
    """What each page and operation asks, by its title."""
    from django.utils import timezone

    from propylon.usage.analytics import MOST_EXPORTED, Selection, ranking, summary
    from propylon.usage.application_usage import usage_of_application
    from propylon.usage.called_operations import called_operations
    from propylon.usage.counts import SeriesKind
    from propylon.usage.models import CallRecord
    from propylon.usage.parts import call_by_tracking_id
    from propylon.usage.periods import Period, PeriodName, period
    from propylon.usage.recent_applications import recent_applications
    from propylon.usage.selectors import CallFilter, last_calls, program_calls, recent_calls, refused_calls
    from propylon.usage.service_days import Quarter, service_days
    from propylon.usage.version_callers import version_callers

    now, application = timezone.now(), application_name(7)
    of_app = Selection(environment="sandbox", application=application)
    oldest = CallRecord.objects.order_by("pk").values_list("tracking_id", flat=True)[0]
    some = [application_name(number) for number in range(25)]

    def ranked(kind: SeriesKind, selection: Selection, chosen: Period, limit: int) -> Callable[[], object]:
        return lambda: (summary(selection, chosen), ranking(kind, selection, chosen, limit=limit))

    def of_application(chosen: Period, limit: int) -> Callable[[], object]:
        return lambda: (summary(of_app, chosen), called_operations(application, chosen, limit=limit))

    for name in PeriodName:
        chosen = period(name, now)
        yield f"usage of an application, {name}", of_application(chosen, 25)
        yield f"usage of an application, {name}, exported", of_application(chosen, MOST_EXPORTED)
        for kind in (SeriesKind.PRODUCT, SeriesKind.OPERATION, SeriesKind.ORGANIZATION, SeriesKind.APPLICATION):
            for words, limit in (("the page", 25), ("the API's first page", 100), ("exported", MOST_EXPORTED)):
                yield f"all by {kind}, {name}, {words}", ranked(kind, Selection(), chosen, limit)
        of_product, of_owner = Selection(product="product-3"), Selection(organization="org_3")
        yield f"one product by operation, {name}", ranked(SeriesKind.OPERATION, of_product, chosen, 25)
        yield f"one organization by application, {name}", ranked(SeriesKind.APPLICATION, of_owner, chosen, 100)
    yield "usage of an application, all that is kept (API)", lambda: usage_of_application(application)
    yield "who calls a version", lambda: version_callers("product-3", "v1")
    yield "how many a kill switch concerns, product", lambda: recent_applications(product="product-3")
    yield "how many a kill switch concerns, organization", lambda: recent_applications(organization="org_3")
    yield "the console's day", lambda: program_calls(now - timedelta(hours=24))
    yield "quarter of a service", lambda: service_days("product-3", "sandbox", Quarter.of(now.date()), now)
    yield "recent calls of an application", lambda: recent_calls(application, CallFilter(), before=None, limit=26)
    yield "refused calls", lambda: refused_calls(now - timedelta(days=90), limit=26)
    yield "last calls of 25 applications", lambda: last_calls(some)
    yield "the oldest call by its id", lambda: call_by_tracking_id(oldest)
    yield "a call that is not there", lambda: call_by_tracking_id("00000000-0000-4000-8000-000000000000")


def sizes() -> str:
    from propylon.usage import models

    tables = (
        models.CallRecord,
        models.MinuteCounts,
        models.HourCounts,
        models.DayCounts,
        models.DayOperations,
        models.VersionCalls,
    )
    calls = sum(models.DayCounts.objects.filter(series__kind="environment").values_list("calls", flat=True))
    return f"{calls:,} calls counted; rows: " + ", ".join(
        f"{table.__name__} {table.objects.count():,}" for table in tables
    )


def main() -> None:
    with own_database():
        began = time.perf_counter()
        fill(int(sys.argv[1]) if len(sys.argv) > 1 else CALLS)
        print(f"filled in {time.perf_counter() - began:,.0f} s; {sizes()}", flush=True)
        print("| what | p50 ms | slowest ms | to reach |\n|---|---|---|---|")
        for title, work in looks():
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
