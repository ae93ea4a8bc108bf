"""States that things are in, as a badge shows them: a word, a tone and a sign, never the colour alone."""

from __future__ import annotations

from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# state as the rooms store it → (word, tone, icon)
STATES: MappingProxyType[str, tuple[str | Promise, str, str]] = MappingProxyType(
    {
        "pending": (_("Waiting for a decision"), "wait", "clock"),
        "open": (_("Open"), "wait", "clock"),
        "waiting": (_("Waiting for a decision"), "wait", "clock"),
        "requested": (_("Waiting for a decision"), "wait", "clock"),
        "approved": (_("Approved"), "good", "check"),
        "rejected": (_("Rejected"), "bad", "x"),
        "deleted": (_("Deleted"), "", "trash-2"),
        "active": (_("Active"), "good", "check"),
        "inactive": (_("Switched off"), "bad", "ban"),
        "valid": (_("Valid"), "good", "check"),
        "revoked": (_("Revoked"), "bad", "ban"),
        "expired": (_("Expired"), "bad", "clock-alert"),
        "used_up": (_("Used up"), "", "check"),
        "expiring": (_("Ends soon"), "wait", "clock-alert"),
        "issued": (_("Issued"), "good", "check"),
        "cancelled": (_("Cancelled"), "", "x"),
        "refused": (_("Refused"), "bad", "x"),
        "signing": (_("Being signed"), "wait", "clock"),
        "downloaded": (_("Downloaded"), "good", "download"),
        "failed": (_("Failed"), "bad", "circle-alert"),
        "accepted": (_("Accepted"), "good", "check"),
        "withdrawn": (_("Withdrawn"), "", "x"),
        "queued": (_("Waiting to be sent"), "wait", "clock"),
        "sent": (_("Sent"), "good", "check"),
        "draft": (_("Draft"), "", "file-pen"),
        "scheduled": (_("Scheduled"), "info", "calendar-clock"),
        "published": (_("Published"), "good", "check"),
        "live": (_("Live"), "good", "check"),
        "superseded": (_("Superseded"), "", "history"),
        "connected": (_("Connected"), "good", "check"),
        "behind": (_("Behind"), "wait", "clock-alert"),
        "announced": (_("Deprecation announced"), "wait", "clock"),
        "deprecated": (_("Deprecated"), "wait", "triangle-alert"),
        "past_sunset": (_("Past its end, still answers"), "bad", "clock-alert"),
        "coming": (_("Begins later"), "info", "calendar-clock"),
        "in_force": (_("In force"), "good", "check"),
        "ended": (_("Ended"), "bad", "ban"),
        "silent": (_("Silent"), "bad", "circle-alert"),
    }
)
