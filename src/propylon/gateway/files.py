"""Which file on a node holds which resource. Each has a folder of its own: a move re-reads its whole folder.

Resources name each other by paths *relative to the gateway's folder*, so that one snapshot suits every node:
Envoy is started with that folder as its working directory.
"""

from __future__ import annotations

from types import MappingProxyType

from propylon.gateway.envoy_types import RBAC, Json
from propylon.gateway.snapshot import BINARY_KINDS

CALL_LOG = "log/calls.tsv"
CHECK_SOCKET = "check/check.sock"  # gateway.check
SEEN_PROOFS = "check/proofs.seen"
HANDSHAKE_LOG = "log/handshakes.jsonl"
ROUTES = "gateway"  # the name of the one route configuration, shared by both listeners
STAT_PREFIX = "gateway"  # of both connection managers, so that the routes' statistics have one name

VERSION_STATS = MappingProxyType(
    {
        "server": "sds.server.version_text",
        "trust": "sds.trust.version_text",
        "cds": "cluster_manager.cds.version_text",
        "jwt": "extension_config_discovery.http_filter.jwt.version_text",
        "limits": "extension_config_discovery.http_filter.limits.version_text",
        "rds": f"http.{STAT_PREFIX}.rds.{ROUTES}.version_text",
        "lds": "listener_manager.lds.version_text",
        "settled": "extension_config_discovery.http_filter.settled.version_text",
        "marks": "extension_config_discovery.http_filter.marks.version_text",
    }
)


def file_of(kind: str) -> str:
    """The file of a kind of resource, relative to the gateway's folder. By its ending Envoy knows how to read it."""
    return f"{kind}/{kind}.{'pb' if kind in BINARY_KINDS else 'json'}"


def config_source(kind: str, folder: str = "") -> Json:
    """An Envoy `ConfigSource` that watches the kind's file."""
    prefix = f"{folder}/" if folder else ""
    return {
        "path_config_source": {"path": prefix + file_of(kind), "watched_directory": {"path": prefix + kind}},
        "resource_api_version": "V3",
    }


def discovered_filter(kind: str, type_url: str = RBAC) -> Json:
    """An HTTP filter whose configuration comes by file (ECDS): changing it drains no connection."""
    return {"name": kind, "config_discovery": {"config_source": config_source(kind), "type_urls": [type_url]}}
