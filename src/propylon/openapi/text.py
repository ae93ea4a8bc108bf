"""From text to plain JSON values: YAML 1.2's JSON-compatible rules (OpenAPI 3.0.3 "Format"), or JSON."""

from __future__ import annotations

import codecs
import json
import re
from typing import Any

import yaml

from propylon.openapi.mistakes import DocumentRejectedError, Mistake, pointer

MAX_TEXT = 5 * 1024 * 1024
_MAX_NODES = 1_000_000  # aliases can make a small text endless
_MAX_DEPTH = 120
_MARKS = (  # of UTF-32 first: it begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class _Loader(yaml.CSafeLoader):
    """YAML without the surprises of 1.1: `no` is a text, a date is a text, `12:30` is a text; no key twice."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.mistakes: list[Mistake] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                self.mistakes.append(Mistake(_place(key.start_mark), "a key must be plain text"))
            elif key.value in seen and key.value != "<<":
                reason = f"the key {key.value!r} is here a second time; the first is in line {seen[key.value]}"
                self.mistakes.append(Mistake(_place(key.start_mark), reason))
            else:
                seen[key.value] = line
        return super().construct_mapping(node, deep=deep)


def _text_key_mapping(loader: _Loader, node: yaml.MappingNode) -> Any:
    result: dict[Any, Any] = {}
    yield result
    result.update(loader.construct_mapping(node))


def _integer(_loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(node.value, 0) if node.value[:2] in {"0x", "0o"} else int(node.value)


def _unknown_tag(loader: _Loader, node: yaml.Node) -> None:
    loader.mistakes.append(Mistake(_place(node.start_mark), f"the tag {node.tag} is no JSON type"))


_TAG = "tag:yaml.org,2002:"
_Loader.add_implicit_resolver(_TAG + "null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
_Loader.add_implicit_resolver(_TAG + "bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
_Loader.add_implicit_resolver(
    _TAG + "int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")
)
_Loader.add_implicit_resolver(
    _TAG + "float", re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"), list("-+.0123456789")
)
_Loader.add_implicit_resolver(_TAG + "merge", re.compile(r"^<<$"), ["<"])
_Loader.add_constructor(_TAG + "map", _text_key_mapping)
_Loader.add_constructor(_TAG + "int", _integer)
for _tag in ("binary", "timestamp", "omap", "pairs", "set"):
    _Loader.add_constructor(_TAG + _tag, _unknown_tag)
_Loader.add_constructor(None, _unknown_tag)


def read_text(text: str) -> dict[str, Any]:
    """The document as JSON values with text keys, or `DocumentRejectedError` with line and column of each mistake."""
    if len(text) > MAX_TEXT:
        raise DocumentRejectedError([Mistake("line 1", f"the document is longer than {MAX_TEXT // 1024 // 1024} MiB")])
    value = _read_json(text) if text.lstrip("\ufeff \t\r\n").startswith("{") else _read_yaml(text)
    if not isinstance(value, dict):
        raise DocumentRejectedError([Mistake("line 1", "this is no OpenAPI document: it must begin with a mapping")])
    document = _Plain().copy(value, ())
    assert isinstance(document, dict)  # noqa: S101  (a mapping stays one)
    return document


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
        return json.loads(text.lstrip("\ufeff"), object_pairs_hook=_without_duplicates)
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
    try:
        _check_depth(text)
        loader = _Loader(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        raise DocumentRejectedError([Mistake(_place(mark), f"no YAML: {reason}")]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise DocumentRejectedError([Mistake(f"line {line}", f"no YAML: {error.reason}")]) from error
    except (RecursionError, ValueError) as error:
        raise DocumentRejectedError([Mistake("line 1", f"no YAML: {error}")]) from error
    if loader.mistakes:
        raise DocumentRejectedError(loader.mistakes)
    return value


def _check_depth(text: str) -> None:
    """Before anything is composed: the composer calls itself, and its native stack would end the process."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _MAX_DEPTH:
                raise DocumentRejectedError([Mistake(_place(event.start_mark), "the document is nested too deeply")])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _place(mark: Any) -> str:
    return "line 1" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"


class _Plain:
    """Copies a tree with text keys (statuses are often written as numbers), without following aliases for ever."""

    def __init__(self) -> None:
        self._nodes = 0

    def copy(self, value: Any, steps: tuple[object, ...]) -> Any:
        self._nodes += 1
        if self._nodes > _MAX_NODES or len(steps) > _MAX_DEPTH:
            reason = "the document is too large or nested too deeply"
            raise DocumentRejectedError([Mistake(pointer(*steps[:8]), reason)])
        if isinstance(value, dict):
            return {_key(key): self.copy(item, (*steps, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self.copy(item, (*steps, index)) for index, item in enumerate(value)]
        return value


def _key(key: object) -> str:
    if key is None:
        return "null"
    return str(key).lower() if isinstance(key, bool) else str(key)
