"""A finding as a value: what is the case, in words, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from propylon.kernel.errors import Kind, PropylonError
from propylon.pki.findings import Finding as RuleFinding
from propylon.toolkit.words import Severity, Words

_LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Finding:
    """`sentence` says what is the case; `next_step` what to do about it."""

    code: str
    severity: Severity
    sentence: str
    next_step: str

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def as_dict(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def finding(code: str, **values: object) -> Finding:
    """The finding of this code in the table, with its places filled in."""
    from propylon.toolkit.tables import TABLE

    words: Words = TABLE[code]
    shown = {name: _as_is(value) for name, value in values.items()}
    return Finding(code, words.severity, words.sentence.format_map(shown), words.next_step.format_map(shown))


def of_rule(found: RuleFinding, severity: Severity, next_step: str) -> Finding:
    """A finding of pki, whose message says it all."""
    return Finding(found.code, severity, found.message, next_step)


def refusal(found: Finding, *, others: Iterable[Finding] = ()) -> PropylonError:
    """For where nothing can go on: the finding as the house's error; further ones follow in its message."""
    parts = [f"{each.sentence} {each.next_step}" for each in (found, *others)]
    return PropylonError(found.code, " ".join(parts), kind=Kind.MALFORMED)


def shown(text: str) -> str:
    """A text from a file as it may be printed: quoted, what cannot be seen escaped, of bounded length."""
    cut = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return f"“{printable(cut)}”"


def printable(text: str) -> str:
    """What cannot be seen, and what would turn the writing round, as its number."""
    return "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)


def _as_is(value: object) -> str:
    return printable(str(value))
