"""From text to plain JSON values: YAML 1.2's JSON-compatible rules (OpenAPI 3.0.3 "Format"), or JSON."""

from __future__ import annotations

import codecs
import json
from typing import Any

import yaml

from propylon.openapi.mistakes import DocumentRejectedError, Mistake, pointer
from propylon.openapi.yaml_values import MAX_DEPTH, MAX_NODES, YamlValues, place_of

MAX_TEXT = 5 * 1024 * 1024
_MARKS = (  # of UTF-32 first: it begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_text(text: str) -> dict[str, Any]:
    """The document as JSON values with text keys, or `DocumentRejectedError` with line and column of each mistake."""
    if len(text) > MAX_TEXT:
        raise DocumentRejectedError([Mistake("line 1", f"the document is longer than {MAX_TEXT // 1024 // 1024} MiB")])
    value = _read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else _read_yaml(text)
    if not isinstance(value, dict):
        raise DocumentRejectedError([Mistake("line 1", "this is no OpenAPI document: it must begin with a mapping")])
    return value


def text_of(data: bytes) -> str:
    """The text of a file in UTF-8, or in UTF-16 or UTF-32 with its byte order mark; any else is rejected."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding).lstrip("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DocumentRejectedError([Mistake(f"line {line}", f"this is no text in {encoding.upper()}")]) from error


class _DuplicateKeyError(ValueError):
    pass


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names = [name for name, _ in pairs]
        raise _DuplicateKeyError(next(name for name in names if names.count(name) > 1))
    return result


def _read_json(text: str) -> Any:
    try:
        return _Plain().copy(json.loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates), ())
    except _DuplicateKeyError as error:
        _read_yaml(text)  # tells the lines
        raise DocumentRejectedError([Mistake("line 1", f"the key {error} stands twice in one object")]) from None
    except RecursionError:
        raise DocumentRejectedError([Mistake("line 1", "the document is nested too deeply")]) from None
    except json.JSONDecodeError as error:
        try:  # YAML's flow style begins with a brace too
            return _read_yaml(text)
        except DocumentRejectedError:
            place = f"line {error.lineno}, column {error.colno}"
            raise DocumentRejectedError([Mistake(place, f"no JSON: {error.msg}")]) from error


def _read_yaml(text: str) -> Any:
    reader = YamlValues()
    try:
        value = reader.read(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        raise DocumentRejectedError([Mistake(place_of(mark), f"no YAML: {reason}")]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentRejectedError([Mistake(f"line {line}", f"no YAML: {error.reason}")]) from error
    except ValueError as error:
        raise DocumentRejectedError([Mistake("line 1", f"no YAML: {error}")]) from error
    if reader.mistakes:
        raise DocumentRejectedError(reader.mistakes)
    return _Plain().copy(value, ()) if reader.has_aliases else value


class _Plain:
    """Copies a tree, so that nothing of it stands at two places, without following aliases for ever."""

    def __init__(self) -> None:
        self._nodes = 0

    def copy(self, value: Any, steps: tuple[object, ...]) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES or len(steps) > MAX_DEPTH:
            reason = "the document is too large or nested too deeply"
            raise DocumentRejectedError([Mistake(pointer(*steps[:8]), reason)])
        if isinstance(value, dict):
            return {key: self.copy(item, (*steps, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.copy(item, (*steps, index)) for index, item in enumerate(value)]
        return value
