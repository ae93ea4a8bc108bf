"""The documents that the sandbox answers with mocks: files in its folder, made from the database."""

from __future__ import annotations

import fcntl
import json
from pathlib import Path

from django.conf import settings

from propylon.catalog.models import ProductVersion, Publication, Upstream

SANDBOX_UPSTREAM = "sandbox"
_LIST = ".written"  # what was written last: name to hash of the document, size and time of the file


def mock_prefix(product_version: ProductVersion) -> str:
    """Where the sandbox answers for a version that it only mocks."""
    return f"/mocks/{product_version.product.name}/{product_version.version}"


def is_mocked(upstream: Upstream, upstream_prefix: str) -> bool:
    """Published to the sandbox without saying where: the bank does not serve it itself."""
    return upstream.name == SANDBOX_UPSTREAM and not upstream_prefix


def mocked_versions() -> list[ProductVersion]:
    """Without their documents."""
    rows = Publication.objects.filter(upstream__name=SANDBOX_UPSTREAM).select_related("product_version__product")
    publications = rows.defer("product_version__document", "product_version__product__description")
    found = {
        publication.product_version_id: publication.product_version
        for publication in publications
        if publication.upstream_prefix == mock_prefix(publication.product_version)
    }
    return list(found.values())


def sync_mocks() -> None:
    """Makes the folder say what the database says; a file that is right already is left alone."""
    folder = settings.PROPYLON_HOME.sandbox / "mocks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("a") as lock:  # web, worker and command line: the last to look writes last
        fcntl.flock(lock, fcntl.LOCK_EX)
        _sync(folder)


def _sync(folder: Path) -> None:
    """Documents are read only where the folder's own list says that a file is another one than was written last."""
    wanted = {folder / version.product.name / f"{version.version}.json": version for version in mocked_versions()}
    before = _read_list(folder / _LIST)
    written = {}
    for path, version in wanted.items():
        name = str(path.relative_to(folder))
        if before.get(name) != _state(path, version):
            text = json.dumps(version.document, ensure_ascii=False, separators=(",", ":"))
            _write(path, text)
        written[name] = _state(path, version)
    for path in folder.glob("*/*.json"):
        if path not in wanted:
            path.unlink(missing_ok=True)
    if written != before:
        _write(folder / _LIST, json.dumps(written))


def _state(path: Path, version: ProductVersion) -> list[object]:
    """Differs when the document does, or the file."""
    try:
        facts = path.stat()
    except OSError:
        return [version.document_hash]
    return [version.document_hash, facts.st_size, facts.st_mtime_ns]


def _read_list(path: Path) -> dict[str, list[object]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)  # the sandbox reads the old document or the new one, never half of one
