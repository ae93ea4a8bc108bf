"""`propylon up`: everything on this machine, watched."""

from __future__ import annotations

import contextlib
import json
import select
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from typing import Any

import click

from propylon.cli.child_process import become_subreaper
from propylon.cli.configuration import Configuration, configuration
from propylon.cli.home_initialisation import HomeInitialisation
from propylon.cli.options import home_option
from propylon.cli.preflight import (
    check_ports,
    check_watches,
    finish_envoy_check,
    prepare_home,
    start_envoy_check,
    take_lock,
)
from propylon.cli.readiness import ask_readiness
from propylon.cli.supervisor import Supervisor
from propylon.cli.voice import Voice
from propylon.kernel.errors import Kind, PropylonError
from propylon.project.addresses import addresses, tell
from propylon.project.home import make_django_key

# The gateway first: it is also the first to be stopped, so that no call meets a half-stopped system; the worker
# last, since it takes the last call records in.
PROCESSES = ("gateway", "web", "sandbox", "worker")
_PATIENCE = 60.0  # seconds until `up` says what is still missing
_HOPELESS_DEATHS = 6  # of one child before the first time that all serves


@click.command()
@home_option
@click.option("--empty", is_flag=True, help="No demonstration on an empty home.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def up(*, empty: bool, as_json: bool) -> None:
    """Start everything on this machine and watch it: gateway, web, sandbox and worker.

    The first start on an empty home makes the database, the keys, the certificate authority and the demonstration.
    A later start keeps everything. Ctrl-C or SIGTERM stops all of it.
    """
    began = time.monotonic()
    found = configuration()
    prepare_home(found.home)
    with take_lock(found.home):
        check_ports(found)
        check_watches()
        make_django_key(found.home)
        with tell(found.home, addresses(found.home)):
            Run(found, Voice(as_json=as_json), began).run(empty=empty)


class Run:
    """One life of `propylon up`."""

    def __init__(self, found: Configuration, voice: Voice, began: float) -> None:
        self._configuration = found
        self._voice = voice
        self._began = began
        self._signals = 0
        self._supervisor = Supervisor(voice.say, found.home.run / "processes.json")

    def run(self, *, empty: bool) -> None:
        become_subreaper()
        envoy_check = start_envoy_check()
        with self._listening_to_signals() as wakes:
            try:
                initialisation = HomeInitialisation(self._configuration.home, self._voice, empty=empty)
                for name in PROCESSES:
                    self._supervisor.start(name, self._configuration.home.logs / f"{name}.log")
                finish_envoy_check(envoy_check)
                if initialisation.finish(lambda: self._wait(wakes, 0.5), lambda: self._signals > 0):
                    self._supervisor.open_gates()
                    self._become_ready(wakes)
                    self._watch(wakes)
            finally:
                self._end(envoy_check)

    def _become_ready(self, wakes: socket.socket) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not self._signals:
            self._supervisor.tend()
            self._give_up_if_hopeless()
            answer = ask_readiness(self._configuration)
            if answer.is_ready:
                self._voice.summary(self._facts(), self._demonstration_users())
                return
            if time.monotonic() > deadline:
                self._voice.say("waiting", f"Still not ready: {answer.missing}. Logs: {self._configuration.home.logs}")
                deadline += _PATIENCE
            self._wait(wakes, 0.1)

    def _watch(self, wakes: socket.socket) -> None:
        while not self._signals:
            self._supervisor.tend()
            due = self._supervisor.next_restart()
            self._wait(wakes, 5.0 if due is None else due)

    def _end(self, envoy_check: subprocess.Popen[str]) -> None:
        if self._signals:
            self._voice.say("stopping", "Stopping: gateway, web, sandbox, worker.")
        if envoy_check.poll() is None:
            envoy_check.kill()
            envoy_check.wait()
        asked = self._signals
        self._supervisor.stop(impatient=lambda: self._signals > asked)
        self._voice.say("stopped", "Stopped. Everything is kept in " + str(self._configuration.home.root))

    def _give_up_if_hopeless(self) -> None:
        for child in self._supervisor.children:
            if child.deaths >= _HOPELESS_DEATHS:
                raise PropylonError(
                    "process.start.failed",
                    f"{child.name} ends as soon as it is started. Its log says why: {child.log}",
                    kind=Kind.UNAVAILABLE,
                )

    @contextlib.contextmanager
    def _listening_to_signals(self) -> Iterator[socket.socket]:
        """SIGINT and SIGTERM are counted; they and a child's death wake whoever waits on the socket."""
        wakes, waker = socket.socketpair()
        for end in (wakes, waker):
            end.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._count_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield wakes
        finally:
            signal.set_wakeup_fd(-1)
            wakes.close()
            waker.close()

    def _count_signal(self, *_: object) -> None:
        self._signals += 1

    def _wait(self, wakes: socket.socket, seconds: float) -> None:
        if self._signals:
            return
        select.select([wakes], [], [], seconds)
        with contextlib.suppress(BlockingIOError):
            wakes.recv(4096)

    def _facts(self) -> Mapping[str, Any]:
        home = self._configuration.home
        return {
            "seconds": round(time.monotonic() - self._began, 2),
            "public_url": self._configuration.public_url,
            "mutual_url": self._configuration.mutual_url,
            "home": str(home.root),
            "ca_file": str(home.ca_file),
            "logs": str(home.logs),
            "outbox": str(home.outbox),
            "demo_file": str(home.demo_file) if home.demo_file.exists() else "",
        }

    def _demonstration_users(self) -> list[Mapping[str, str]]:
        try:
            users: list[Mapping[str, str]] = json.loads(self._configuration.home.demo_file.read_text())["users"]
        except (OSError, ValueError, KeyError):
            return []
        return users
