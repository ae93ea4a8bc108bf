"""The listeners: `public` (TLS, where configured HTTP/3 too), `mutual` (TLS that asks for a client certificate)."""

from __future__ import annotations

from propylon.gateway.call_log import call_log, handshake_log
from propylon.gateway.envoy_types import (
    DOWNSTREAM_TLS,
    EARLY_HEADER_MUTATION,
    HTTP_CONNECTION_MANAGER,
    LISTENER,
    QUIC,
    UUID_REQUEST_ID,
    Json,
    extension,
    set_header,
    typed,
)
from propylon.gateway.files import ROUTES, STAT_PREFIX, config_source
from propylon.gateway.filters import LISTENER_HEADER, Door, filter_chain
from propylon.gateway.local_replies import local_reply_config
from propylon.gateway.model import GatewayModel
from propylon.gateway.tracing import restarted_trace, tracing_of
from propylon.kernel.tracking import TRACKING_HEADER

# BCP 195 (RFC 9325) section 4.2; the suites of TLS 1.3 are all good and not configurable.
_TLS = {
    "tls_minimum_protocol_version": "TLSv1_2",
    "cipher_suites": [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384",
    ],
    "ecdh_curves": ["X25519", "P-256", "P-384"],
}

_SERVER_CERTIFICATE: Json = {"name": "server", "sds_config": config_source("server")}

# What a caller may not say, because something behind the gateway would believe it.
_REMOVED_PREFIXES = ("x-propylon-", "x-forwarded-", "x-envoy-")
_REMOVED = (
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "true-client-ip",
    "x-client-cert",
    "x-ssl-client-cert",
    "ssl-client-cert",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
)


def listeners(model: GatewayModel) -> list[Json]:
    here = model.listeners
    quic = [_quic_listener(model)] if here.http3 else []
    return [
        _listener(model, "mutual", here.mutual_port, here.mutual_url),
        _listener(model, "public", here.public_port, here.public_url),
        *quic,
    ]


def _listener(model: GatewayModel, name: str, port: int, url: str) -> Json:
    return typed(
        LISTENER,
        name=name,
        address={"socket_address": {"address": model.listeners.address, "port_value": port}},
        per_connection_buffer_limit_bytes=32_768,
        access_log=[handshake_log(name)],
        filter_chains=[
            {
                "transport_socket": _tls(name),
                "transport_socket_connect_timeout": "10s",
                "filters": [_connection_manager(model, name, url)],
            }
        ],
    )


def _quic_listener(model: GatewayModel) -> Json:
    """The public listener once more, over UDP (RFC 9114)."""
    here = model.listeners
    address = {"address": here.address, "port_value": here.public_port, "protocol": "UDP"}
    tls = {"tls_certificate_sds_secret_configs": [_SERVER_CERTIFICATE]}
    # What comes before the handshake is done could be a replay (RFC 8470).
    quic = extension("quic", QUIC, downstream_tls_context={"common_tls_context": tls}, enable_early_data=False)
    manager = _connection_manager(model, "public", here.public_url)
    manager["typed_config"]["codec_type"] = "HTTP3"
    return typed(
        LISTENER,
        name="public.http3",
        address={"socket_address": address},
        access_log=[handshake_log("public")],
        udp_listener_config={"quic_options": {}, "downstream_socket_config": {"prefer_gro": True}},
        filter_chains=[{"transport_socket": quic, "filters": [manager]}],
    )


def _tls(name: str) -> Json:
    common: Json = {
        "alpn_protocols": ["h2", "http/1.1"],
        "tls_params": _TLS,
        "tls_certificate_sds_secret_configs": [_SERVER_CERTIFICATE],
    }
    if name == "mutual":
        # A certificate is asked for and must verify; that there is one is for the routes, which can say so in HTTP.
        common["validation_context_sds_secret_config"] = {"name": "trust", "sds_config": config_source("trust")}
    return extension("tls", DOWNSTREAM_TLS, common_tls_context=common, require_client_certificate=False)


def _connection_manager(model: GatewayModel, name: str, url: str) -> Json:
    return extension(
        "http",
        HTTP_CONNECTION_MANAGER,
        stat_prefix=STAT_PREFIX,
        rds={"config_source": config_source("rds"), "route_config_name": ROUTES},
        http_filters=filter_chain(model, _door(model, name, url)),
        local_reply_config=local_reply_config(),
        access_log=[call_log(name)],
        early_header_mutation_extensions=[_early_mutation(model, name)],
        generate_request_id=False,  # X-Request-ID is the caller's; ours is the RequestTrackingId
        request_id_extension={"typed_config": typed(UUID_REQUEST_ID, pack_trace_reason=False, **_draws_no_lot(model))},
        server_name="propylon",
        **tracing_of(model),
        **_HARDENING,
    )


def _draws_no_lot(model: GatewayModel) -> Json:
    """Which calls are traced is not drawn from X-Request-ID: it is the caller's."""
    return {"use_request_id_for_trace_sampling": False} if model.traces else {}


def _door(model: GatewayModel, name: str, url: str) -> Door:
    is_mutual = name == "mutual"
    return Door(url.rstrip("/"), is_mutual, advertises_http3=model.listeners.http3 and not is_mutual)


def _early_mutation(model: GatewayModel, listener: str) -> Json:
    """Before routing: forgeries go, and the request gets its name."""
    mutations: list[Json] = [{"remove_on_match": {"key_matcher": {"prefix": p}}} for p in _REMOVED_PREFIXES]
    mutations += [{"remove": name} for name in _REMOVED]
    mutations += restarted_trace(model)
    mutations += [
        {"append": set_header(TRACKING_HEADER, "%UNIQUE_ID%")},
        {"append": set_header(LISTENER_HEADER, listener)},
    ]
    return extension("early", EARLY_HEADER_MUTATION, mutations=mutations)


_HARDENING: Json = {
    "normalize_path": True,
    "merge_slashes": True,
    "path_with_escaped_slashes_action": "REJECT_REQUEST",
    "use_remote_address": True,
    "skip_xff_append": True,
    "max_request_headers_kb": 16,
    "request_headers_timeout": "5s",
    "request_timeout": "60s",
    "stream_idle_timeout": "75s",
    "delayed_close_timeout": "1s",
    "common_http_protocol_options": {
        "headers_with_underscores_action": "DROP_HEADER",
        "idle_timeout": "60s",
        "max_headers_count": 64,
        # A change of trust reaches open connections by marks at once, and at the latest by this.
        "max_connection_duration": "3600s",
    },
    "http2_protocol_options": {
        "max_concurrent_streams": 100,
        "initial_stream_window_size": 65_536,
        "initial_connection_window_size": 1_048_576,
    },
}
