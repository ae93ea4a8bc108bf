"""Work that the worker repeats. A room lists its own in `tasks.py` as `PERIODIC`; `project.worker` runs them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Periodic:
    """`run` is called every `every_seconds` in a thread of the worker, never twice at once."""

    name: str
    every_seconds: float
    run: Callable[[], None]
