"""The outbox folder of an installation without a mail server, as a person reads it."""

from __future__ import annotations

import email
import email.policy
import re
from email.message import EmailMessage

from running_system import RunningSystem, wait_until


def mails_to(system: RunningSystem, address: str) -> list[EmailMessage]:
    """Oldest first."""
    files = sorted(system.home.outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    found = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]
    return [each for each in found if isinstance(each, EmailMessage) and address in str(each["To"])]


def link_in_mail(system: RunningSystem, address: str, *, seen: int = 0) -> str:
    """The first link of the newest mail to an address; waits until there are more than `seen`."""
    wait_until(lambda: len(mails_to(system, address)) > seen, 15, lambda: f"no mail to {address}")
    body = mails_to(system, address)[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"https://\S+", body.get_content())
    assert found, body.get_content()
    return found[0]
