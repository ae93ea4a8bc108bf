"""The gateway's own certificate, read from the home's files whenever they change; the key never leaves the node."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from propylon.dataplane.delivery import Delivery
from propylon.gateway.server_certificate import server_certificate_resource
from propylon.gateway.snapshot import Resource

_log = logging.getLogger(__name__)
_LOOK_EVERY_SECONDS = 0.5


class ServerCertificate:
    def __init__(self, certificate: Path, key: Path) -> None:
        self._paths = (certificate, key)
        self._seen: object = None

    def changed(self) -> Resource | None:
        """The resource if the files are there and differ from what was returned before."""
        try:
            seen = [(status.st_mtime_ns, status.st_size, status.st_ino) for status in (it.stat() for it in self._paths)]
            if seen == self._seen:
                return None
            certificate, key = (path.read_text() for path in self._paths)
        except FileNotFoundError:
            return None
        self._seen = seen
        return server_certificate_resource(certificate, key)

    def watch(self, delivery: Delivery, stopping: threading.Event) -> None:
        while not stopping.wait(_LOOK_EVERY_SECONDS):
            try:
                resource = self.changed()
                if resource is not None:
                    delivery.deliver({resource.kind: resource})
            except OSError as error:
                _log.warning("dataplane.server_certificate.unreadable", extra={"detail": str(error)})
