"""Texts that match a regular expression (ECMA-262, as JSON Schema's `pattern` uses it)."""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from functools import lru_cache

from propylon.openapi.draw import Draw

_PRINTABLE = string.ascii_letters + string.digits + " !#$%&()*+,-./:;<=>?@[]^_{|}~"
_CLASSES = {"d": string.digits, "w": string.ascii_letters + string.digits + "_", "s": " "}
_CONTROL = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_ATTEMPTS = 40
_FAR = 10_000

# A node makes a text from a draw and how often quantifiers shall repeat, where they may; below 0 they choose.
Node = Callable[[Draw, int], str]


def matches(pattern: str, text: str) -> bool:
    """Does the pattern occur in the text? A pattern that Python cannot read is taken as matched."""
    compiled = _compiled(in_python(pattern) or "")
    return compiled is None or compiled.search(text) is not None


def in_python(pattern: str) -> str | None:
    """The pattern as Python's `re`, and so the validator, spells it; None if they cannot read it."""
    spelled = re.sub(r"\(\?<(?=\w)", "(?P<", pattern)
    return spelled if _compiled(spelled) is not None else None


def sample(pattern: str, draw: Draw, minimum: int = 0, maximum: int = _FAR) -> str | None:
    """A text of `minimum` to `maximum` characters that matches, or None if none was found."""
    try:
        node = _Parser(pattern).parse()
    except (IndexError, ValueError, RecursionError):
        return None
    for attempt in range(_ATTEMPTS):
        text = node(draw, max(minimum - attempt // 2, 0) if attempt % 2 and minimum else -1)
        if minimum <= len(text) <= maximum and matches(pattern, text):
            return text
    return None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


class _Parser:
    """Recursive descent: alternatives, sequences, atoms with quantifiers. Assertions make nothing; `sample` checks."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0

    def parse(self) -> Node:
        node = self._alternatives()
        if self._at != len(self._text):
            raise ValueError("a bracket is not open")
        return node

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _take(self) -> str:
        character = self._text[self._at]
        self._at += 1
        return character

    def _alternatives(self) -> Node:
        branches = [self._sequence()]
        while self._peek() == "|":
            self._take()
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else lambda draw, times: draw.choose(branches)(draw, times)

    def _sequence(self) -> Node:
        parts: list[Node] = []
        while self._peek() not in {"", "|", ")"}:
            parts.append(self._quantified(self._atom()))
        return lambda draw, times: "".join(part(draw, times) for part in parts)

    def _quantified(self, atom: Node) -> Node:
        bounds = self._quantifier()
        if bounds is None:
            return atom
        low, high = bounds

        def repeat(draw: Draw, times: int) -> str:
            wanted = draw.between(low, min(high, low + 3)) if times < 0 else times
            return "".join(atom(draw, times) for _ in range(max(low, min(high, wanted))))

        return repeat

    def _quantifier(self) -> tuple[int, int] | None:
        simple = {"*": (0, _FAR), "+": (1, _FAR), "?": (0, 1)}.get(self._peek())
        counted = re.compile(r"\{(\d+)(,?)(\d*)\}").match(self._text, self._at)
        if simple is not None:
            self._take()
        elif counted is not None:
            self._at = counted.end()
            low = int(counted[1])
            simple = (low, int(counted[3]) if counted[3] else _FAR if counted[2] else low)
        else:
            return None
        if self._peek() in {"?", "+"}:  # lazy and possessive match the same texts
            self._take()
        return simple

    def _atom(self) -> Node:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return _one_of(self._character_class())
        if character == "\\":
            return self._escape()
        if character == ".":
            return _one_of(string.ascii_letters + string.digits)
        if character in "^$":
            return _literal("")
        return _literal(character)

    def _group(self) -> Node:
        opening = re.compile(r"\?(?:[:=!>]|<[=!]|P?<\w+>)").match(self._text, self._at)
        if opening is not None:
            self._at = opening.end()
        inner = self._alternatives()
        if self._take() != ")":
            raise ValueError("a bracket is not closed")
        is_assertion = opening is not None and opening.group()[-1] in "=!"
        return _literal("") if is_assertion else inner

    def _escape(self) -> Node:
        character = self._take()
        if character in "bB":
            return _literal("")
        characters = self._escaped(character)
        return _one_of(characters)

    def _escaped(self, character: str) -> str:
        """The characters that `\\` and this character stand for."""
        if character in _CLASSES:
            return _CLASSES[character]
        if character in "DWS":
            return _without(_CLASSES[character.lower()])
        if character in "xu":
            digits = self._text[self._at : self._at + (2 if character == "x" else 4)]
            self._at += len(digits)
            return chr(int(digits, 16))
        if character in "pP" and self._peek() == "{":
            end = self._text.index("}", self._at)
            name, self._at = self._text[self._at + 1 : end], end + 1
            known = {"L": string.ascii_letters, "Lu": string.ascii_uppercase, "Ll": string.ascii_lowercase}
            known |= {"N": string.digits, "Nd": string.digits}
            found = known.get(name, string.ascii_letters)
            return found if character == "p" else _without(found)
        return _CONTROL.get(character, character)

    def _character_class(self) -> str:
        is_negated = self._peek() == "^"
        if is_negated:
            self._take()
        found: list[str] = []
        while self._peek() != "]":
            low = self._class_member()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"]", ""} and len(low) == 1:
                self._take()
                high = self._class_member()
                low = "".join(chr(code) for code in range(ord(low), min(ord(high), ord(low) + 512) + 1))
            found.append(low)
        self._take()
        characters = "".join(dict.fromkeys("".join(found)))
        if is_negated:
            return _without(characters)
        # a range over half of Unicode is satisfied by its letters, which are easier to read
        plain = "".join(character for character in characters if character in _PRINTABLE)
        return plain or characters

    def _class_member(self) -> str:
        character = self._take()
        if character != "\\":
            return character
        following = self._take()
        return "\b" if following == "b" else self._escaped(following)


def _literal(text: str) -> Node:
    return lambda _draw, _times: text


def _one_of(characters: str) -> Node:
    if not characters:
        raise ValueError("a class without characters matches nothing")
    letters = "".join(character for character in characters if character.isalnum()) or characters
    return lambda draw, _times: draw.choose(letters)


def _without(characters: str) -> str:
    return "".join(character for character in _PRINTABLE if character not in characters)
