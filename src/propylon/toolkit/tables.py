"""All findings that the toolkit can make."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from propylon.toolkit.connection_words import CONNECTION_WORDS
from propylon.toolkit.words import WORDS, Words

TABLE: Mapping[str, Words] = MappingProxyType({**WORDS, **CONNECTION_WORDS})
