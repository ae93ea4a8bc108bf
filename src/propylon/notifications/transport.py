"""Ways out for a mail: a file in the outbox folder, or a mail server (SMTP, RFC 5321)."""

from __future__ import annotations

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

_TIMEOUT_SECONDS = 20


class Transport(Protocol):
    """`send` raises OSError or SMTPException when the mail did not go out."""

    def send(self, name: str, message: EmailMessage) -> None: ...


@dataclass(frozen=True, slots=True)
class OutboxFolder:
    """`<folder>/<name>.eml`, moved into place whole; sending the same mail again changes nothing."""

    folder: Path

    def send(self, name: str, message: EmailMessage) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f".{name}.part"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(message.as_bytes())
        draft.replace(self.folder / f"{name}.eml")


@dataclass(frozen=True, slots=True)
class MailServer:
    """`smtp://[user:password@]host[:port]` takes STARTTLS when offered, no password goes without; `smtps://` is TLS."""

    url: str

    def send(self, name: str, message: EmailMessage) -> None:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        with self._connect(host, parts.scheme, parts.port, context) as server:
            is_private = parts.scheme == "smtps"
            if not is_private and server.has_extn("starttls"):
                server.starttls(context=context)
                server.ehlo()
                is_private = True
            if parts.username:
                if not is_private:
                    raise smtplib.SMTPNotSupportedError("the mail server offers no TLS; no password is sent without")
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    @staticmethod
    def _connect(host: str, scheme: str, port: int | None, context: ssl.SSLContext) -> smtplib.SMTP:
        if scheme == "smtps":
            return smtplib.SMTP_SSL(host, port or 465, timeout=_TIMEOUT_SECONDS, context=context)
        server = smtplib.SMTP(host, port or 25, timeout=_TIMEOUT_SECONDS)
        server.ehlo()
        return server


def choose_transport(smtp_url: str, outbox: Path) -> Transport:
    return MailServer(smtp_url) if smtp_url else OutboxFolder(outbox)
