"""Following one line of the control plane: poll, deliver, confirm; a thread for each line."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.delivery import Delivery
from propylon.dataplane.health import NodeState

_log = logging.getLogger(__name__)
_WAIT_SECONDS = 20.0
_AWAY_SECONDS = 0.25
_TROUBLE_SECONDS = 1.0


class Follower:
    """`also_confirmed`: deliveries of the node's own resources, reported along with this line.

    `leaning_on`: a line whose state decides what this one is given, so every question tells it.

    `longest_pause`: between tries while the control plane is away, in seconds; over a network each costs a handshake.
    """

    def __init__(
        self,
        delivery: Delivery,
        control_plane: ControlPlane,
        state: NodeState,
        also_confirmed: Sequence[Delivery] = (),
        leaning_on: Delivery | None = None,
        *,
        longest_pause: float = _AWAY_SECONDS,
    ) -> None:
        self._delivery = delivery
        self._control_plane = control_plane
        self._state = state
        self._confirmed = (delivery, *also_confirmed)
        self._leaning_on = leaning_on
        self._longest_pause = longest_pause
        self._pause = _AWAY_SECONDS
        self._is_away = False

    def run(self, stopping: threading.Event) -> None:
        self._confirm()
        while not stopping.is_set():
            try:
                self.turn(_WAIT_SECONDS)
            except ControlPlaneAway as away:
                self._say_away(away)
                stopping.wait(self._pause)
                self._pause = min(self._longest_pause, self._pause * 2)
            except OSError as error:
                _log.error("dataplane.delivery.failed", extra={"kinds": self._delivery.kinds, "detail": str(error)})
                stopping.wait(_TROUBLE_SECONDS)

    def turn(self, wait: float) -> None:
        """One poll, short when something is left to do. Raises ControlPlaneAway; what runs goes on running."""
        resources = self._control_plane.poll(
            self._delivery.kinds, have_of(self._delivery, self._leaning_on), 0 if self._delivery.is_unfinished else wait
        )
        self._is_away, self._pause = False, _AWAY_SECONDS
        if resources or self._delivery.is_unfinished:
            self._delivery.deliver(resources)
        self._confirm()

    def _confirm(self) -> None:
        """Envoy's own account, also when nothing changed: it tells the control plane that the node is there."""
        try:
            running = {kind: it for delivery in self._confirmed for kind, it in delivery.running().items()}
        except OSError:
            return  # Envoy is starting; it will be asked again after the next poll
        self._state.note_running(running)
        try:
            self._control_plane.confirm({kind: it.as_dict() for kind, it in running.items()})
        except ControlPlaneAway as away:
            self._say_away(away)
        else:
            self._state.note_confirmed()
        self._state.write()

    def _say_away(self, away: ControlPlaneAway) -> None:
        if not self._is_away:
            _log.warning("dataplane.control_plane.away", extra={"detail": str(away)})
            self._state.note(control_plane_away=str(away)[:200])
        self._is_away = True


def have_of(delivery: Delivery, leaning_on: Delivery | None = None) -> dict[str, str]:
    """What a poll tells: what was received, and what Envoy took of the kinds that this line leans on."""
    leant = {kind: leaning_on.held(kind) for kind in leaning_on.kinds} if leaning_on else {}
    return {**delivery.have(), **leant}
