"""Queueing mails and delivering them, at least once each."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.notifications.message import compose
from propylon.notifications.models import Mail
from propylon.notifications.transport import Transport, choose_transport
from propylon.sealing.entropy import new_public_id

log = logging.getLogger(__name__)

_BATCH = 50
_LONGEST_WAIT = timedelta(hours=1)
_LAST_ATTEMPT = 80  # three days of trying


def queue_mail(*, to: str, subject: str, body: str) -> Mail:
    """Keep a mail for the worker. Call it in the transaction of the action, so that no action means no mail."""
    now = timezone.now()
    return Mail.objects.create(
        public_id=new_public_id("mail"),
        to=to,
        subject=" ".join(subject.split())[:200],
        body=body,
        queued_at=now,
        next_attempt_at=now,
    )


def deliver_mails() -> int:
    """Try every mail that is due; the number that went out.

    A mail is sent before it is noted as sent: after a crash in between it goes out again, under the same Message-ID
    and, as a file, under the same name.
    """
    transport = choose_transport(settings.PROPYLON_SMTP_URL, settings.PROPYLON_HOME.outbox)
    due = Mail.objects.filter(next_attempt_at__lte=timezone.now()).order_by("next_attempt_at")[:_BATCH]
    return sum(_deliver(mail, transport) for mail in due)


def _deliver(mail: Mail, transport: Transport) -> bool:
    message = compose(mail, sender=settings.PROPYLON_MAIL_FROM)
    try:
        transport.send(mail.public_id, message)
    except (OSError, SMTPException) as error:
        _note_failure(mail, error, timezone.now())
        return False
    with transaction.atomic():
        Mail.objects.filter(pk=mail.pk).update(
            delivered_at=timezone.now(), next_attempt_at=None, attempts=mail.attempts + 1, last_error=""
        )
    return True


def _note_failure(mail: Mail, error: Exception, now: datetime) -> None:
    attempts = mail.attempts + 1
    wait = min(timedelta(seconds=2 ** min(attempts, 12)), _LONGEST_WAIT)
    Mail.objects.filter(pk=mail.pk).update(
        attempts=attempts,
        last_error=f"{type(error).__name__}: {error}"[:400],
        next_attempt_at=now + wait if attempts < _LAST_ATTEMPT else None,
    )
    log.warning("mail.failed", extra={"mail": mail.public_id, "attempts": attempts, "error": type(error).__name__})
