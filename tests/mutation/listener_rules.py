"""Before any route: TLS, what is removed at the edge, how paths are read, bounds, and what is written down.

A rule that a second one would make up for is broken together with it."""

from __future__ import annotations

from typing import Any

from mutation.edits import Edit, both, drop, leave_out, objects, put, within, without_header
from mutation.mutant import Mutant

_FORGED = "call.forged_identity call.web_application_believes"
REMOVED_PREFIXES = ("x-propylon-", "x-forwarded-", "x-envoy-")
REMOVED = (
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
WRITTEN = {
    "RequestTrackingId": "call.tracking_id_is_ours",
    "x-propylon-listener": "call.web_application_believes",
}


def _early(name: str, proof: str) -> Mutant:
    edit = within("early", without_header("mutations", name))
    return Mutant(f"edge: {name} is left as it came", "lds", edit, proof, f"edge {name}")


def _setting(says: str, edit: Edit, proof: str, *, is_slow: bool = False) -> Mutant:
    return Mutant(f"listener: {says}", "lds", edit, proof, is_slow=is_slow)


def _weak_suite(node: Any) -> None:
    for tls in objects(node):
        if "cipher_suites" in tls:
            tls["cipher_suites"] = [
                *tls["cipher_suites"],
                "AES128-SHA",
                "ECDHE-RSA-AES128-SHA",
                "ECDHE-ECDSA-AES128-SHA",
            ]


def _old_tls(node: Any) -> None:
    """With a suite that TLS 1.0 knows: without one, the good suites alone would keep it away."""
    _weak_suite(node)
    put("tls_minimum_protocol_version", "TLSv1_0")(node)


def _trusting(node: Any) -> None:
    node[0]["validation_context"]["trust_chain_verification"] = "ACCEPT_UNTRUSTED"


def _open_to_anyone(node: Any) -> None:
    if node[0]["validation_context"].pop("verify_certificate_hash", None):
        node[0]["validation_context"]["trust_chain_verification"] = "ACCEPT_UNTRUSTED"


TAGS = {
    **dict.fromkeys(
        (f"propylon.{name}" for name in ("environment", "product", "version", "operation", "client", "application")),
        "call_has_a_span",
    ),
    "propylon.tracking_id": "x_request_id_does_not",
    "propylon.node": "call_has_a_span",
    "propylon.refusal": "refused_call_has_a_span",
    "propylon.caller_traceparent": "callers_trace_is_told",
}
_TRACES = (
    ("go on where the caller says", within("early", without_header("mutations", "traceparent")), "callers_trace_is"),
    (
        "tell the upstream of the caller's",
        within("upstream", without_header("request_mutations", "x-propylon-caller-traceparent")),
        "callers_trace_does_not",
    ),
    ("are drawn from X-Request-ID", drop("use_request_id_for_trace_sampling"), "x_request_id_does_not"),
    ("are of every call, whatever the share", drop("sampler"), "no_caller_can_force"),
    ("tell paths", drop("max_path_tag_length"), "no_span_tells"),
    ("have Envoy's name", drop("operation"), "call_has_a_span"),
)


def _trace(says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"traces: {says}", "lds", edit, f"traces.{proof}")


LISTENER = (
    *(_early(name, _FORGED) for name in (*REMOVED_PREFIXES, *REMOVED)),
    *(_early(name, proof) for name, proof in WRITTEN.items()),
    _setting("TLS 1.0 is good enough", _old_tls, "connections.tls_before_1_2"),
    _setting("suites without forward secrecy", _weak_suite, "connections.suite_without_forward_secrecy"),
    _setting("no HTTP/2", put("alpn_protocols", ["http/1.1"]), "connections.http2_is_the_same"),
    _setting("paths stay as they came", put("normalize_path", False), "faults.traversal"),
    _setting("two slashes stay two", put("merge_slashes", False), "faults.traversal"),
    _setting(
        "escaped slashes pass",
        put("path_with_escaped_slashes_action", "KEEP_UNCHANGED"),
        "refusals.refused_before_the_filters",
    ),
    _setting(
        "headers with underscores pass",
        both(
            put("headers_with_underscores_action", "ALLOW"), within("early", without_header("mutations", "x-propylon-"))
        ),
        "call.web_application_believes call.forged_identity",
    ),
    _setting("upstreams learn the caller's address", drop("skip_xff_append"), "call.upstream_receives"),
    _setting("60 KB of headers", drop("max_request_headers_kb"), "refusals.too_large_headers"),
    _setting("100 headers", drop("max_headers_count"), "refusals.too_large_headers"),
    _setting("headers may drip", drop("request_headers_timeout"), "refusals.drip_of_headers"),
    _setting("bodies may drip", drop("request_timeout"), "faults.body_that_drips", is_slow=True),
    _setting("connections may idle", put("idle_timeout", "3600s"), "faults.body_that_drips", is_slow=True),
    _setting("handshakes may take forever", drop("transport_socket_connect_timeout"), "faults.never_shakes_hands"),
    _setting("no record of calls", within("http", drop("access_log")), "call.leaves_one_record"),
    _setting("no record of handshakes", drop("access_log"), "connections.strangers_certificate"),
    _setting("the bound of a body is ten times as large", put("max_request_bytes", 200_000), "refusals.unknown_length"),
    *(_trace(says, edit, proof) for says, edit, proof in _TRACES),
    *(
        _trace(f"{tag} is not told", leave_out("custom_tags", lambda item, tag=tag: item["tag"] == tag), proof)
        for tag, proof in TAGS.items()
    ),
    Mutant("trust: any certificate is good", "trust", _trusting, "connections.strangers_certificate"),
    Mutant("trust: no revocation list", "trust", drop("crl"), "connections.revocation_list"),
    Mutant(
        "trust: without an authority anybody is good", "trust", _open_to_anyone, "connections.without_any_authority"
    ),
)
