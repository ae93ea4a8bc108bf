"""The child that makes the home ready, as the supervisor sees it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

from propylon.cli.child_process import SUPERVISOR
from propylon.cli.voice import Voice
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home


class HomeInitialisation:
    """`propylon initialise` in a process of its own; the memory that it takes goes with it."""

    def __init__(self, home: Home, voice: Voice, *, empty: bool) -> None:
        self._voice = voice
        self._log = home.logs / "initialise.log"
        command = [sys.executable, "-m", "propylon.cli.main", "initialise", "--json"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--empty"] if empty else command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, SUPERVISOR: str(os.getpid())},
                start_new_session=True,
            )
        assert self._process.stdout is not None  # noqa: S101
        os.set_blocking(self._process.stdout.fileno(), False)
        self._unread = b""
        self._failure: PropylonError | None = None

    def finish(self, wait: Callable[[], None], is_cancelled: Callable[[], bool]) -> bool:
        """Pass on what it reports until it ends; False when cancelled. Its refusal is raised here."""
        while self._process.poll() is None:
            if is_cancelled():
                self._process.terminate()
                self._process.wait()
                return False
            self._read()
            wait()
        self._read()
        if self._failure is not None:
            raise self._failure
        if self._process.returncode != 0:
            raise PropylonError(
                "home.initialisation.failed",
                f"The home could not be made ready. What went wrong is at the end of {self._log}",
                kind=Kind.UNAVAILABLE,
            )
        return True

    def _read(self) -> None:
        assert self._process.stdout is not None  # noqa: S101
        self._unread += self._process.stdout.read() or b""
        *lines, self._unread = self._unread.split(b"\n")
        for line in lines:
            told = json.loads(line)
            if "error" in told:
                self._failure = PropylonError(
                    told["error"], told["message"], kind=Kind.UNAVAILABLE, detail=told["detail"]
                )
            else:
                self._voice.say("step", f"  {told['step']}")
