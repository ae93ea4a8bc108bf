"""Answers for every operation of a document, without a bank behind it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from propylon.openapi.answer import AnswerMaker, MockAnswer
from propylon.openapi.described import Described, MockOperation
from propylon.openapi.paths import PathFinder
from propylon.openapi.schema_facts import ABSENT, fitted_identifier

__all__ = ["MockAnswer", "MockApi", "MockOperation", "UnknownItemError"]


class UnknownItemError(LookupError):
    """The path names something that its schema does not allow, and the document describes no 404."""


class MockApi:
    """The mocked API of one document that `read_api` has accepted."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._described = Described(document)
        self._finder = PathFinder(self._described.operations)

    def find(self, path: str) -> tuple[Mapping[str, MockOperation], dict[str, str]]:
        """The operations by method at a path (percent-encoded) and its parameters; both may be empty."""
        found = self._finder.find(path)
        if found is None:
            return {}, {}
        template, parameters = found
        return self._described.operations[template], {name: unquote(value) for name, value in parameters.items()}

    def operation(self, method: str, path: str) -> MockOperation:
        """By method and path template."""
        return self._described.operations[path][method]

    def answer(
        self, operation: MockOperation, parameters: Mapping[str, str], seed: str, *, status: str | None = None
    ) -> MockAnswer:
        """The answer with this declared status (the success if none is asked for), the same for the same arguments.

        Without `status`, a path parameter that its schema refuses is answered with the document's own 404, or
        raises `UnknownItemError`.
        """
        if status is None:
            fits = self._fits(operation, parameters)
            status = self._described.success(operation) if fits else _not_found(operation)
        return AnswerMaker(self._described, operation, parameters, seed).make(status)

    def _fits(self, operation: MockOperation, parameters: Mapping[str, str]) -> bool:
        schemas = self._described.schemas
        return all(
            fitted_identifier(schemas, self._described.parameter_schema(operation, name), value) is not ABSENT
            for name, value in parameters.items()
        )


def _not_found(operation: MockOperation) -> str:
    for status in ("404", "4XX", "400"):
        if status in operation.responses:
            return status
    raise UnknownItemError(operation.path)
