"""The record of a call: one line per request, written by Envoy; and of a TLS handshake that failed.

A call's line is its fields, separated by tabs: Envoy writes that three times as fast as JSON, which was a quarter of
what a call cost. What callers choose themselves comes last, so that a tab of theirs moves no other field.
"""

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


LINE_MARK = "call1"  # each line's first field: the version of this table

# Key: Envoy's format, in the order of the line. What is not known is "-". `listener` is filled in by `call_log`.
FIELDS: Mapping[str, str] = MappingProxyType(
    {
        "at": "%START_TIME(%s.%3f)%",
        "id": TRACKING_ID,
        "early_id": EARLY_ID,
        "listener": "",
        "environment": _route("environment"),
        "product": _route("product"),
        "version": _route("version"),
        "operation": _route("operation"),
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
        "method": "%REQ(:METHOD)%",
        "path": _PATH_AS_CALLED,
        "caller_id": "%REQ(X-REQUEST-ID):128%",
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


def read_line(line: str) -> Mapping[str, str] | None:
    """The fields of a line (without its end) by key, "" for what is not known; None for what is no such line."""
    mark, *values = line.split("\t", len(FIELDS))
    if mark != LINE_MARK or len(values) != len(FIELDS):
        return None
    return {key: "" if value == "-" else value for key, value in zip(FIELDS, values, strict=True)}


def record_id(record: Mapping[str, str]) -> str:
    """The tracking id that the caller was told: `early_id` for what was refused before an id was made."""
    own = record["id"]
    return own if is_tracking_id(own) and record["details"] not in EARLY_DETAILS else record["early_id"]


def call_log(listener: str) -> Json:
    """Every request, except the probes of /health."""
    fields = {**FIELDS, "listener": listener}
    no_probe = {
        "name": ":path",
        "string_match": {"prefix": "/health"},
        "invert_match": True,
        "treat_missing_header_as_empty": True,  # what is not even HTTP leaves a record too
    }
    line = "\t".join([LINE_MARK, *fields.values()]) + "\n"
    log = extension("file", FILE_ACCESS_LOG, path=CALL_LOG, log_format={"text_format_source": {"inline_string": line}})
    return {**log, "filter": {"header_filter": {"header": no_probe}}}


def handshake_log(listener: str) -> Json:
    """Connections that failed before any request, with the reason."""
    fields = {**_HANDSHAKE_FIELDS, "listener": listener}
    expression = "connection.transport_failure_reason != ''"
    failed = {"extension_filter": extension("cel", CEL_LOG_FILTER, expression=expression)}
    log = extension("file", FILE_ACCESS_LOG, path=HANDSHAKE_LOG, log_format={"json_format": fields})
    return {**log, "filter": failed}
