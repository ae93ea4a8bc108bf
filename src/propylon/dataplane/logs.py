"""Structured logs of the agent: one JSON object per line on stderr, as every process of Propylon writes them."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **{key: value for key, value in vars(record).items() if key not in _STANDARD},
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log_json_lines() -> None:
    """Unless whoever started us has set up logging already."""
    if logging.root.handlers:
        return
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLines())
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.INFO)
