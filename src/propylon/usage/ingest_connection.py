"""The process that takes call records in: its connection stays open, and SQLite gets room for its indexes.

Tracking ids are random, so each batch touches pages all over their index: with a small cache each is written twice.
"""

from __future__ import annotations

import gc

from django.db import connections

DATABASE = "usage"
# 32 MB of pages; the log is copied into the file every 32 MB; no memory map, whose pages would count as this process's.
_SQLITE = "PRAGMA cache_size=-32000;PRAGMA wal_autocheckpoint=8000;PRAGMA mmap_size=0;"


def prepare_connection() -> None:
    """Once, at the start of the process that ingests."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)  # a batch is tens of thousands of tuples, and no cycle is among them
    connection = connections[DATABASE]
    connection.close()
    settings = connection.settings_dict
    settings["CONN_MAX_AGE"] = None
    if connection.vendor == "sqlite":
        options = settings["OPTIONS"]
        settings["OPTIONS"] = {**options, "init_command": options["init_command"] + _SQLITE}
