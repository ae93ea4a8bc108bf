"""Takes lines in with room for little more than the empty database: `python full_disk_ingestion.py LINES_FILE`.

Prints the error's kind and what is stored, then the same once there is room again.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "propylon.project.settings"

import django

django.setup()

from django.db import DatabaseError, connections  # noqa: E402

from propylon.project.migrations_runner import bring_databases_up_to_date  # noqa: E402
from propylon.usage.actions import ingest_lines  # noqa: E402
from propylon.usage.models import CallRecord, PendingCounts, ShippedSegment  # noqa: E402
from propylon.usage.rollups import add_up  # noqa: E402

ROOM = 96 * 1024


def stored() -> str:
    offset = ShippedSegment.objects.values_list("offset", flat=True).first() or 0
    return f"{CallRecord.objects.count()} {PendingCounts.objects.count()} {offset}"


def main() -> None:
    data = Path(sys.argv[1]).read_bytes()
    bring_databases_up_to_date()
    with connections["usage"].cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # a write beyond the limit is then an error, as on a full disk
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, most))
    try:
        ingest_lines(node="node-1", segment="s", offset=0, data=data)
        print("stored")
    except DatabaseError as error:
        print(type(error).__name__)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    connections["usage"].close()
    print(stored())
    print(ingest_lines(node="node-1", segment="s", offset=0, data=data))
    print(add_up())
    print(stored())


if __name__ == "__main__":
    main()
