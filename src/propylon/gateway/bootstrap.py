"""What one Envoy starts with: where its resources lie, its admin socket, and its limits. The rest comes by file."""

from __future__ import annotations

from collections.abc import Mapping

from propylon.gateway.envoy_types import FIXED_HEAP, MAX_CONNECTIONS, Json, extension
from propylon.gateway.files import VERSION_STATS, config_source

# The command line that goes with this bootstrap, after `--config-path`. Envoy's working directory must be `folder`.
# A record of a call is written as soon as it is complete: the size of the buffer bounds what a killed Envoy loses.
ENVOY_ARGUMENTS = (
    "--concurrency", "1",
    "--disable-hot-restart",
    "--reject-unknown-dynamic-fields",
    "--file-flush-interval-msec", "100",
    "--file-flush-min-size-kb", "0",
    "--drain-time-s", "2",
    "--drain-strategy", "immediate",
    "--log-level", "warning",
    # Says with every client's ranges that matchers by name are new (gateway.enforcement).
    "--component-log-level", "misc:error",
)  # fmt: skip

_MEBIBYTE = 1024 * 1024


def bootstrap(
    *,
    node: str,
    folder: str,
    admin_socket: str,
    max_connections: int = 10_000,
    max_heap_bytes: int = 1024 * _MEBIBYTE,
) -> Json:
    """`folder` is absolute: it holds `<kind>/<kind>.json` and `log/`, and is Envoy's working directory."""
    return {
        "node": {"id": node, "cluster": "propylon"},
        "admin": {"address": {"pipe": {"path": admin_socket, "mode": 0o600}}, "ignore_global_conn_limit": True},
        "dynamic_resources": {
            "lds_config": config_source("lds", folder),
            "cds_config": config_source("cds", folder),
        },
        # The URL-length rule is a long regular expression (gateway.route_resources).
        "layered_runtime": {
            "layers": [
                {
                    "name": "propylon",
                    "static_layer": {
                        "re2.max_program_size.error_level": 100_000,
                        "re2.max_program_size.warn_level": 100_000,
                        # Spans leave in parcels of this size, or once a second (gateway.tracing).
                        "tracing.opentelemetry.min_flush_spans": 50,
                        "tracing.opentelemetry.flush_interval_ms": 1000,
                    },
                }
            ]
        },
        "overload_manager": _overload_manager(max_connections, max_heap_bytes),
    }


def version_stats() -> Mapping[str, str]:
    """By kind (and "server", "settled", "marks"), the admin statistic that tells the version Envoy runs, in quotes."""
    return VERSION_STATS


def _overload_manager(max_connections: int, max_heap_bytes: int) -> Json:
    """Sheds load before the machine suffers: no more connections, then no keep-alive, then no requests."""
    heap = "envoy.resource_monitors.fixed_heap"
    connections = "envoy.resource_monitors.global_downstream_max_connections"
    return {
        "refresh_interval": "0.25s",
        "resource_monitors": [
            extension(heap, FIXED_HEAP, max_heap_size_bytes=max_heap_bytes),
            extension(connections, MAX_CONNECTIONS, max_active_downstream_connections=max_connections),
        ],
        "actions": [
            {"name": f"envoy.overload_actions.{action}", "triggers": [{"name": heap, "threshold": {"value": share}}]}
            for action, share in (
                ("shrink_heap", 0.85),
                ("disable_http_keepalive", 0.9),
                ("stop_accepting_requests", 0.95),
            )
        ],
    }
