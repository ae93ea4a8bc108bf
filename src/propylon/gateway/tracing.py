"""OpenTelemetry traces (OTLP over HTTP): a span for each call that is sampled, made and sent by Envoy itself.

The gateway is where trust begins, so it begins the trace, too (W3C Trace Context, section 3.2: a restarted trace). What
a caller says in `traceparent` chooses neither the trace's id, from which the share of traced calls is drawn, nor
whether the call is one of them: no caller can make the gateway trace more. The caller's own is kept as a tag, so that
both sides can be brought together. The upstream gets the `traceparent` of the gateway's span, sampled or not.

With no collector named, nothing of this is in a snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from propylon.gateway.envoy_types import OPENTELEMETRY, TRACE_ID_RATIO, Json, extension, set_header
from propylon.gateway.local_replies import TRACKING_ID, refusal_expression
from propylon.gateway.model import GatewayModel, Traces
from propylon.kernel.token_claims import CLAIM_HEADERS

TRACES = "otlp"  # the cluster
SERVICE_NAME = "propylon-gateway"
CALLER_HEADER = "x-propylon-caller-traceparent"
_CALLER_STATE = "propylon.traceparent"
_PATIENCE = "1s"
_PARTS_OF_A_PERCENT = 10_000  # Envoy counts in millionths
_CALLER = (
    '%COALESCE({"operators":[{"command":"FILTER_STATE","param":"' + _CALLER_STATE + ':PLAIN"},'
    '{"command":"REQ","param":"' + CALLER_HEADER + '"}]}):64%'
)

# Tag: Envoy's format. What is not known has no tag. The status is Envoy's own tag http.status_code.
TAGS: Mapping[str, str] = MappingProxyType(
    {
        "propylon.tracking_id": TRACKING_ID,
        "propylon.environment": "%METADATA(ROUTE:propylon:environment)%",
        "propylon.product": "%METADATA(ROUTE:propylon:product)%",
        "propylon.version": "%METADATA(ROUTE:propylon:version)%",
        "propylon.operation": "%METADATA(ROUTE:propylon:operation)%",
        "propylon.client": f"%REQ({CLAIM_HEADERS['client_id']})%",
        "propylon.application": f"%REQ({CLAIM_HEADERS['app']})%",
        "propylon.refusal": f"%CEL({refusal_expression()})%",
        "propylon.node": "%CEL(xds.node.id)%",
        "propylon.caller_traceparent": _CALLER,
    }
)


def tracing_of(model: GatewayModel) -> Json:
    """The connection manager's fields for it; none when nobody collects."""
    if model.traces is None:
        return {}
    tags = [{"tag": tag, "value": form} for tag, form in TAGS.items()]
    provider = extension(
        "envoy.tracers.opentelemetry",
        OPENTELEMETRY,
        http_service={"http_uri": {"uri": model.traces.url, "cluster": TRACES, "timeout": _PATIENCE}},
        service_name=SERVICE_NAME,
        sampler=_share(model.traces),
    )
    return {
        "tracing": {
            "provider": provider,
            "custom_tags": tags,
            "operation": "%REQ(:METHOD)% %METADATA(ROUTE:propylon:operation)%",
            # Envoy's own tag http.url would tell paths and queries: account numbers, names, links that are good once.
            "max_path_tag_length": 0,
        }
    }


def restarted_trace(model: GatewayModel) -> list[Json]:
    """Header mutations before anything else: the caller's trace is put aside."""
    if model.traces is None:
        return []
    aside = {"append": set_header(CALLER_HEADER, "%REQ(TRACEPARENT)%")}
    return [aside, {"remove": "traceparent"}]  # Envoy itself writes tracestate anew


def kept_of_caller(model: GatewayModel) -> Mapping[str, str]:
    """What is to be kept of the request until its span ends: state to format."""
    return {} if model.traces is None else {_CALLER_STATE: f"%REQ({CALLER_HEADER})%"}


def collector_address(traces: Traces) -> str:
    """Scheme, host and port, as an upstream's address."""
    parts = urlsplit(traces.url)
    return f"{parts.scheme}://{parts.netloc}"


def _share(traces: Traces) -> Json:
    """Drawn from the trace's id, which is the gateway's own."""
    share = {"numerator": round(traces.percent * _PARTS_OF_A_PERCENT), "denominator": "MILLION"}
    return extension("share", TRACE_ID_RATIO, sampling_percentage=share)
