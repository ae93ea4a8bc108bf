"""The filters of a call: each left out, and what is inside of them."""

from __future__ import annotations

from typing import Any

from mutation.edits import Edit, allowed, both, drop, leave_out, objects, put, within, without_filter, without_header
from mutation.mutant import Mutant

_CALL = "call.upstream_receives"
TRACKING_REQUEST = {
    "x-envoy-external-address": _CALL,
    "x-propylon-certificate": "refusals.revoked_certificate",
    "X-Forwarded-Host": _CALL,
    "X-Forwarded-Port": _CALL,
}
TRACKING_RESPONSE = {
    "RequestTrackingId": "call.tracking_id_is_ours",
    "X-Request-ID": "call.tracking_id_is_ours",
    "x-fapi-interaction-id": "call.tracking_id_is_ours",
    "RateLimit-Limit": "call.rate_limit_headers",
    "RateLimit-Remaining": "refusals.rate_of_a_plan",
    "RateLimit-Reset": "refusals.rate_of_a_plan",
    "x-ratelimit-limit": "call.rate_limit_headers",
    "x-ratelimit-remaining": "call.rate_limit_headers",
    "x-ratelimit-reset": "call.rate_limit_headers",
}
UPSTREAM_REQUEST = {
    "cookie": "call.neither_sees_nor_sets_cookies",
    "dpop": "check.upstream_sees_the_token",
    "X-Forwarded-Prefix": _CALL,
    "x-propylon-acr": "call.on_mutual_is_forwarded",
    "x-propylon-signed-in-at": "rules.not_told_to_upstreams",
    "x-propylon-origin": "hosts.answers_at_the_root",
    "x-propylon-psd2-roles": "call.on_mutual_is_forwarded",
    "x-propylon-bound-key": "check.upstream_sees_the_token",
    "x-propylon-reason": "check.upstream_sees_the_token",
    "x-propylon-exact": "check.upstream_sees_the_token",
    "x-propylon-quota": "check.upstream_sees_the_token",
    "x-propylon-verdict": "check.upstream_sees_the_token",
    "x-propylon-bound-certificate": "call.on_mutual_is_forwarded",
    "x-propylon-certificate": "call.on_mutual_is_forwarded",
    "x-propylon-organization": "call.on_mutual_is_forwarded",
    "x-propylon-grant-generation": _CALL,
    "x-propylon-client-generation": _CALL,
    "x-propylon-jti": _CALL,
    "x-propylon-listener": _CALL,
    "x-propylon-plan": _CALL,
}
UPSTREAM_RESPONSE = {
    **dict.fromkeys(
        ("set-cookie", "X-Content-Type-Options", "Content-Security-Policy"), "call.neither_sees_nor_sets_cookies"
    ),
    "dpop-nonce": "check.an_answer_without_a_nonce",
}
HEADER_RULES = {
    ("tracking", "request_mutations"): TRACKING_REQUEST,
    ("tracking", "response_mutations"): TRACKING_RESPONSE,
    ("upstream", "request_mutations"): UPSTREAM_REQUEST,
    ("upstream", "response_mutations"): UPSTREAM_RESPONSE,
}
_LEFT_OUT = {
    "tracking": "call.tracking_id_is_ours",
    "cors": "call.page_from_elsewhere",
    "kept": "call.leaves_one_record",
    "scope": "refusals.another_scope",
    "check": "check.learns_what",
    "verdict": "check.whatever_is_not_good",
    "body": "refusals.unknown_length",
    "own_body": "bounds.products_bound",
    "upstream": _CALL,
    "compression": "answers.chooses_the_compression",
}


def _never_limits(node: Any) -> None:
    node[0]["typed_config"]["filter_enforced"] = {"default_value": {"numerator": 0}}


def _one_bucket_for_all(node: Any) -> None:
    """A plan's clients share its bucket."""
    limits = node[0]["typed_config"]
    for rate in limits["rate_limits"]:
        rate["actions"] = rate["actions"][:1]
    for descriptor in limits["descriptors"]:
        descriptor["entries"] = descriptor["entries"][:1]


_NEVER = {
    "single_predicate": {
        "input": {
            "name": "header",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
                "header_name": "x-nobody-sends-this",
            },
        },
        "value_match": {"exact": "1"},
    }
}


def _never_skipped(node: Any) -> None:
    """In the listeners, and in what the routes say instead."""
    for each in objects(node):
        settings = [each["typed_config"]] if each.get("name") in ("check", "verdict") else []
        settings += [each["typed_per_filter_config"].get(name, {}) for name in ("check", "verdict")
                     if "typed_per_filter_config" in each]  # fmt: skip
        for found in settings:
            if "xds_matcher" in found:
                found["xds_matcher"]["matcher_list"]["matchers"][0]["predicate"] = _NEVER


def _in(name: str, says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"filter {name}: {says}", "lds", within(name, edit), proof)


def _header(filter_name: str, direction: str, header: str, proof: str) -> Mutant:
    says = f"filter {filter_name}: {header} of {direction} is left alone"
    return Mutant(says, "lds", within(filter_name, without_header(direction, header)), proof)


FILTER_CHAIN = (
    *(
        Mutant(f"filter {name}: left out", "lds", without_filter(name), proof, f"filter {name}")
        for name, proof in _LEFT_OUT.items()
    ),
    Mutant(
        "filter answer: left out",
        "lds",
        without_filter("envoy.filters.http.file_system_buffer"),
        "bounds.answer_that_is_too_large",
        "filter answer",
    ),
    Mutant(
        "filter router: tells what is Envoy's own",
        "lds",
        put("suppress_envoy_headers", False),
        _CALL,
        "filter router",
    ),
    Mutant("filter limits: never limits", "limits", _never_limits, "refusals.rate_of_a_plan", "filter limits"),
    Mutant("filter limits: one bucket for all", "limits", _one_bucket_for_all, "refusals.rate_of_a_plan"),
    Mutant(
        "filter limits: an unknown plan has no bucket",
        "limits",
        both(
            leave_out("rate_limits", lambda item: "header_value_match" in item["actions"][0]),
            leave_out("descriptors", lambda item: item["entries"][0]["key"] == "no_plan"),
        ),
        "refusals.unknown_plan",
    ),
    Mutant("filter limits: says nothing", "limits", drop("enable_x_ratelimit_headers"), "call.rate_limit_headers"),
    *(
        _header(filter_name, direction, header, proof)
        for (filter_name, direction), rows in HEADER_RULES.items()
        for header, proof in rows.items()
    ),
    _in("check", "lets pass when it is away", put("failure_mode_allow", True), "check.without_the_check"),
    _in("check", "is not told the listener", drop("authorization_request"), "check.learns_what"),
    _in("check", "hears every header", drop("allowed_headers"), "check.learns_what"),
    _in(
        "check",
        "is not told which environments demand nonces",
        leave_out("headers_to_add", lambda item: item.get("key") == "x-propylon-nonces"),
        "check.check_alone_is_told",
    ),
    _in(
        "check",
        "is not told the key of nonces",
        leave_out("headers_to_add", lambda item: item.get("key") == "x-propylon-nonce-key"),
        "check.check_alone_is_told",
    ),
    _in("check", "gives no caller a nonce", drop("allowed_client_headers_on_success"), "check.nonce_of_the_check"),
    _in("check", "cannot say why", drop("authorization_response"), "check.whatever_is_not_good check.only_calls"),
    Mutant("filter check: is asked about every call", "lds rds", _never_skipped, "check.only_calls"),
    *(
        _in("verdict", f"{verdict} passes", allowed(verdict), "check.whatever_is_not_good check.without_the_check")
        for verdict in ("proof", "nonce", "spent.day", "spent.month", "busy", "unchecked")
    ),
)
