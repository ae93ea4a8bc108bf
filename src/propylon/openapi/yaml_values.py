"""YAML events to values in one pass: YAML 1.2's JSON rules, no key twice, depth bounded while it is read.

PyYAML's own constructor takes three passes over a tree of nodes and thrice the time, which documents of several
megabytes feel; and its composer calls itself, so that depth ends the process.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import yaml

from propylon.openapi.mistakes import DocumentRejectedError, Mistake

MAX_DEPTH = 120
MAX_NODES = 1_000_000  # aliases can make a small text endless
_TAG = "tag:yaml.org,2002:"
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_STARTS = frozenset("-+.0123456789")
_MERGE = "<<"
_NOTHING: Any = object()


@dataclass(slots=True)
class _Open:
    """A collection that is being read."""

    value: Any  # dict or list
    lines: dict[str, int] | None  # of a mapping: key to its line
    key: Any = _NOTHING
    merged: list[tuple[Any, str]] = field(default_factory=list)  # sources of `<<` and their places


class YamlValues:
    """Reads one document. `has_aliases` says that parts of the value stand at several places."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.has_aliases = False
        self._anchors: dict[str, Any] = {}
        self._open: list[_Open] = []
        self._root: Any = None
        self._documents = 0
        self._nodes = 0

    def read(self, text: str) -> Any:
        """Raises yaml.YAMLError, DocumentRejectedError; keys are texts."""
        steps: dict[type[yaml.Event], Callable[[Any], None]] = {
            yaml.ScalarEvent: self._scalar,
            yaml.MappingStartEvent: self._start_mapping,
            yaml.SequenceStartEvent: self._start_sequence,
            yaml.MappingEndEvent: self._end,
            yaml.SequenceEndEvent: self._end,
            yaml.AliasEvent: self._alias,
            yaml.DocumentStartEvent: self._start_document,
        }
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            step = steps.get(type(event))
            if step is not None:
                step(event)
        return self._root

    def _start_document(self, event: yaml.DocumentStartEvent) -> None:
        self._documents += 1
        if self._documents > 1:
            raise DocumentRejectedError([Mistake(place_of(event.start_mark), "no YAML: a second document begins here")])

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        is_plain = event.implicit[0] and not event.style
        if self._expects_key():
            self._take_key(event, is_plain)
            return
        value = _plain(event.value) if is_plain and event.tag is None else self._tagged(event)
        self._keep(event, value)

    def _tagged(self, event: yaml.ScalarEvent) -> Any:
        if event.tag in {None, "!", f"{_TAG}str"}:
            return event.value
        kind = event.tag.removeprefix(_TAG)
        value = _plain(event.value)
        if kind == "float" and isinstance(value, int):
            return float(value)
        if _KINDS.get(kind) == type(value).__name__:
            return value
        self.mistakes.append(Mistake(place_of(event.start_mark), f"the tag {event.tag} is no JSON type"))
        return None

    def _expects_key(self) -> bool:
        return bool(self._open) and self._open[-1].lines is not None and self._open[-1].key is _NOTHING

    def _take_key(self, event: yaml.ScalarEvent, is_plain: bool) -> None:
        here = self._open[-1]
        name = event.value
        if is_plain and name != _MERGE:
            name = "null" if name in _NULL else name.lower() if name in _BOOL else name
        assert here.lines is not None  # noqa: S101  (_expects_key)
        line = event.start_mark.line + 1 if event.start_mark else 1
        is_merge = is_plain and name == _MERGE
        first = here.lines.setdefault(name, line)
        if (first != line or name in here.value) and not is_merge:
            reason = f"the key {name!r} is here a second time; the first is in line {first}"
            self.mistakes.append(Mistake(place_of(event.start_mark), reason))
        here.key = _MERGE_KEY if is_merge else name
        if event.anchor:
            self._anchors[event.anchor] = name

    def _start_mapping(self, event: yaml.MappingStartEvent) -> None:
        self._start(event, _Open({}, {}))

    def _start_sequence(self, event: yaml.SequenceStartEvent) -> None:
        self._start(event, _Open([], None))

    def _start(self, event: Any, opened: _Open) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise DocumentRejectedError([Mistake(place_of(event.start_mark), "the document is nested too deeply")])
        if event.tag is not None and event.tag not in {"!", f"{_TAG}map", f"{_TAG}seq"}:
            self.mistakes.append(Mistake(place_of(event.start_mark), f"the tag {event.tag} is no JSON type"))
        if self._expects_key():
            self.mistakes.append(Mistake(place_of(event.start_mark), "a key must be plain text"))
            self._open[-1].key = ""  # its value is read for its own mistakes
            self._open.append(opened)
            return
        self._keep(event, opened.value)
        self._open.append(opened)

    def _end(self, _event: Any) -> None:
        self._merge(self._open.pop())

    def _alias(self, event: yaml.AliasEvent) -> None:
        if event.anchor not in self._anchors:
            reason = f"no YAML: the alias {event.anchor!r} names no anchor"
            raise DocumentRejectedError([Mistake(place_of(event.start_mark), reason)])
        self.has_aliases = True
        value = self._anchors[event.anchor]
        if self._expects_key():
            self._open[-1].key = str(value)
            return
        self._put(value, event)

    def _keep(self, event: Any, value: Any) -> None:
        if event.anchor:
            self._anchors[event.anchor] = value
        self._put(value, event)

    def _put(self, value: Any, event: Any) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise DocumentRejectedError([Mistake(place_of(event.start_mark), "the document has too many values")])
        if not self._open:
            self._root = value
            return
        here = self._open[-1]
        if here.lines is None:
            here.value.append(value)
            return
        if here.key is _MERGE_KEY:
            here.merged.append((value, place_of(event.start_mark)))
        else:
            here.value[here.key] = value
        here.key = _NOTHING

    def _merge(self, here: _Open) -> None:
        """`<<`: what the mapping itself says comes first, then the sources in their order. Only at its end are they
        whole."""
        for value, place in here.merged:
            sources = value if isinstance(value, list) else [value]
            if not all(isinstance(source, dict) for source in sources):
                self.mistakes.append(Mistake(place, "'<<' takes a mapping, or a list of mappings"))
                continue
            for name, item in [pair for source in sources for pair in source.items()]:
                here.value.setdefault(name, item)


_MERGE_KEY: Any = object()
_KINDS = {"int": "int", "float": "float", "bool": "bool", "null": "NoneType"}


def place_of(mark: Any) -> str:
    return "line 1" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}"


def _plain(text: str) -> Any:
    """A scalar without quotes."""
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if text[0] not in _NUMBER_STARTS:
        return text
    if _INT.fullmatch(text):
        return int(text, 0) if text[:2] in {"0x", "0o"} else int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
