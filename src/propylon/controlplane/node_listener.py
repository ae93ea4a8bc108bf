"""The door for nodes on other machines: TLS 1.3 that asks for a certificate of the nodes' authority."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from django.db import close_old_connections
from django.utils import timezone

from propylon.certificates.actions import ensure_node_authority, issue_control_plane_certificate
from propylon.controlplane.embedded_server import EmbeddedServer
from propylon.kernel.actor import SYSTEM

_log = logging.getLogger(__name__)
_TRY_AGAIN_SECONDS = 2.0
_LOOK_EVERY_SECONDS = 3600.0
_RENEW_BEFORE = timedelta(days=30)


class NodeListener:
    """`serve` runs on the event loop until `stop`.

    A port that cannot be had is tried again and again: the node of this machine must not suffer from it.
    """

    def __init__(self, address: tuple[str, int], application: Any, certificate: Path) -> None:
        """`certificate`: where its certificate and key are kept, one file."""
        self._address = address
        self._application = application
        self._certificate = certificate
        self._context = _context()
        self._stopping = asyncio.Event()
        self._server: EmbeddedServer | None = None

    async def serve(self) -> None:
        renewing = asyncio.create_task(self._keep_certificate())
        try:
            while not self._stopping.is_set():
                await self._serve_once()
        finally:
            renewing.cancel()

    def stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.should_exit = True

    async def _serve_once(self) -> None:
        try:
            await self._load_certificate()
            if self._stopping.is_set():
                return
            self._server = EmbeddedServer(self._application, self._context)
            with _listening(self._address) as listening:
                _log.info("controlplane.nodes.listening", extra={"address": self._address})
                await self._server.serve(sockets=[listening])
        except Exception as error:  # noqa: BLE001  (a database that is away, a port that is taken)
            _log.error("controlplane.nodes.not_listening", extra={"address": self._address, "detail": str(error)})
            await self._pause(_TRY_AGAIN_SECONDS)

    async def _keep_certificate(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
            try:
                await self._load_certificate()
            except Exception as error:  # noqa: BLE001  (the next hour)
                _log.error("controlplane.nodes.certificate_not_renewed", extra={"detail": str(error)})

    async def _load_certificate(self) -> None:
        """New connections show what is in the file now."""
        ca_pem = await asyncio.to_thread(_in_database, lambda: ensure_certificate(self._certificate))
        self._context.load_verify_locations(cadata=ca_pem)
        self._context.load_cert_chain(self._certificate)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            pass


def ensure_certificate(path: Path) -> str:
    """Write the control plane's certificate and key, unless a good one is there; the nodes' authority as PEM."""
    ca_pem = ensure_node_authority(acting_user=SYSTEM)
    if not _is_good(path, ca_pem):
        made = issue_control_plane_certificate()
        _write(path, made.certificate_pem + made.key_pem.reveal())
    return ca_pem


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED  # and OpenSSL asks for one that is for clients
    context.num_tickets = 0  # a resumed session would outlive its certificate
    return context


def _listening(address: tuple[str, int]) -> socket.socket:
    family, _, _, _, place = socket.getaddrinfo(*address, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return socket.create_server(place[:2], family=family, backlog=128)


def _is_good(path: Path, ca_pem: str) -> bool:
    """Of this authority, and for a while yet?"""
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca_pem.encode()))
    except Exception:  # noqa: BLE001  (whatever is wrong with it: another is made)
        return False
    return certificate.not_valid_after_utc - timezone.now() > _RENEW_BEFORE


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _in_database(work: Callable[[], str]) -> str:
    try:
        return work()
    finally:
        close_old_connections()
