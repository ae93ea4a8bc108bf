"""How a call is sent on: to which cluster, under which path, how long, and when it is tried again."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from propylon.gateway.bounds import timeouts
from propylon.gateway.clusters import cluster_name
from propylon.gateway.envoy_types import PREVIOUS_HOSTS, Json, extension
from propylon.gateway.routing import RoutedOperation

# An answer, or a conversation, that takes as long as both sides want, as long as something flows (RFC 6455).
_ENDLESS: Json = {"timeout": "0s", "idle_timeout": "300s"}
_STREAMS: Mapping[str, Json] = MappingProxyType(
    {
        "answer": _ENDLESS,
        "websocket": {**_ENDLESS, "upgrade_configs": [{"upgrade_type": "websocket"}]},
    }
)
# RFC 9110 section 9.2.1: nothing happens twice when another endpoint is asked. All other methods are tried again only
# when nothing was sent yet (gateway.route_resources).
_SAFE_METHODS = ("GET", "HEAD")
_RETRY_ELSEWHERE: Json = {
    "retry_on": "connect-failure,refused-stream,reset,gateway-error",
    "num_retries": 2,
    "retry_host_predicate": [extension("envoy.retry_host_predicates.previous_hosts", PREVIOUS_HOSTS)],
    "host_selection_retry_max_attempts": 3,
}


def forward(route: RoutedOperation) -> Json:
    """The route's action."""
    publication, upstream = route.publication, route.upstream
    action: Json = {"cluster": cluster_name(upstream.name), **timeouts(route)}
    action |= _STREAMS.get(route.operation.streams, {})
    if upstream.further_addresses and route.method in _SAFE_METHODS:
        action["retry_policy"] = _RETRY_ELSEWHERE
    prefix = publication.upstream_prefix.rstrip("/")
    if prefix != publication.base_path and route.template.literal:
        action["prefix_rewrite"] = prefix + route.template.literal.removeprefix(publication.base_path)
    elif prefix != publication.base_path:
        pattern = "^" + "".join("\\" + c if not c.isalnum() and c not in "/-_~" else c for c in publication.base_path)
        action["regex_rewrite"] = {"pattern": {"regex": pattern}, "substitution": prefix.replace("\\", "\\\\")}
    return action
