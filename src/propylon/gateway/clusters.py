"""Clusters: the web application, the node's call check, the collector of traces and the banks' upstreams."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

from propylon.gateway.check import CHECK
from propylon.gateway.envoy_types import CLUSTER, HTTP_PROTOCOL_OPTIONS, UPSTREAM_TLS, Json, extension, typed
from propylon.gateway.files import CHECK_SOCKET, config_source
from propylon.gateway.model import GatewayModel, Traces, Upstream
from propylon.gateway.snapshot import Diagnostic
from propylon.gateway.tracing import TRACES, collector_address

WEB = "web"
_IP_ADDRESS = re.compile(r"[0-9.]+|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?")
_LIMITS = {"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 8192, "max_retries": 64}
_SPANS_AT_ONCE = 16  # parcels on their way to a slow collector; more are dropped
_LIMITED = ("max_connections", "max_pending_requests", "max_requests")
# A body flows through in pieces: whoever reads slowly slows the upstream down, and never fills the gateway.
_BUFFER_BYTES = 65_536
_ANSWER_HEADERS = {"max_headers_count": 100, "max_response_headers_kb": 32}  # more is 502 gateway.upstream.failed
_HEALTH_CHECK = {
    "timeout": "1s",
    "interval": "5s",
    "no_traffic_interval": "5s",
    "unhealthy_threshold": 2,
    "healthy_threshold": 1,
}
# An endpoint that breaks off or answers 502 to 504 five times in a row rests for a while, as long as half are left. An
# upstream's own 500 says nothing about its health.
_OUTLIERS = {
    "consecutive_gateway_failure": 5,
    "enforcing_consecutive_gateway_failure": 100,
    "enforcing_consecutive_5xx": 0,
    "split_external_local_origin_errors": True,
    "consecutive_local_origin_failure": 3,
    "interval": "1s",
    "base_ejection_time": "10s",
    "max_ejection_percent": 50,
}


def cluster_name(upstream: str) -> str:
    return f"upstream.{upstream}"


def clusters(model: GatewayModel, upstreams: Iterable[Upstream]) -> list[Json]:
    ordered = sorted(upstreams, key=lambda upstream: upstream.name)
    own = (_cluster(WEB, _pipe(model.sockets.web)), _cluster(CHECK, _pipe(CHECK_SOCKET)))
    collector = [_collector(model.traces)] if model.traces else []
    return [*own, *collector, *(_upstream_cluster(upstream) for upstream in ordered)]


def valid_upstreams(model: GatewayModel) -> tuple[tuple[Upstream, ...], tuple[Diagnostic, ...]]:
    """The upstreams that can be called, and what is wrong with the others."""
    valid: dict[str, Upstream] = {}
    diagnostics = []
    for upstream in sorted(model.upstreams, key=lambda u: (u.name, repr(u))):
        text = "Give every upstream a name of its own." if upstream.name in valid else _problem(upstream)
        if text:
            diagnostics.append(Diagnostic(f"upstreams/{upstream.name}", "gateway.upstream.address", text))
        else:
            valid[upstream.name] = upstream
    return tuple(valid.values()), tuple(diagnostics)


def _problem(upstream: Upstream) -> str:
    problems = [_address_problem(address, upstream.ca_pem) for address in upstream.addresses]
    if found := next(filter(None, problems), ""):
        return found
    if upstream.timeout_ms <= 0 or upstream.max_parallel_calls <= 0:
        return "Give a timeout and a number of parallel calls above 0."
    if len({address.partition(":")[0] for address in upstream.addresses}) > 1:
        return "Give all addresses of an upstream the same scheme."
    if len(set(upstream.addresses)) < len(upstream.addresses):
        return "Give every address once."
    if upstream.health_path and not upstream.health_path.startswith("/"):
        return "Give the path of the health check from the first slash on, such as /health."
    return ""


def _address_problem(address: str, ca_pem: str) -> str:
    if address.startswith("unix:/"):
        return ""
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")
        port = parts.port
    except ValueError:
        is_address, port = False, None
    if not is_address or port == 0:
        return "Give each address as unix:/path, http://host:port or https://host:port."
    if parts.scheme == "https" and not ca_pem.strip():
        return "Give the CA that the upstream's certificate is verified against."
    return ""


def _collector(traces: Traces) -> Json:
    return _upstream_cluster(
        Upstream("", collector_address(traces), ca_pem=traces.ca_pem, max_parallel_calls=_SPANS_AT_ONCE), TRACES
    )


def _upstream_cluster(upstream: Upstream, name: str = "") -> Json:
    cluster = _cluster(name or cluster_name(upstream.name), *map(_endpoint, upstream.addresses))
    limit = upstream.max_parallel_calls
    cluster["circuit_breakers"] = {"thresholds": [_LIMITS | dict.fromkeys(_LIMITED, limit)]}
    hosts = [urlsplit(address).hostname or "" for address in upstream.addresses]
    if any(host and not _IP_ADDRESS.fullmatch(host) for host in hosts):
        cluster["type"] = "STRICT_DNS"
    if upstream.address.startswith("https:"):
        cluster["transport_socket"] = _upstream_tls(upstream, hosts)
    return cluster | _health(upstream, hosts[0])


def _health(upstream: Upstream, host: str) -> Json:
    """Who is unwell gets no calls: by asking, where there is a path for it; by its answers, where there are others."""
    fields: Json = {}
    if upstream.health_path:
        check = {"path": upstream.health_path, "host": host or "upstream"}
        fields["health_checks"] = [{**_HEALTH_CHECK, "http_health_check": check}]
        # With nobody well the caller is told so at once, instead of being sent to the unwell.
        fields["common_lb_config"] = {"healthy_panic_threshold": {"value": 0}}
    if upstream.further_addresses:
        fields["outlier_detection"] = _OUTLIERS
    return fields


def _endpoint(address: str) -> Json:
    if address.startswith("unix:"):
        return _pipe(address.removeprefix("unix:"))
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return {"socket_address": {"address": parts.hostname or "", "port_value": port}}


def _upstream_tls(upstream: Upstream, hosts: Sequence[str]) -> Json:
    """A certificate for any of the upstream's own names will do: its endpoints stand for each other."""
    names = [
        {"san_type": "IP_ADDRESS" if _IP_ADDRESS.fullmatch(host) else "DNS", "matcher": {"exact": host}}
        for host in dict.fromkeys(hosts)
    ]
    context: Json = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
        "validation_context": {
            "trusted_ca": {"inline_string": upstream.ca_pem},
            "match_typed_subject_alt_names": names,
        },
    }
    if upstream.sends_client_certificate:
        context["tls_certificate_sds_secret_configs"] = [{"name": "server", "sds_config": config_source("server")}]
    fields: Json = {"common_tls_context": context}
    if not _IP_ADDRESS.fullmatch(hosts[0]):
        fields["sni"] = hosts[0]
    return extension("tls", UPSTREAM_TLS, **fields)


def _pipe(path: str) -> Json:
    return {"pipe": {"path": path}}


def _cluster(name: str, *addresses: Json) -> Json:
    endpoints = {"lb_endpoints": [{"endpoint": {"address": address}} for address in addresses]}
    return typed(
        CLUSTER,
        name=name,
        type="STATIC",
        connect_timeout="1s",
        per_connection_buffer_limit_bytes=_BUFFER_BYTES,
        load_assignment={"cluster_name": name, "endpoints": [endpoints]},
        circuit_breakers={"thresholds": [_LIMITS]},
        typed_extension_protocol_options={
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
                HTTP_PROTOCOL_OPTIONS,
                explicit_http_config={"http_protocol_options": {}},
                # Shorter than the usual 5 s of Python servers: a connection is not used while they close it.
                common_http_protocol_options={"idle_timeout": "4s", **_ANSWER_HEADERS},
            )
        },
    )
