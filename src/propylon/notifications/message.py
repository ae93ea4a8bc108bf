"""A mail as a message, RFC 5322."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from propylon.notifications.models import Mail


def compose(mail: Mail, *, sender: str) -> EmailMessage:
    """Plain text in UTF-8. The Message-ID is the mail's own, so that a second delivery is recognised as one."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.queued_at)
    message["Message-ID"] = f"<{mail.public_id}@propylon.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    # Never quoted-printable: whoever reads the file as text must find a link in one piece.
    message.set_content(mail.body, cte="7bit" if mail.body.isascii() else "8bit")
    return message
