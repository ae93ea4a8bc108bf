"""The paths of a mount: which of them overlap, and how a long list of them becomes a tree.

A route list is looked through from its beginning, so a call pays for every route before its own. Where a list is long
it is parted by literal segments, which Envoy looks up in one step; the tree never goes back, so every leaf holds all
paths that can match what leads there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from propylon.gateway.path_template import PathTemplate, Segment
from propylon.gateway.routing import RoutedOperation

LONGEST_LIST = 50  # paths that answer to the method


@dataclass(frozen=True, slots=True)
class Path:
    """Every operation on one path. `overlapping`: the places of the other paths that match a request to this one."""

    place: int  # in the order of precedence
    template: PathTemplate
    operations: Mapping[str, RoutedOperation]  # by method
    overlapping: frozenset[int]


@dataclass(frozen=True, slots=True)
class Leaf:
    paths: Sequence[Path]


@dataclass(frozen=True, slots=True)
class Branch:
    """`below`: by the longest literal beginning of the path; `otherwise`: for any other path."""

    below: Mapping[str, Leaf | Branch]
    otherwise: Leaf | Branch


def paths_of(operations: Iterable[RoutedOperation]) -> list[Path]:
    """In the order in which the operations come."""
    groups: dict[PathTemplate, dict[str, RoutedOperation]] = {}
    for route in operations:
        groups.setdefault(route.template, {})[route.method] = route
    tree = _Node()
    for place, template in enumerate(groups):
        tree.add(template.segments, place)
    return [
        Path(place, template, by_method, tree.matching(template.segments) - {place})
        for place, (template, by_method) in enumerate(groups.items())
    ]


def parted(method: str, base_path: str, paths: Sequence[Path], depth: int) -> Leaf | Branch:
    """All paths, parted for calls of this method. `depth`: how many segments of every path `base_path` stands for."""
    if sum(method in path.operations for path in paths) <= LONGEST_LIST:
        return Leaf(paths)
    by_literal: dict[str, list[Path]] = {}
    others = []
    for path in paths:
        if text := _literal(path, depth):
            by_literal.setdefault(text, []).append(path)
        else:
            others.append(path)
    if not by_literal:
        return Leaf(paths)
    below: dict[str, Leaf | Branch] = {}
    for text, own in by_literal.items():
        # With the slash it is this segment; without, it may be the beginning of another, which a variable matches.
        prefix = f"{base_path}/{text}"
        going_on = [path for path in own if len(path.template.segments) > depth + 1]
        if len(going_on) < len(own):
            ending = (path for path in own if len(path.template.segments) == depth + 1)
            below[prefix] = Leaf(_in_order(others, ending))
        if going_on:
            below[f"{prefix}/"] = parted(method, prefix, _in_order(others, going_on), depth + 1)
    return Branch(below, Leaf(others))


def _in_order(*paths: Iterable[Path]) -> list[Path]:
    return sorted(chain(*paths), key=lambda path: path.place)


def _literal(path: Path, depth: int) -> str:
    """The text of this segment; "" when there is none, or a variable in it."""
    segments = path.template.segments
    return segments[depth].pieces[0] if len(segments) > depth and segments[depth].is_literal else ""


@dataclass(slots=True)
class _Node:
    """A tree of templates by segment."""

    literal: dict[str, _Node] = field(default_factory=dict)
    other: dict[Segment, _Node] = field(default_factory=dict)
    here: set[int] = field(default_factory=set)

    def add(self, segments: Sequence[Segment], place: int) -> None:
        node = self
        for segment in segments:
            if segment.is_literal:
                node = node.literal.setdefault(segment.pieces[0], _Node())
            else:
                node = node.other.setdefault(segment, _Node())
        node.here.add(place)

    def matching(self, segments: Sequence[Segment]) -> frozenset[int]:
        """The places of all templates that match some path that these segments match."""
        nodes = [self]
        for segment in segments:
            nodes = [after for node in nodes for after in node.after(segment)]
        return frozenset(place for node in nodes for place in node.here)

    def after(self, segment: Segment) -> list[_Node]:
        others = [node for other, node in self.other.items() if other.overlaps(segment)]
        if segment.is_literal:
            found = self.literal.get(segment.pieces[0])
            return others if found is None else [found, *others]
        return [*others, *(node for text, node in self.literal.items() if Segment((text,)).overlaps(segment))]
