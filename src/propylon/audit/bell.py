"""The bell: tells the control plane that something committed. It may be lost; the control plane looks by itself too."""

from __future__ import annotations

import contextlib
import socket

from django.conf import settings

# Events about these change nothing for a gateway: they ring no bell, and nobody loads anything anew because of them.
# (What ends a token or a grant places a mark, which has an event of its own.)
SILENT_OBJECTS = (
    "token", "grant", "authorization_request", "customer", "user", "membership", "access_token", "invitation",
    "sign_up", "node", "approval",
)  # fmt: skip


def ring_bell() -> None:
    """One datagram to the control plane's socket; silence when nobody listens."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ringer:
        ringer.setblocking(False)
        ringer.sendto(b"!", str(settings.PROPYLON_HOME.bell_socket))
