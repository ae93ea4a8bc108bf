"""A full disk stores nothing by halves: the lines stay with the node, and are stored once there is room."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path

from call_lines import call_line

SCRIPT = Path(__file__).with_name("full_disk_ingestion.py")
CALLS = 2_000


def test_a_full_disk_stores_neither_records_nor_counts_nor_offset_and_room_stores_all_once(tmp_path: Path) -> None:
    call = {"at": 1_790_000_000, "environment": "sandbox", "status": 200, "details": "via_upstream", "duration_ms": 1}
    data = b"".join(call_line({**call, "id": str(uuid.uuid4())}) for _ in range(CALLS))
    lines = tmp_path / "calls.tsv"
    lines.write_bytes(data)
    environment = {**os.environ, "PROPYLON_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(lines)], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == [
        "OperationalError",
        "0 0 0",
        str(len(data)),
        str(CALLS),
        f"{CALLS} 0 {len(data)}",
    ], done.stderr
