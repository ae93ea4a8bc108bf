"""Bringing resources to Envoy: move the file, wait for Envoy's own word, keep the last good one."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from propylon.dataplane.envoy_admin import EnvoyAdmin, Report
from propylon.dataplane.envoy_log import EnvoyLog
from propylon.dataplane.watched_files import WatchedFiles
from propylon.gateway.snapshot import Resource

_log = logging.getLogger(__name__)
_PATIENCE_SECONDS = 10.0  # 10,000 operations take Envoy about a second
_WORDS_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Running:
    """What Envoy runs of one kind, and its words if it refused the newest."""

    version: str
    rejection: str = ""

    def as_dict(self) -> dict[str, str]:
        return {"version": self.version, "rejection": self.rejection}


class Delivery:
    """Delivers the kinds of one line (configuration, recent or settled marks, certificate), in their order, singly."""

    def __init__(self, kinds: Sequence[str], files: WatchedFiles, admin: EnvoyAdmin, log: EnvoyLog) -> None:
        self.kinds = tuple(kinds)
        self._files = files
        self._admin = admin
        self._log = log
        self._lock = threading.Lock()
        self._received = {kind: files.version(kind) for kind in self.kinds}
        self._waiting: dict[str, Resource] = {}
        self.is_unfinished = False  # an OSError (a full disk) came between: `deliver` goes on where it was
        self._rejections: dict[str, str] = {}

    def have(self) -> dict[str, str]:
        """The newest version received of each kind, rejected ones too: asking for those again would not help."""
        return dict(self._received)

    def missing(self) -> list[str]:
        return [kind for kind in self.kinds if not self._files.version(kind)]

    def place(self, resources: Mapping[str, Resource]) -> None:
        """Only put the files there: for the time before Envoy runs."""
        with self._lock:
            for kind, resource in resources.items():
                self._files.place(resource)
                self._received[kind] = resource.version

    def deliver(self, resources: Mapping[str, Resource]) -> None:
        """In the order of `kinds`; after one that Envoy rejects the later ones are held back: they may lean on it."""
        with self._lock:
            self._received |= {kind: resource.version for kind, resource in resources.items()}
            self._waiting |= resources
            self.is_unfinished = True
            for resource in [self._waiting[kind] for kind in self.kinds if kind in self._waiting]:
                is_taken = self._put(resource)
                del self._waiting[resource.kind]
                if not is_taken:
                    break
            self.is_unfinished = False

    def running(self) -> dict[str, Running]:
        """By Envoy's own account. Raises OSError when it does not answer."""
        reports = self._admin.reports(self.kinds)
        for kind, report in reports.items():
            self._keep_what_runs(kind, report.version)
        return {
            kind: Running(report.version, self._rejections.get(kind, ""))
            for kind, report in reports.items()
            if report.version
        }

    def held(self, kind: str) -> str:
        """The version that others may lean on: the last that Envoy took. It runs this one or a later one, or none."""
        return self._files.good_version(kind)

    def reconcile(self) -> None:
        """Envoy was started or adopted: what it does not run although the file is there is offered to it once more."""
        with self._lock:
            for kind in self.kinds:
                version = self._files.version(kind)
                if not version:
                    continue
                if self._await_version(kind, version, Report(), 2.0):
                    self._accept(kind)
                elif not self._offer_again(kind, version):
                    break

    def fall_back(self) -> None:
        """Envoy does not live long with what it finds: give it what it last ran with."""
        with self._lock:
            for kind in self.kinds:
                if not self._files.is_good(kind) and self._files.restore_good(kind):
                    self._rejections[kind] = "Envoy ended soon after it was started with this; see its log."

    def _put(self, resource: Resource) -> bool:
        """False if Envoy rejects it."""
        kind = resource.kind
        try:
            before = self._admin.reports([kind])[kind]
        except OSError:
            self._files.place(
                resource
            )  # Envoy is starting: it will find the file, and `reconcile` asks what became of it
            return True
        words_from = self._log.position()
        self._files.place(resource)
        return self._settle(kind, resource.version, before, words_from)

    def _offer_again(self, kind: str, version: str) -> bool:
        try:
            before = self._admin.reports([kind])[kind]
        except OSError:
            return True
        words_from = self._log.position()
        self._files.move_again(kind)
        return self._settle(kind, version, before, words_from)

    def _settle(self, kind: str, version: str, before: Report, words_from: int) -> bool:
        outcome = self._await_version(kind, version, before, _PATIENCE_SECONDS)
        if outcome is None:
            _log.warning("dataplane.resource.unconfirmed", extra={"kind": kind, "version": version})
            return True
        if outcome:
            self._accept(kind)
            return True
        words = self._words(words_from)
        self._rejections[kind] = words or "Envoy rejected it without a word; see its log."
        has_good = self._files.restore_good(kind)
        _log.error(
            "dataplane.resource.rejected",
            extra={"kind": kind, "version": version, "words": words, "last_good": has_good},
        )
        return False

    def _keep_what_runs(self, kind: str, version: str) -> None:
        """What is confirmed is never fallen back behind, also when Envoy took longer than our patience."""
        if not version or not self._lock.acquire(blocking=False):  # a delivery in progress sees to it itself
            return
        try:
            if not self._files.is_good(kind) and self._files.version(kind) == version:
                self._accept(kind)
        finally:
            self._lock.release()

    def _accept(self, kind: str) -> None:
        self._files.keep_as_good(kind)
        self._rejections.pop(kind, None)

    def _await_version(self, kind: str, version: str, before: Report, patience: float) -> bool | None:
        """True: Envoy runs it; False: it refused an update; None: no word."""
        deadline, pause = time.monotonic() + patience, 0.002
        while time.monotonic() < deadline:
            try:
                report = self._admin.reports([kind])[kind]
            except TimeoutError:
                continue  # the thread that would answer reads what it was given
            except OSError:
                return None
            if report.version == version:
                return True
            if report.refusals > before.refusals:
                return False
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        return None

    def _words(self, position: int) -> str:
        """The log line may come a moment after the count."""
        deadline = time.monotonic() + _WORDS_SECONDS
        while not (words := self._log.words_since(position)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return words
