"""Path templates: what is legal, and which one answers when several fit. The same rules as the gateway's."""

from __future__ import annotations

import re
from collections.abc import Iterable

_LITERAL = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*")
_PARAMETER = re.compile(r"\{([^{}/]+)\}")
_NEIGHBOURS = re.compile(r"\}\{")


def names_of(template: str) -> list[str]:
    """The parameter names in the order of the path."""
    return _PARAMETER.findall(template)


def template_mistakes(template: str) -> list[str]:
    """What is wrong with a path template; empty if it is legal."""
    if not template.startswith("/"):
        return ["a path begins with '/'"]
    segments = template[1:].split("/")
    mistakes = []
    for segment in segments:
        pieces = _PARAMETER.split(segment)[::2]
        if not all(_LITERAL.fullmatch(piece) for piece in pieces):
            what = "braces that do not name a parameter" if set(segment) & set("{}") else "an illegal character"
            mistakes.append(f"the segment {segment!r} holds {what}")
        if _NEIGHBOURS.search(segment):
            mistakes.append(f"in {segment!r} nothing stands between two parameters, so they cannot be told apart")
    if "" in segments[:-1] or {".", ".."} & set(segments):
        mistakes.append("the path holds an empty segment, '.' or '..'")
    names = names_of(template)
    return mistakes + [f"the parameter {name!r} stands twice" for name in sorted(set(names)) if names.count(name) > 1]


def shape(template: str) -> str:
    """The template without names: two templates of one shape cannot be told apart."""
    return _PARAMETER.sub("{}", template)


def precedence(template: str) -> tuple[tuple[int, list[str]], ...]:
    """Sorts templates so that the first that fits is the right one: literal before mixed before parameter.

    Compared segment by segment from the left: `/v1/consents/{id}` before `/v1/{service}/{product}`.
    """
    ranked = []
    for segment in template[1:].split("/"):
        pieces = _PARAMETER.split(segment)[::2]
        ranked.append((0 if len(pieces) == 1 else 1 if any(pieces) else 2, pieces))
    return tuple(ranked)


class PathFinder:
    """Finds the one template of an API that answers a path. The path decides alone; the method comes after (405)."""

    def __init__(self, templates: Iterable[str]) -> None:
        self._ordered = [(template, _expression(template)) for template in sorted(templates, key=precedence)]

    def find(self, path: str) -> tuple[str, dict[str, str]] | None:
        """The template and its parameters, still percent-encoded; None if none fits."""
        for template, expression in self._ordered:
            match = expression.fullmatch(path)
            if match is not None:
                return template, dict(zip(names_of(template), match.groups(), strict=True))
        return None


def _expression(template: str) -> re.Pattern[str]:
    pieces = _PARAMETER.split(template)
    return re.compile("".join("([^/]+)" if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)))
