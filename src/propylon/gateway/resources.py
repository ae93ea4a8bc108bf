"""From Envoy messages to the content of a watched file, named by its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from propylon.gateway.envoy_types import EXTENSION_CONFIG, SECRET, Json, typed
from propylon.gateway.snapshot import BINARY_KINDS, Resource
from propylon.gateway.wire import encoded_any, response

_VERSION_LENGTH = 32


def resource(kind: str, messages: Sequence[Json]) -> Resource:
    """Same messages, same bytes, same version."""
    if kind in BINARY_KINDS:
        return _binary(kind, messages)
    body = json.dumps(list(messages), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    version = hash_of([body])
    return Resource(kind, version, f'{{"version_info":"{version}","resources":{body}}}')


def _binary(kind: str, messages: Sequence[Json]) -> Resource:
    parts = [encoded_any(message) for message in messages]
    version = _hash(parts)
    return Resource.of(kind, version, response(version, parts))


def hash_of(texts: Iterable[str]) -> str:
    """The version of a content: SHA-256 over its parts, shortened."""
    return _hash(text.encode() for text in texts)


def _hash(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
        digest.update(b"\0")
    return digest.hexdigest()[:_VERSION_LENGTH]


def secret(kind: str, /, **fields: object) -> Resource:
    """An SDS resource; its name is its kind."""
    return resource(kind, [typed(SECRET, name=kind, **fields)])


def filter_configuration(kind: str, configuration: Json) -> Resource:
    """An ECDS resource: the configuration of the HTTP filter of that name."""
    return resource(kind, [typed(EXTENSION_CONFIG, name=kind, typed_config=configuration)])
