"""Mock answers for any imported OpenAPI document (FEATURES B5): `/mocks/<product>/<version>/<path of an operation>`.

The catalogue writes the documents to `<mocks folder>/<product>/<version>.json`; a changed file is noticed by itself.
"""

from __future__ import annotations

import json
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from propylon.kernel.errors import Kind, PropylonError, error_body
from propylon.kernel.tracking import TRACKING_HEADER
from propylon.openapi.mock import MockAnswer, MockApi, MockOperation, UnknownItemError
from propylon.sandbox.caller import tracking_id_of

_METHODS = ["GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD", "PATCH"]
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{0,79}")
_MOST_ANSWERS = 2_000
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

# modification time (ns), size, inode: another one means another document
Stamp = tuple[int, int, int]


@dataclass(slots=True)
class _Document:
    """One mocked document and the answers that it has given. An answer costs milliseconds once."""

    stamp: Stamp
    api: MockApi
    answers: OrderedDict[tuple[object, ...], MockAnswer] = field(default_factory=OrderedDict)

    def answer(self, operation: MockOperation, parameters: dict[str, str], seed: str) -> MockAnswer:
        key = (operation.method, operation.path, *parameters.items())
        found = self.answers.get(key)
        if found is None:
            found = self.answers[key] = self.api.answer(operation, parameters, seed)
            if len(self.answers) > _MOST_ANSWERS:
                self.answers.popitem(last=False)
        return found


class Mocks:
    """Answers from the documents in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._documents: dict[Path, _Document] = {}

    async def answer(self, request: Request) -> Response:
        # away from the event loop: the first answer of a large document takes a while, and the bank must not wait
        return await run_in_threadpool(self._answer, request)

    def _answer(self, request: Request) -> Response:
        product, version = request.path_params["product"], request.path_params["version"]
        document = self._document(product, version)
        operations, parameters = document.api.find(_path_below(request, f"/mocks/{product}/{version}"))
        if not operations:
            raise PropylonError(
                "mock.path.unknown",
                "This version has no such path. See the product's documentation.",
                kind=Kind.NOT_FOUND,
            )
        operation = operations.get(request.method) or operations.get("GET" if request.method == "HEAD" else "")
        if operation is None:
            return _method_refused(request, sorted(operations))
        try:
            made = document.answer(operation, parameters, f"{product}/{version}")
        except UnknownItemError as error:
            raise PropylonError(
                "mock.item.unknown",
                "The document does not allow such an id, so nothing has it. Take one from a list.",
                kind=Kind.NOT_FOUND,
            ) from error
        return _response(request, made)

    def _document(self, product: str, version: str) -> _Document:
        """The document as it is now; the one that was read before if it is still the same."""
        if not (_NAME.fullmatch(product) and _NAME.fullmatch(version)):
            raise PropylonError(
                "mock.product.unknown", "There is no such product. See the list of products.", kind=Kind.NOT_FOUND
            )
        path = self._folder / product / f"{version}.json"
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
            known = self._documents.get(path)
            if known is None or known.stamp != stamp:
                known = _Document(stamp, MockApi(_read(path)))
                self._documents[path] = known
        except FileNotFoundError:
            self._documents.pop(path, None)
            raise PropylonError(
                "mock.product.unknown",
                "The sandbox does not mock this version. Publish it to the sandbox first.",
                kind=Kind.NOT_FOUND,
            ) from None
        return known


def mock_routes(mocks_folder: Path) -> list[BaseRoute]:
    """To be mounted at the root of the sandbox; answers everything below `/mocks`."""
    mocks = Mocks(mocks_folder)
    return [Route("/mocks/{product}/{version}{path:path}", mocks.answer, methods=_METHODS)]


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _path_below(request: Request, prefix: str) -> str:
    """The path as it was sent: an encoded slash within an id is no slash."""
    raw = request.scope.get("raw_path") or quote(request.url.path).encode()
    return str(raw.decode("ascii", "replace")).split("?")[0].removeprefix(prefix) or "/"


def _response(request: Request, made: MockAnswer) -> Response:
    body = _encode(made.body) if made.is_json else made.body or ""
    headers = {name: value for name, value in made.headers.items() if name.lower() != "x-request-id"}
    if "x-request-id" in {name.lower() for name in made.headers}:
        # by the Berlin Group's and others' convention the caller's own
        headers["X-Request-ID"] = request.headers.get("x-request-id") or _header(made, "x-request-id")
    headers[TRACKING_HEADER] = tracking_id_of(request.headers)
    return Response(body, made.status, headers=headers, media_type=made.media_type or None)


def _header(made: MockAnswer, name: str) -> str:
    return next(value for key, value in made.headers.items() if key.lower() == name)


def _method_refused(request: Request, methods: list[str]) -> Response:
    tracking_id = tracking_id_of(request.headers)
    allowed = ", ".join(methods)
    body = error_body("mock.method.not_allowed", f"This address answers {allowed} only. Use one of them.", tracking_id)
    headers = {"Allow": allowed, TRACKING_HEADER: tracking_id}
    return Response(_encode(body), 405, headers=headers, media_type="application/json")
