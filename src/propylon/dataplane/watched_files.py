"""The files that Envoy watches: one folder per kind, moved into place whole, and a copy of the last that Envoy took."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from propylon.gateway.files import file_of
from propylon.gateway.snapshot import Resource
from propylon.gateway.wire import version_of

_VERSION = re.compile(rb'"version_info"\s*:\s*"([^"]*)"')

_HEAD_BYTES = 4096


class WatchedFiles:
    """`<folder>/<kind>/<kind>.json` or `.pb`; drafts and good copies lie outside of what is watched, on one disk."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make_folders(self, kinds: tuple[str, ...]) -> None:
        for name in (*kinds, "draft", "good", "log"):
            (self._folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, kind: str) -> Path:
        return self._folder / file_of(kind)

    def version(self, kind: str) -> str:
        """The version of the file in place, "" if there is none. Read without parsing megabytes."""
        return _version_of(self.path(kind))

    def good_version(self, kind: str) -> str:
        """The version of the last file that Envoy took, "" if there is none."""
        return _version_of(self._good(kind))

    def place(self, resource: Resource) -> None:
        """One rename: Envoy sees the old file or the new one."""
        draft = self._draft(resource.kind)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(resource.content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path(resource.kind))

    def change(self, kind: str, fit: Callable[[Resource], Resource]) -> None:
        """Fit what is in place anew: how the node is set up may have changed since it was placed."""
        version = self.version(kind)
        if not version:
            return
        placed = Resource.of(kind, version, self.path(kind).read_bytes())
        changed = fit(placed)
        if changed != placed:
            self.place(changed)

    def is_good(self, kind: str) -> bool:
        """Is what is in place the last that Envoy took?"""
        return self._good(kind).exists() and self._good(kind).samefile(self.path(kind))

    def keep_as_good(self, kind: str) -> None:
        """Envoy runs what is in place."""
        if self.is_good(kind):
            return
        self._link(self.path(kind), self._good(kind))

    def restore_good(self, kind: str) -> bool:
        """Put the last good file back, so that Envoy's next start finds one that it takes; False if there is none."""
        if not self._good(kind).exists():
            return False
        self._link(self._good(kind), self.path(kind))
        return True

    def move_again(self, kind: str) -> None:
        """Make Envoy read the file once more."""
        self._link(self.path(kind), self.path(kind))

    def _link(self, source: Path, target: Path) -> None:
        """A hard link by way of a draft, because renaming onto a link of the same file does nothing (POSIX)."""
        draft = self._draft(target.stem)
        draft.unlink(missing_ok=True)
        if target.exists() and source.samefile(target):
            draft.write_bytes(source.read_bytes())
            draft.chmod(0o600)
        else:
            os.link(source, draft)
        draft.replace(target)

    def _draft(self, kind: str) -> Path:
        return self._folder / "draft" / self.path(kind).name

    def _good(self, kind: str) -> Path:
        return self._folder / "good" / self.path(kind).name


def _version_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if not head.startswith(b"{"):
                return version_of(head)
            found = _VERSION.search(head) or _VERSION.search(file.read())
    except FileNotFoundError:
        return ""
    return found[1].decode() if found else ""
