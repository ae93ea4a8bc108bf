"""Clusters: the web application, the node's call check and the banks' upstreams."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from propylon.gateway.check import CHECK
from propylon.gateway.envoy_types import CLUSTER, HTTP_PROTOCOL_OPTIONS, UPSTREAM_TLS, Json, extension, typed
from propylon.gateway.files import CHECK_SOCKET, config_source
from propylon.gateway.model import GatewayModel, Upstream
from propylon.gateway.snapshot import Diagnostic

WEB = "web"
_IP_ADDRESS = re.compile(r"[0-9.]+|\[?[0-9a-fA-F]*:[0-9a-fA-F:.]*\]?")
_LIMITS = {"max_connections": 4096, "max_pending_requests": 4096, "max_requests": 8192, "max_retries": 64}


def cluster_name(upstream: str) -> str:
    return f"upstream.{upstream}"


def clusters(model: GatewayModel, upstreams: Iterable[Upstream]) -> list[Json]:
    ordered = sorted(upstreams, key=lambda upstream: upstream.name)
    own = (_cluster(WEB, _pipe(model.sockets.web)), _cluster(CHECK, _pipe(CHECK_SOCKET)))
    return [*own, *(_upstream_cluster(upstream) for upstream in ordered)]


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
    if upstream.address.startswith("unix:/"):
        return ""
    try:
        parts = urlsplit(upstream.address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.path in ("", "/")
        port = parts.port
    except ValueError:
        is_address, port = False, None
    if not is_address or port == 0 or upstream.timeout_ms <= 0:
        return "Give the address as unix:/path, http://host:port or https://host:port, and a timeout above 0."
    if parts.scheme == "https" and not upstream.ca_pem.strip():
        return "Give the CA that the upstream's certificate is verified against."
    return ""


def _upstream_cluster(upstream: Upstream) -> Json:
    if upstream.address.startswith("unix:"):
        return _cluster(cluster_name(upstream.name), _pipe(upstream.address.removeprefix("unix:")))
    parts = urlsplit(upstream.address)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    socket = {"socket_address": {"address": host, "port_value": port}}
    cluster = _cluster(cluster_name(upstream.name), socket)
    if not _IP_ADDRESS.fullmatch(host):
        cluster["type"] = "STRICT_DNS"
    if parts.scheme == "https":
        cluster["transport_socket"] = _upstream_tls(upstream, host)
    return cluster


def _upstream_tls(upstream: Upstream, host: str) -> Json:
    is_ip = bool(_IP_ADDRESS.fullmatch(host))
    name = {"san_type": "IP_ADDRESS" if is_ip else "DNS", "matcher": {"exact": host}}
    context: Json = {
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
        "validation_context": {
            "trusted_ca": {"inline_string": upstream.ca_pem},
            "match_typed_subject_alt_names": [name],
        },
    }
    if upstream.sends_client_certificate:
        context["tls_certificate_sds_secret_configs"] = [{"name": "server", "sds_config": config_source("server")}]
    fields: Json = {"common_tls_context": context}
    if not is_ip:
        fields["sni"] = host
    return extension("tls", UPSTREAM_TLS, **fields)


def _pipe(path: str) -> Json:
    return {"pipe": {"path": path}}


def _cluster(name: str, address: Json) -> Json:
    endpoint = {"lb_endpoints": [{"endpoint": {"address": address}}]}
    return typed(
        CLUSTER,
        name=name,
        type="STATIC",
        connect_timeout="1s",
        load_assignment={"cluster_name": name, "endpoints": [endpoint]},
        circuit_breakers={"thresholds": [_LIMITS]},
        typed_extension_protocol_options={
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
                HTTP_PROTOCOL_OPTIONS,
                explicit_http_config={"http_protocol_options": {}},
                # Shorter than the usual 5 s of Python servers: a connection is not used while they close it.
                common_http_protocol_options={"idle_timeout": "4s"},
            )
        },
    )
