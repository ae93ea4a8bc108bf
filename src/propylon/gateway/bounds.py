"""How large a request and an answer may be, and how long an answer may take: a product's own bounds, else the usual.

| bound | usual | beyond it |
|---|---|---|
| request's body | the installation's | 413 gateway.body.too_large; an announced length before any byte of it is read |
| answer's body | none: it flows through in pieces | 502 gateway.answer.too_large |
| time until the answer is whole | the upstream's | 504 gateway.upstream.timeout |

An answer that is bounded is held until it is whole: only then is it known not to be too large. So it costs the node
that much memory, and what streams (`Operation.streams`) is not bounded. Envoy calls the filter that holds it work in
progress; so it is in the chain only when some product bounds its answers.
"""

from __future__ import annotations

from collections.abc import Iterable

from propylon.gateway.envoy_types import (
    BUFFER,
    COMPOSITE,
    EXECUTE_FILTER,
    EXTENSION_WITH_MATCHER,
    EXTENSION_WITH_MATCHER_PER_ROUTE,
    FILE_SYSTEM_BUFFER,
    FILTER_CONFIG,
    SKIP_FILTER,
    Json,
    extension,
    full_match,
    header_predicate,
    typed,
)
from propylon.gateway.model import GatewayModel, Publication
from propylon.gateway.routing import RoutedOperation

# The filter "answer": Envoy finds a route's settings for it by this name alone.
_ANSWER = "envoy.filters.http.file_system_buffer"
_HAS_LENGTH = header_predicate("content-length", full_match(".*"))
_UNUSUALLY_LONG_MS = 60_000  # beyond it Envoy would take the silence for a dead stream
_SILENCE_MS = 15_000


def body_bound(model: GatewayModel, publication: Publication) -> int:
    """Bytes of a request's body."""
    return publication.bounds.body_bytes or model.max_body_bytes


def largest_body(model: GatewayModel, publications: Iterable[Publication]) -> int:
    return max((body_bound(model, publication) for publication in publications), default=model.max_body_bytes)


def body_filter(model: GatewayModel) -> Json:
    """Holds a body of unannounced length until it is whole or too large. An announced length is the route's to test."""
    skip = {"predicate": _HAS_LENGTH, "on_match": {"action": extension("skip", SKIP_FILTER)}}
    return extension(
        "body",
        EXTENSION_WITH_MATCHER,
        xds_matcher={"matcher_list": {"matchers": [skip]}},
        extension_config=extension("body", BUFFER, max_request_bytes=model.max_body_bytes),
    )


def own_body_filter() -> Json:
    """In the place of "body", where a route says how much; it costs more, so it is off elsewhere."""
    nothing = {"matcher_list": {"matchers": [_hold(_HAS_LENGTH, 1)]}}
    inside = extension("own_body", COMPOSITE)
    return {
        **extension("own_body", EXTENSION_WITH_MATCHER, xds_matcher=nothing, extension_config=inside),
        "disabled": True,
    }


def answer_filter() -> Json:
    """Holds an answer until it is whole or too large; off, unless a route turns it on."""
    return {**extension(_ANSWER, FILE_SYSTEM_BUFFER, **_hold_answer(1)), "disabled": True}


def bound_settings(route: RoutedOperation) -> Json:
    """Settings per filter of a route whose product has bounds of its own."""
    bounds, streams = route.publication.bounds, route.operation.streams
    settings: Json = {}
    if bounds.body_bytes and streams != "websocket":
        matchers = [_hold({"not_matcher": _HAS_LENGTH}, bounds.body_bytes)]
        matcher = {"matcher_list": {"matchers": matchers}}
        settings["body"] = typed(FILTER_CONFIG, disabled=True)
        settings["own_body"] = typed(EXTENSION_WITH_MATCHER_PER_ROUTE, xds_matcher=matcher)
    if bounds.answer_bytes and not streams:
        settings[_ANSWER] = typed(FILE_SYSTEM_BUFFER, **_hold_answer(bounds.answer_bytes))
    return settings


def timeouts(route: RoutedOperation) -> Json:
    """Of the route's action."""
    milliseconds = route.publication.bounds.timeout_ms or route.upstream.timeout_ms
    fields: Json = {"timeout": f"{milliseconds / 1000:g}s"}
    if milliseconds > _UNUSUALLY_LONG_MS:
        fields["idle_timeout"] = f"{(milliseconds + _SILENCE_MS) / 1000:g}s"
    return fields


def _hold_answer(most: int) -> Json:
    """In memory alone: nothing of an answer is written to a disk."""
    in_memory = {"behavior": {"fully_buffer": {}}, "memory_buffer_bytes_limit": most, "storage_buffer_bytes_limit": 0}
    return {
        "manager_config": {"thread_pool": {"thread_count": 1}},
        "request": {"behavior": {"bypass": {}}},
        "response": in_memory,
    }


def _hold(predicate: Json, most: int) -> Json:
    held = extension("hold", EXECUTE_FILTER, typed_config=extension("hold", BUFFER, max_request_bytes=most))
    return {"predicate": predicate, "on_match": {"action": held}}
