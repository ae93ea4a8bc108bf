"""The bell: tells the control plane that something committed. It may be lost; the control plane looks by itself too."""

from __future__ import annotations

import contextlib
import socket

from django.conf import settings


def ring_bell() -> None:
    """One datagram to the control plane's socket; silence when nobody listens."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
        ringer.setblocking(False)
        ringer.sendto(b"!", str(settings.PROPYLON_HOME.bell_socket))
