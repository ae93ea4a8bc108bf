"""Mails go out at least once: as files, or to a real mail server, and again later when it fails."""

from __future__ import annotations

import email
import email.policy
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from propylon.kernel.home import Home
from propylon.notifications.actions import deliver_mails, queue_mail
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def outbox(settings: Settings, tmp_path: Path) -> Path:
    settings.PROPYLON_HOME = Home(tmp_path)
    return tmp_path / "outbox"


def test_a_mail_becomes_a_message_file_of_its_own_name(outbox: Path) -> None:
    mail = queue_mail(
        to="dana@partner.example", subject="Grüße\r\nBcc: x@evil.example", body="Zeile 1\nhttps://a/?b=ü\n"
    )
    assert deliver_mails() == 1

    (file,) = outbox.iterdir()
    assert file.name == f"{mail.public_id}.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert message["To"] == "dana@partner.example"
    assert message["Subject"] == "Grüße Bcc: x@evil.example"
    assert message["Bcc"] is None
    assert message.get_content().splitlines() == ["Zeile 1", "https://a/?b=ü"]
    mail.refresh_from_db()
    assert mail.delivered_at is not None
    assert deliver_mails() == 0


def test_a_long_link_stays_in_one_piece(outbox: Path) -> None:
    link = f"https://localhost:8443/verify-email?token={'x' * 200}"
    queue_mail(to="dana@partner.example", subject="Link", body=f"Open this:\n\n{link}\n")
    deliver_mails()
    (file,) = outbox.iterdir()
    assert link in file.read_text().splitlines()


def test_a_mail_that_goes_out_twice_after_a_crash_is_one_file(outbox: Path) -> None:
    mail = queue_mail(to="dana@partner.example", subject="Once", body="text")
    deliver_mails()
    Mail.objects.filter(pk=mail.pk).update(delivered_at=None, next_attempt_at=timezone.now())  # the note was lost
    assert deliver_mails() == 1
    assert len(list(outbox.iterdir())) == 1


def test_no_action_no_mail(outbox: Path) -> None:
    with transaction.atomic():
        queue_mail(to="dana@partner.example", subject="Never", body="text")
        transaction.set_rollback(True)
    assert deliver_mails() == 0
    assert not outbox.exists()


def test_a_failure_is_noted_and_tried_again_later(settings: Settings, outbox: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    settings.PROPYLON_SMTP_URL = f"smtp://127.0.0.1:{port}"
    mail = queue_mail(to="dana@partner.example", subject="Later", body="text")

    assert deliver_mails() == 0
    mail.refresh_from_db()
    assert (mail.attempts, mail.delivered_at) == (1, None)
    assert "Refused" in mail.last_error
    assert mail.next_attempt_at is not None
    assert timedelta(0) < mail.next_attempt_at - timezone.now() <= timedelta(seconds=2)
    assert deliver_mails() == 0
    mail.refresh_from_db()
    assert mail.attempts == 1  # not due yet

    settings.PROPYLON_SMTP_URL = ""
    Mail.objects.update(next_attempt_at=timezone.now())
    assert deliver_mails() == 1


def test_the_pause_grows_to_an_hour_and_ends_after_days(settings: Settings, outbox: Path) -> None:
    settings.PROPYLON_SMTP_URL = "smtp://127.0.0.1:1"
    mail = queue_mail(to="dana@partner.example", subject="Later", body="text")
    for attempts, longest in ((5, 64), (20, 3600)):
        Mail.objects.update(attempts=attempts, next_attempt_at=timezone.now())
        deliver_mails()
        mail.refresh_from_db()
        assert mail.next_attempt_at is not None
        assert mail.next_attempt_at - timezone.now() <= timedelta(seconds=longest)
    Mail.objects.update(attempts=79, next_attempt_at=timezone.now())
    deliver_mails()
    mail.refresh_from_db()
    assert mail.next_attempt_at is None


def test_a_mail_server_gets_the_same_message(settings: Settings, outbox: Path) -> None:
    with mail_server() as (port, received):
        settings.PROPYLON_SMTP_URL = f"smtp://127.0.0.1:{port}"
        settings.PROPYLON_MAIL_FROM = "no-reply@bank.example"
        mail = queue_mail(to="dana@partner.example", subject="Hello", body="Ü\n.\nend\n")
        assert deliver_mails() == 1
    lines = b"".join(received)
    assert b"mail FROM:<no-reply@bank.example>" in lines
    assert b"rcpt TO:<dana@partner.example>" in lines
    assert f"<{mail.public_id}@propylon.invalid>".encode() in lines
    assert not outbox.exists()


def test_no_password_is_sent_without_tls(settings: Settings, outbox: Path) -> None:
    with mail_server() as (port, received):
        settings.PROPYLON_SMTP_URL = f"smtp://user:hunter2@127.0.0.1:{port}"
        mail = queue_mail(to="dana@partner.example", subject="Hello", body="text")
        assert deliver_mails() == 0
    mail.refresh_from_db()
    assert "no TLS" in mail.last_error
    assert "hunter2" not in mail.last_error
    assert b"AUTH" not in b"".join(received).upper()


@contextmanager
def mail_server() -> Iterator[tuple[int, list[bytes]]]:
    """A mail server of the plainest kind (RFC 5321) for one connection; what it was sent, line by line."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, received), daemon=True)
        thread.start()
        yield listener.getsockname()[1], received
        thread.join(10)


def _serve(listener: socket.socket, received: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rwb") as stream:
        stream.write(b"220 ready\r\n")
        stream.flush()
        is_text = False
        for line in stream:
            received.append(line)
            if is_text and line != b".\r\n":
                continue
            verb = line[:4].upper()
            is_text = verb == b"DATA"
            stream.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(verb, b"250 ok\r\n"))
            stream.flush()
            if verb == b"QUIT":
                return
