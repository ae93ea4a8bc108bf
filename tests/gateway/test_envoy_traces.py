"""OpenTelemetry: a span for each traced call, as a real collector hears it; callers choose neither share nor trace."""

from __future__ import annotations

from dataclasses import replace

import pytest

from otlp_collector import Collector
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.model import Traces

LIST = "/sandbox/accounts/v1/accounts"
CALLERS = f"00-{'a' * 32}-{'b' * 16}-01"


def collected_at(gateway, port, percent=100.0):
    traces = Traces(f"http://127.0.0.1:{port}/v1/traces", percent)
    gateway.deliver_model(replace(gateway.model, traces=traces))
    gateway.wait_for_versions()


REFUSED = {
    "no token": (LIST, None, 401, "gateway.token.missing"),
    "scope": (LIST, {"scope": "other"}, 403, "gateway.scope.missing"),
    "plan": ("/sandbox/accounts/v1/gold", {}, 403, "gateway.plan.excluded"),
    "path": ("/sandbox/accounts/v1/nothing", {}, 404, "gateway.path.unknown"),
    "unreachable": ("/sandbox/gone/v1/x", {}, 503, "gateway.upstream.unreachable"),
    "broken off": ("/sandbox/broken/v1/break", {}, 502, "gateway.upstream.failed"),
}
OF_A_TRACE = {"traceparent": CALLERS, "tracestate": "vendor=1"}


@pytest.fixture(scope="module")
def collector(gateway):
    made = Collector()
    collected_at(gateway, made.port)
    yield made
    made.stop()
    gateway.deliver_model(gateway.model)
    gateway.wait_for_versions()


@pytest.fixture(scope="module")
def traced(gateway, collector, until):
    """By name: the answer of a call, and its span. All calls first: spans leave once a second."""
    answers = {
        "call": gateway.call(f"{LIST}/1234567?account=1234567", token=gateway.token()),
        "page": gateway.call("/verify-email/1234567?token=1234567"),
        "busy": gateway.call("/sandbox/broken/v1/busy", token=gateway.token()),
        "of a trace": gateway.call(LIST, token=gateway.token(), **OF_A_TRACE),
        "refused of a trace": gateway.call(LIST, token=gateway.token(scope="other"), **OF_A_TRACE),
    }
    for name, (path, claims, *_) in REFUSED.items():
        answers[name] = gateway.call(path, token=None if claims is None else gateway.token(**claims))

    def span_of(name):
        return until(lambda: collector.span_of(answers[name].tracking_id), f"a span of the call {name!r}")

    return {name: (answer, span_of(name)) for name, answer in answers.items()}


def test_a_call_has_a_span_with_its_tracking_id_and_its_place(traced):
    _, span = traced["call"]
    told = {
        "propylon.environment": "sandbox",
        "propylon.product": "accounts",
        "propylon.version": "v1",
        "propylon.operation": "getAccount",
        "propylon.client": "client-1",
        "propylon.application": "app-1",
        "propylon.node": "test",
        "http.status_code": "200",
    }
    assert told.items() <= span.tags.items()
    assert span.name == "GET getAccount"
    assert span.resource["service.name"] == "propylon-gateway"
    assert not {"propylon.refusal", "propylon.caller_traceparent"} & span.tags.keys()


def test_no_span_tells_a_path_or_a_query(traced):
    assert "1234567" not in str([span for _, span in traced.values()])


def test_the_upstream_goes_on_with_the_gateways_span_w3c_trace_context(traced):
    answer, span = traced["call"]
    assert answer.json()["headers"]["traceparent"] == f"00-{span.trace_id}-{span.span_id}-01"


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_call_has_a_span_with_the_code_that_the_caller_got(traced, name):
    answer, span = traced[name]
    *_, status, code = REFUSED[name]
    assert (answer.status, answer.json()["code"]) == (status, code)
    assert (span.tags["http.status_code"], span.tags["propylon.refusal"]) == (str(status), code)


def test_an_upstreams_own_error_is_no_refusal(traced):
    _, span = traced["busy"]
    assert span.tags["http.status_code"] == "429"
    assert "propylon.refusal" not in span.tags


@pytest.mark.parametrize("name", ["of a trace", "refused of a trace"])
def test_a_callers_trace_is_told_and_not_continued(traced, name):
    _, span = traced[name]
    assert span.tags["propylon.caller_traceparent"] == CALLERS
    assert span.trace_id != "a" * 32
    assert not span.parent_id.strip("0")


def test_a_callers_trace_does_not_reach_the_upstream(traced):
    answer, span = traced["of a trace"]
    heard = answer.json()["headers"]
    assert span.trace_id in heard["traceparent"]
    assert not heard["tracestate"]
    assert "x-propylon-caller-traceparent" not in heard


def test_no_caller_can_force_a_trace(gateway, collector, until):
    """Nothing is traced at 0 %: whatever the caller says of sampling in the headers that Envoy and W3C know."""
    collected_at(gateway, collector.port, percent=0.0)
    try:
        forced = {
            "traceparent": CALLERS,
            "tracestate": "vendor=1",
            "X_Request_ID": "00000000-0000-9000-8000-000000000000",
            "X_Client_Trace_ID": "1",
            "X_Envoy_Force_Trace": "true",
        }
        heard = []
        for _ in range(60):  # more than one parcel
            answer = gateway.call(LIST, token=gateway.token(), **forced)
            heard.append(answer.tracking_id)
            assert answer.json()["headers"]["traceparent"].endswith("-00")
    finally:
        collected_at(gateway, collector.port)
    last = gateway.call(LIST, token=gateway.token())
    until(lambda: collector.span_of(last.tracking_id), "a span of a later call")
    assert not [found for found in heard if collector.span_of(found)]


def test_x_request_id_does_not_choose_what_is_traced(gateway, collector, until):
    answer = gateway.call(LIST, token=gateway.token(), X_Request_ID="the caller's own")
    until(lambda: collector.span_of(answer.tracking_id), "its span")


def test_calls_go_on_when_nobody_collects(gateway, collector):
    away = Collector()
    away.stop()
    collected_at(gateway, away.port)
    try:
        statuses = {gateway.call(LIST, token=gateway.token()).status for _ in range(120)}
    finally:
        collected_at(gateway, collector.port)
    assert statuses == {200}


def test_without_a_collector_nothing_of_it_is_in_a_snapshot(gateway):
    resources = compile_snapshot(gateway.model).resources
    words = ("otlp", "opentelemetry", "traceparent", '"tracing"', "use_request_id_for_trace_sampling")
    assert not [kind for kind, made in resources.items() if any(word in made.text for word in words)]
