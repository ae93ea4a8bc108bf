"""A child of `propylon up`: dies with its supervisor, and imports its code while the home is still being made."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

SUPERVISOR = "PROPYLON_SUPERVISOR_PID"
GATE = "PROPYLON_START_GATE"
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_supervisor() -> None:
    """Have the kernel send SIGTERM when the supervisor is gone. Does nothing when there is no supervisor."""
    supervisor = os.environ.pop(SUPERVISOR, "")
    if not supervisor:
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(supervisor):  # it died before the kernel was told
        sys.exit(0)


def wait_for_gate() -> None:
    """Block until the supervisor says that the home is ready; leave when it died or gave up."""
    descriptor = os.environ.pop(GATE, "")
    if descriptor:
        with os.fdopen(int(descriptor), "rb") as gate:
            if not gate.read(1):
                sys.exit(0)


def become_subreaper() -> None:
    """Orphans of our children (an Envoy whose agent was killed) become our children, so that none is forgotten."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)
