"""Files that may hold a key: for their owner alone, whole or not at all, never over what is there unless told so."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path

from propylon.kernel.errors import Kind, PropylonError
from propylon.toolkit.contents import NamedFile
from propylon.toolkit.findings import finding, refusal
from propylon.toolkit.outputs import OutputFile
from propylon.toolkit.reading import LARGEST_FILE_BYTES

_PRIVATE, _PUBLIC, _FOLDER = 0o600, 0o644, 0o700


def read_named(paths: Sequence[Path]) -> list[NamedFile]:
    """The files; of one that is too large only so much that reading tells it. Raises `file.not_found`."""
    return [_read(path) for path in paths]


def _read(path: Path) -> NamedFile:
    try:
        with path.open("rb") as file:
            return NamedFile(path.name, file.read(LARGEST_FILE_BYTES + 1))
    except OSError as error:
        raise refusal(finding("file.not_found", file=path, reason=(error.strerror or "unreadable").lower())) from None


def place(files: Iterable[tuple[Path, OutputFile]], *, is_forced: bool = False) -> None:
    """All of them or none. Raises `toolkit.file.exists` and `toolkit.file.not_written`.

    Each is written beside its place under a name that nobody guesses, and takes its place in one step. Without
    `is_forced` that step itself refuses a name that is taken: there is no moment between looking and writing.
    """
    wanted = list(files)
    if not is_forced:
        _refuse_taken([path for path, _ in wanted if path.exists() or path.is_symlink()])
    drafts: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        for path, file in wanted:
            path.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
            drafts.append((_draft(path, file), path))
        for draft, path in drafts:
            if is_forced:
                draft.replace(path)
            else:
                os.link(draft, path)
                placed.append(path)
    except FileExistsError as error:
        _take_back(placed)
        _refuse_taken([Path(str(error.filename2 or error.filename))])
    except OSError as error:
        _take_back(placed)
        raise PropylonError(
            "toolkit.file.not_written",
            f"{error.filename} cannot be written: {(error.strerror or 'refused').lower()}. Name another folder.",
            kind=Kind.CONFLICT,
        ) from None
    finally:
        for draft, _ in drafts:
            with contextlib.suppress(FileNotFoundError):
                draft.unlink()


def _draft(path: Path, file: OutputFile) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    mode = _PRIVATE if file.is_private else _PUBLIC
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(handle, "wb") as target:
        target.write(file.data)
        target.flush()
        os.fsync(target.fileno())
    return draft


def _take_back(placed: Iterable[Path]) -> None:
    for path in placed:
        with contextlib.suppress(OSError):
            path.unlink()


def _refuse_taken(taken: Sequence[Path]) -> None:
    if taken:
        names = ", ".join(str(path) for path in taken)
        raise PropylonError(
            "toolkit.file.exists",
            f"There is {names} already; nothing was written. Name another place, or add --force.",
            kind=Kind.CONFLICT,
        )
