"""The record of a call: one JSON line per request, written by Envoy; and of a TLS handshake that failed."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from propylon.gateway.envoy_types import CEL_LOG_FILTER, FILE_ACCESS_LOG, Json, extension
from propylon.gateway.files import CALL_LOG, HANDSHAKE_LOG
from propylon.gateway.local_replies import EARLY_ID, TRACKING_ID
from propylon.gateway.refusals import EARLY_DETAILS
from propylon.kernel.token_claims import CLAIM_HEADERS
from propylon.kernel.tracking import is_tracking_id

# Kept beside the request, because both change on the way to the upstream.
JTI_STATE = "propylon.jti"
PATH_STATE = "propylon.path"
PATH = "%PATH(NQ:PATH:2048)%"


def _claim(name: str) -> str:
    return f"%REQ({CLAIM_HEADERS[name]})%"


_PATH_AS_CALLED = (
    '%COALESCE({"operators":[{"command":"FILTER_STATE","param":"' + PATH_STATE + ':PLAIN"},'
    '{"command":"PATH","param":"NQ:PATH"}]}):2048%'
)


def _route(name: str) -> str:
    return f"%METADATA(ROUTE:propylon:{name})%"


# Key: Envoy's format. What is not known is null. `listener` is filled in by `call_log`.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "at": "%START_TIME(%s.%3f)%",
        "id": TRACKING_ID,
        "early_id": EARLY_ID,
        "caller_id": "%REQ(X-REQUEST-ID):128%",
        "listener": "",
        "environment": _route("environment"),
        "product": _route("product"),
        "version": _route("version"),
        "operation": _route("operation"),
        "method": "%REQ(:METHOD)%",
        "path": _PATH_AS_CALLED,
        "status": "%RESPONSE_CODE%",
        "details": "%RESPONSE_CODE_DETAILS%",
        "flags": "%RESPONSE_FLAGS%",
        "client": _claim("client_id"),
        "application": _claim("app"),
        "grant": _claim("gid"),
        "jti": f"%FILTER_STATE({JTI_STATE}:PLAIN)%",
        "duration_ms": "%DURATION%",
        "upstream_ms": "%COMMON_DURATION(US_TX_BEG:US_RX_BEG:ms)%",
        "received": "%BYTES_RECEIVED%",
        "sent": "%BYTES_SENT%",
        "address": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
        "fingerprint": "%DOWNSTREAM_PEER_FINGERPRINT_256%",
        "protocol": "%PROTOCOL%",
        "tls": "%DOWNSTREAM_TLS_VERSION%",
    }
)

_HANDSHAKE_FIELDS = {
    "at": "%START_TIME(%s.%3f)%",
    "reason": "%DOWNSTREAM_TRANSPORT_FAILURE_REASON%",
    "address": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
    "server_name": "%REQUESTED_SERVER_NAME%",
    "tls": "%DOWNSTREAM_TLS_VERSION%",
    "subject": "%DOWNSTREAM_PEER_SUBJECT%",
    "fingerprint": "%DOWNSTREAM_PEER_FINGERPRINT_256%",
}


def record_id(record: Mapping[str, object]) -> str:
    """The tracking id that the caller was told: `early_id` for what was refused before an id was made."""
    own = str(record.get("id") or "")
    is_early = str(record.get("details") or "") in EARLY_DETAILS
    return own if is_tracking_id(own) and not is_early else str(record.get("early_id") or "")


def call_log(listener: str) -> Json:
    """Every request, except the probes of /health."""
    fields = {**FIELDS, "listener": listener}
    no_probe = {
        "name": ":path",
        "string_match": {"prefix": "/health"},
        "invert_match": True,
        "treat_missing_header_as_empty": True,  # what is not even HTTP leaves a record too
    }
    return {**_file(CALL_LOG, fields), "filter": {"header_filter": {"header": no_probe}}}


def handshake_log(listener: str) -> Json:
    """Connections that failed before any request, with the reason."""
    fields = {**_HANDSHAKE_FIELDS, "listener": listener}
    expression = "connection.transport_failure_reason != ''"
    failed = {"extension_filter": extension("cel", CEL_LOG_FILTER, expression=expression)}
    return {**_file(HANDSHAKE_LOG, fields), "filter": failed}


def _file(path: str, fields: Mapping[str, str]) -> Json:
    return extension("file", FILE_ACCESS_LOG, path=path, log_format={"json_format": dict(fields)})
