"""Starts children, watches them, restarts what dies, stops all of them in order."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from propylon.cli.child_process import GATE, SUPERVISOR

_FIRST_DELAY = 0.1  # seconds until the first restart; doubles with each death
_LONGEST_DELAY = 10.0
_STEADY_AFTER = 20.0  # a child that lived this long has recovered: its deaths are forgotten
_STOP_SECONDS = 12.0  # the gateway lets calls in progress end, which may take five; all else stops at once


@dataclass
class Child:
    """One process that has to be there."""

    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    restart_at: float | None = None
    gate: int | None = field(default=None, repr=False)


class Supervisor:
    """Owns its children. `say` hears each thing that a person should know: (event, sentence)."""

    def __init__(self, say: Callable[[str, str], None], pids_file: Path) -> None:
        self._say = say
        self._pids_file = pids_file
        self._children: list[Child] = []
        self._gates_open = False

    @property
    def children(self) -> Sequence[Child]:
        return self._children

    def start(self, name: str, log: Path) -> None:
        """Start `propylon <name>`. It imports its code and then waits for `open_gates`."""
        child = Child(name, [sys.executable, "-m", "propylon.cli.main", name], log)
        self._children.append(child)
        self._spawn(child)

    def open_gates(self) -> None:
        """The home is ready: let the children begin."""
        self._gates_open = True
        for child in self._children:
            if child.gate is not None:
                with contextlib.suppress(BrokenPipeError):  # it died already, and is started again
                    os.write(child.gate, b"1")
                os.close(child.gate)
                child.gate = None

    def tend(self) -> None:
        """Notice deaths, restart what is due. Call often; returns at once."""
        now = time.monotonic()
        for child in self._children:
            if child.process is not None and child.process.poll() is not None:
                self._bury(child, now)
            if child.restart_at is not None and now >= child.restart_at:
                self._spawn(child)
        if self._gates_open:  # before that the caller has children of its own
            self._reap_orphans()

    def next_restart(self) -> float | None:
        """Seconds until something is due, or None."""
        due = [child.restart_at for child in self._children if child.restart_at is not None]
        return max(0.0, min(due) - time.monotonic()) if due else None

    def stop(self, impatient: Callable[[], bool]) -> None:
        """End the children one after the other, in the order in which they were started: the gateway first."""
        for child in self._children:
            child.restart_at = None
            self._end(child, impatient)
        self._end_orphans()
        self._pids_file.unlink(missing_ok=True)

    def _spawn(self, child: Child) -> None:
        # Two arenas: glibc makes eight for each core, and a process with threads keeps what was freed in all of them.
        environment = {"MALLOC_ARENA_MAX": "2", **os.environ, SUPERVISOR: str(os.getpid())}
        reading: int | None = None
        if not self._gates_open:
            reading, child.gate = os.pipe()
            environment[GATE] = str(reading)
        with child.log.open("ab") as log:
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environment,
                pass_fds=() if reading is None else (reading,),
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which stops the others in order
            )
        if reading is not None:
            os.close(reading)
        child.started_at, child.restart_at = time.monotonic(), None
        self._write_pids()

    def _bury(self, child: Child, now: float) -> None:
        assert child.process is not None  # noqa: S101
        lived = now - child.started_at
        child.deaths = 1 if lived > _STEADY_AFTER else child.deaths + 1
        delay = min(_FIRST_DELAY * 2 ** (child.deaths - 1), _LONGEST_DELAY)
        how = _how_it_ended(child.process.returncode)
        self._say(
            "restart",
            f"{child.name} {how} after {lived:.0f} s; starting it again in {delay:.1f} s ({child.log})",
        )
        child.process, child.restart_at = None, now + delay

    def _end(self, child: Child, impatient: Callable[[], bool]) -> None:
        if child.process is None:
            return
        child.process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        while child.process.poll() is None and time.monotonic() < deadline and not impatient():
            time.sleep(0.01)
        if child.process.poll() is None:
            self._say("kill", f"{child.name} did not stop by itself; killing process {child.process.pid}")
            child.process.kill()
            child.process.wait()

    def _orphans(self) -> list[int]:
        """Children that we did not start: they outlived the child of ours that started them."""
        own = {child.process.pid for child in self._children if child.process is not None}
        return [pid for pid in children_of(os.getpid()) if pid not in own]

    def _reap_orphans(self) -> None:
        for pid in self._orphans():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _end_orphans(self) -> None:
        deadline = time.monotonic() + _STOP_SECONDS
        for number, until in ((signal.SIGTERM, deadline), (signal.SIGKILL, deadline + _STOP_SECONDS)):
            for pid in self._orphans():
                os.kill(pid, number)
            while self._orphans() and time.monotonic() < until:
                self._reap_orphans()
                time.sleep(0.01)

    def _write_pids(self) -> None:
        pids: Mapping[str, int] = {"up": os.getpid()} | {
            child.name: child.process.pid for child in self._children if child.process is not None
        }
        fresh = self._pids_file.with_suffix(".new")
        fresh.write_text(json.dumps(pids))
        fresh.replace(self._pids_file)


def children_of(pid: int) -> list[int]:
    """The process ids of a process' children."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found += [int(entry.name)] if int(parent) == pid else []
    return found


def _how_it_ended(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
