"""The node's certificate towards the control plane, renewed with a key that never leaves the node.

At once when it has joined, since the bundle's key was made elsewhere and carried here; then when a third of the
certificate's time is left.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from datetime import UTC, datetime

from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.enrolment import Enrolment, read_enrolment, renewed
from propylon.dataplane.health import NodeState
from propylon.kernel.home import Home

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 30.0
_AWAY_SECONDS = 2.0
_KEY_SECONDS = 60.0


class Renewal:
    """`run` belongs into a thread; on the control plane's own machine there is nothing to renew, and it ends."""

    def __init__(self, home: Home, control_plane: ControlPlane, state: NodeState) -> None:
        self._home = home
        self._control_plane = control_plane
        self._state = state
        self._new: dict[str, str] = {}  # key and signing request, kept until they have a certificate

    def run(self, stopping: threading.Event) -> None:
        pause = 0.0
        while not stopping.wait(pause):
            enrolment = read_enrolment(self._home)
            if enrolment is None:
                return
            self._state.note(certificate_ends_at=enrolment.ends_at)
            pause = self._turn(enrolment)

    def _turn(self, enrolment: Enrolment) -> float:
        """How long to wait until the next, in seconds."""
        if datetime.now(UTC) < datetime.fromisoformat(enrolment.renew_after):
            return _LOOK_EVERY_SECONDS
        is_first = not self._new
        try:
            self._renew(enrolment)
        except (ControlPlaneAway, OSError, ValueError, subprocess.SubprocessError) as error:
            _log.warning("dataplane.renewal.waiting", extra={"ends_at": enrolment.ends_at, "detail": str(error)})
            return _AWAY_SECONDS if is_first else _LOOK_EVERY_SECONDS
        return 0.0

    def _renew(self, enrolment: Enrolment) -> None:
        self._new = self._new or json.loads(_new_identity(enrolment.node))
        found = self._control_plane.renew(self._new["csr"])
        renewed(
            self._home,
            certificate_pem=found["certificate"],
            key_pem=self._new["key"],
            ends_at=found["ends_at"],
            renew_after=found["renew_after"],
        )
        self._new = {}
        _log.info("dataplane.renewal.done", extra={"ends_at": found["ends_at"]})


def _new_identity(node: str) -> str:
    command = (sys.executable, "-m", "propylon.dataplane.new_identity", node)
    return subprocess.run(  # noqa: S603  (our own command)
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_KEY_SECONDS, check=True
    ).stdout
