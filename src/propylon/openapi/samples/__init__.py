"""Code samples: one complete file per operation and language, which runs as it was copied."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from propylon.openapi.samples import curl, java, javascript, python
from propylon.openapi.samples.call import SampleCall, SampleClient


@dataclass(frozen=True, slots=True)
class Language:
    """`lexer` is the name of a Pygments lexer."""

    name: str
    title: str
    lexer: str
    write: Callable[[SampleCall, SampleClient], str]
    filename: Callable[[SampleCall], str]


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        language.name: language
        for language in (
            Language("curl", "curl", "bash", curl.write, curl.filename),
            Language("python", "Python", "python", python.write, python.filename),
            Language("javascript", "JavaScript", "javascript", javascript.write, javascript.filename),
            Language("java", "Java", "java", java.write, java.filename),
        )
    }
)

__all__ = ["LANGUAGES", "Language", "SampleCall", "SampleClient"]
