"""Takes lines in, in a process that is killed (-9) again and again: `python killed_ingestion.py KILLS`.

Each process asks how far the segment is stored, as a node does, goes on from there, and adds up what waits. Prints how
many of the deaths were in the middle of a transaction, then what is stored and counted beside what was sent.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import uuid

os.environ["DJANGO_SETTINGS_MODULE"] = "propylon.project.settings"

import django

django.setup()

from django.db import connections  # noqa: E402
from django.db.models import Sum  # noqa: E402

from call_lines import call_line  # noqa: E402
from propylon.project.migrations_runner import bring_databases_up_to_date  # noqa: E402
from propylon.usage.actions import ingest_lines  # noqa: E402
from propylon.usage.application_usage import usage_of_application  # noqa: E402
from propylon.usage.counts import Grain, SeriesKind  # noqa: E402
from propylon.usage.models import CallRecord, PendingCounts, PeriodCalls, VersionCalls  # noqa: E402
from propylon.usage.rollups import TABLES, add_up  # noqa: E402

LINES_A_LIFE, BATCH, APPLICATIONS = 800, 200, 5
LONGEST_LIFE = 0.12  # seconds from the first transaction on


def line(number: int) -> bytes:
    return call_line(
        {
            "id": str(uuid.UUID(int=number + (4 << 76) + (8 << 60))),
            "at": 1_790_000_000 + number / 50,
            "environment": "sandbox",
            "product": "accounts",
            "version": "v1",
            "operation": f"operation{number % 7}",
            "client": f"cli_{number % APPLICATIONS}",
            "application": f"app_{number % APPLICATIONS}",
            "status": 200,
            "details": "via_upstream",
            "duration_ms": number % 900,
        }
    )


def live(data: bytes, said: int) -> None:
    """Take everything in and end. A byte is said at the beginning of each transaction and one at its end."""
    offset = ingest_lines(node="node-1", segment="s", offset=0, data=b"")
    lines = data[offset:].splitlines(keepends=True)
    for begin in range(0, len(lines), BATCH):
        os.write(said, b"(")
        offset = ingest_lines(node="node-1", segment="s", offset=offset, data=b"".join(lines[begin : begin + BATCH]))
        os.write(said, b")")
        if begin // BATCH % 2:
            os.write(said, b"(")
            add_up()
            os.write(said, b")")
    os._exit(0)


def life(data: bytes, seconds: float | None) -> tuple[bool, bool]:
    """Was it killed, and was it in a transaction then? None: it may live as long as it needs."""
    connections.close_all()
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        live(data, said)
    os.close(said)
    words = os.read(heard, 1)
    if seconds is not None:
        time.sleep(seconds)
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    while more := os.read(heard, 4_096):
        words += more
    os.close(heard)
    return os.WIFSIGNALED(status), words.endswith(b"(")


def main() -> None:
    bring_databases_up_to_date()
    chance, data, sent, kills, within = random.Random(5), b"", 0, 0, 0
    while kills < int(sys.argv[1]):
        data += b"".join(line(number) for number in range(sent, sent + LINES_A_LIFE))
        sent += LINES_A_LIFE
        was_killed, was_within = life(data, chance.random() * LONGEST_LIFE)
        kills += was_killed
        within += was_killed and was_within
    life(data, None)
    while add_up():
        pass
    print(within)
    print(sent, CallRecord.objects.count(), CallRecord.objects.values("tracking_id").distinct().count())
    print(PendingCounts.objects.count())
    for grain in Grain:
        rows = TABLES[grain].objects
        for kind in (SeriesKind.ENVIRONMENT, SeriesKind.OPERATION, SeriesKind.APPLICATION):
            print(rows.filter(series__kind=kind).aggregate(calls=Sum("calls"))["calls"])
    print(VersionCalls.objects.aggregate(calls=Sum("calls"))["calls"])
    print(sum(row.calls for n in range(APPLICATIONS) for row in usage_of_application(f"app_{n}").by_operation))
    print(PeriodCalls.objects.filter(period="2026-09").aggregate(calls=Sum("calls"))["calls"])


if __name__ == "__main__":
    main()
