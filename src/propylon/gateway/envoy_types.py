"""Names of the Envoy messages that the compiler writes, and the few values every resource repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = dict[str, Any]

_X = "type.googleapis.com/"
_F = _X + "envoy.extensions.filters."

HTTP_CONNECTION_MANAGER = _F + "network.http_connection_manager.v3.HttpConnectionManager"
HEADER_MUTATION = _F + "http.header_mutation.v3.HeaderMutation"
HEADER_MUTATION_PER_ROUTE = _F + "http.header_mutation.v3.HeaderMutationPerRoute"
CORS = _F + "http.cors.v3.Cors"
CORS_POLICY = _F + "http.cors.v3.CorsPolicy"
JWT_AUTHENTICATION = _F + "http.jwt_authn.v3.JwtAuthentication"
JWT_PER_ROUTE = _F + "http.jwt_authn.v3.PerRouteConfig"
RBAC = _F + "http.rbac.v3.RBAC"
RBAC_PER_ROUTE = _F + "http.rbac.v3.RBACPerRoute"
LOCAL_RATE_LIMIT = _F + "http.local_ratelimit.v3.LocalRateLimit"
BUFFER = _F + "http.buffer.v3.Buffer"
FILE_SYSTEM_BUFFER = _F + "http.file_system_buffer.v3.FileSystemBufferFilterConfig"
SET_FILTER_STATE = _F + "http.set_filter_state.v3.Config"
EXT_AUTHZ = _F + "http.ext_authz.v3.ExtAuthz"
COMPOSITE = _F + "http.composite.v3.Composite"
EXECUTE_FILTER = _F + "http.composite.v3.ExecuteFilterAction"
COMPRESSOR = _F + "http.compressor.v3.Compressor"
ROUTER = _F + "http.router.v3.Router"
HEALTH_CHECK = _F + "http.health_check.v3.HealthCheck"
GZIP = _X + "envoy.extensions.compression.gzip.compressor.v3.Gzip"
BROTLI = _X + "envoy.extensions.compression.brotli.compressor.v3.Brotli"
ZSTD = _X + "envoy.extensions.compression.zstd.compressor.v3.Zstd"
SKIP_FILTER = _X + "envoy.extensions.filters.common.matcher.action.v3.SkipFilter"
EXTENSION_WITH_MATCHER = _X + "envoy.extensions.common.matching.v3.ExtensionWithMatcher"
EXTENSION_WITH_MATCHER_PER_ROUTE = _X + "envoy.extensions.common.matching.v3.ExtensionWithMatcherPerRoute"
EARLY_HEADER_MUTATION = _X + "envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation"
UUID_REQUEST_ID = _X + "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig"
OPENTELEMETRY = _X + "envoy.config.trace.v3.OpenTelemetryConfig"
TRACE_ID_RATIO = _X + "envoy.extensions.tracers.opentelemetry.samplers.v3.TraceIdRatioBasedSamplerConfig"
HTTP_PROTOCOL_OPTIONS = _X + "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
DOWNSTREAM_TLS = _X + "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext"
QUIC = _X + "envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport"
UPSTREAM_TLS = _X + "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
SECRET = _X + "envoy.extensions.transport_sockets.tls.v3.Secret"
FILE_ACCESS_LOG = _X + "envoy.extensions.access_loggers.file.v3.FileAccessLog"
CEL_LOG_FILTER = _X + "envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
FIXED_HEAP = _X + "envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig"
MAX_CONNECTIONS = _X + "envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig"
PREVIOUS_HOSTS = _X + "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate"
DIRECT_SOURCE_IP = _X + "envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput"
IP_MATCHER = _X + "envoy.extensions.matching.input_matchers.ip.v3.Ip"
NAME_MATCHER = _X + "xds.type.matcher.v3.ServerNameMatcher"
CEL_MATCHER = _X + "xds.type.matcher.v3.CelMatcher"
CEL_INPUT = _X + "xds.type.matcher.v3.HttpAttributesCelMatchInput"
HEADER_INPUT = _X + "envoy.type.matcher.v3.HttpRequestHeaderMatchInput"
RBAC_ACTION = _X + "envoy.config.rbac.v3.Action"
ROUTE_LIST = _X + "envoy.config.route.v3.RouteList"
FILTER_CONFIG = _X + "envoy.config.route.v3.FilterConfig"
EXTENSION_CONFIG = _X + "envoy.config.core.v3.TypedExtensionConfig"
ROUTE_CONFIGURATION = _X + "envoy.config.route.v3.RouteConfiguration"
LISTENER = _X + "envoy.config.listener.v3.Listener"
CLUSTER = _X + "envoy.config.cluster.v3.Cluster"


def typed(type_url: str, /, **fields: Any) -> Json:
    """An `Any` message."""
    return {"@type": type_url, **fields}


def extension(name: str, type_url: str, /, **fields: Any) -> Json:
    """A named extension with its configuration."""
    return {"name": name, "typed_config": typed(type_url, **fields)}


def set_header(key: str, value: str, action: str = "OVERWRITE_IF_EXISTS_OR_ADD") -> Json:
    """A `HeaderValueOption`; a value that formats to nothing adds no header."""
    return {"header": {"key": key, "value": value}, "append_action": action}


def header_input(name: str) -> Json:
    """The value of a request header, as input of a matcher."""
    return extension("header", HEADER_INPUT, header_name=name)


def exact_map(header: str, actions: Mapping[str, Any], otherwise: Json) -> Json:
    """A matcher tree: the header's exact value chooses what follows. `actions` must not be empty."""
    tree = {"input": header_input(header), "exact_match_map": {"map": dict(actions)}}
    return {"matcher_tree": tree, "on_no_match": otherwise}


def header_predicate(header: str, value_match: Mapping[str, Any]) -> Json:
    """False when the header is absent."""
    return {"single_predicate": {"input": header_input(header), "value_match": dict(value_match)}}


def full_match(regex: str) -> Json:
    """An xds `StringMatcher` on the whole value."""
    return {"safe_regex": {"google_re2": {}, "regex": regex}}


def any_of(predicates: Sequence[Json]) -> Json:
    """True when one predicate is; a single one stands for itself."""
    return {"or_matcher": {"predicate": list(predicates)}} if len(predicates) > 1 else predicates[0]
