"""What the worker repeats for this room."""

from __future__ import annotations

from propylon.kernel.periodic import Periodic
from propylon.notifications.actions import deliver_mails


def _deliver_mails() -> None:
    deliver_mails()


PERIODIC = (Periodic("deliver_mails", 0.5, _deliver_mails),)
