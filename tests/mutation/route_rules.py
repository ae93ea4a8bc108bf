"""Routes and upstreams: what is refused without a look at tokens, what operations ask for, how calls are sent on."""

from __future__ import annotations

from typing import Any

from mutation.edits import (
    Edit,
    Json,
    allowed,
    as_text,
    both,
    drop,
    leave_out,
    objects,
    put,
    with_route,
    without_header,
    without_route,
)
from mutation.mutant import Mutant

_WITHIN = "path_separated_prefix"


def _route(says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"route: {says}", "rds", edit, proof)


def _scope(says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"scope: {says}", "rds", edit, f"refusals.{proof}")


def _any_part(node: Any) -> None:
    """A scope is found inside of another."""
    for each in objects(node):
        for places in (each.get("principals"), each.get("or_ids", {}).get("ids")):
            for item in places or ():
                match = item.get("header", {}).get("string_match", {})
                if "exact" in match:
                    match["contains"] = match.pop("exact")


def _without_place(place: str) -> Edit:
    def is_place(item: Json) -> bool:
        return place in item.get("header", {}).get("string_match", {})

    return both(leave_out("ids", is_place), leave_out("principals", is_place))


def _one_is_enough(node: Any) -> None:
    for each in objects(node):
        if "and_ids" in each:
            each["or_ids"] = each.pop("and_ids")


def _is_guard(match: Json) -> bool:
    return match.get("prefix") == "/"


def _is_operation(match: Json) -> bool:
    return "prefix" not in match and _WITHIN not in match


def _portal_everywhere(route: Json) -> None:
    route["match"].pop("headers", None)


def _for_anyone(route: Json) -> None:
    """The operation is open."""
    off = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "disabled": True}
    route["typed_per_filter_config"] = dict.fromkeys(("jwt", "scope"), off)


def _of_any_environment(route: Json) -> None:
    """It names no token."""
    del route["typed_per_filter_config"]["jwt"]


def _upgrades(route: Json) -> None:
    if "route" in route:
        route["route"]["upgrade_configs"] = [{"upgrade_type": "websocket"}]


def _tries_again(route: Json) -> None:
    if "route" in route:
        route["route"]["retry_policy"] = {"retry_on": "gateway-error", "num_retries": 2}


def _served_everywhere(node: Any) -> None:
    hosts = node[0]["virtual_hosts"]
    hosts[0]["domains"] = ["*"]
    del hosts[1]


ROUTES = (
    _route("mutual asks for no certificate", without_route("refuse.401", _is_guard), "refusals.mutual_asks"),
    _route(
        "mutual asks for no certificate where no product is",
        without_route("refuse.401", lambda match: _WITHIN in match),
        "refusals.unknown_product_on_mutual",
    ),
    _route(
        "an operation asks for no certificate", without_route("refuse.401", _is_operation), "refusals.operation_may_ask"
    ),
    _route("addresses of any length", without_route("refuse.414"), "refusals.get_address_has connections.http2_is_the"),
    _route("announced bodies of any size", without_route("refuse.413", _is_guard), "refusals.announced_body"),
    _route(
        "announced bodies of any size to the token endpoint",
        without_route("refuse.413", lambda match: _WITHIN in match),
        "refusals.oauth_form",
    ),
    _route(
        "methods are not told from paths", without_route("refuse.405"), "refusals.another_method refusals.template_does"
    ),
    _route("unknown products are pages", without_route("refuse.404", lambda m: _WITHIN in m), "refusals.unknown_path"),
    _route("unknown paths have no place", without_route("refuse.404", _is_guard), "refusals.unknown_path"),
    _route("ended versions are unknown", without_route("refuse.410"), "versions.ended_is_gone"),
    _route("foreign host names are served", _served_everywhere, "refusals.foreign_host"),
    _route(
        "foreign host names are unknown paths",
        leave_out("virtual_hosts", lambda h: h["name"] == "other"),
        "refusals.foreign_host",
    ),
    _route(
        "preflights take any environment's token",
        with_route("preflight", _of_any_environment),
        "faults.preflight_opens_nothing",
    ),
    _route("no preflights", without_route("preflight"), "call.page_from_elsewhere"),
    _route(
        "preflights need no word of the page", with_route("preflight", _for_anyone), "faults.preflight_opens_nothing"
    ),
    _route("mutual serves pages", with_route("web/", _portal_everywhere), "refusals.mutual_serves_no_pages"),
    _route("an operation is open", with_route("/listAccounts", _for_anyone), "refusals.asked_for_rfc6750_3"),
    _route(
        "open operations ask for a token",
        with_route("/rates", drop("typed_per_filter_config")),
        "call.forged_identity stops.stopped_product",
    ),
    _route(
        "upstreams name their own tracking id",
        leave_out("response_headers_to_remove", lambda n: n == "requesttrackingid"),
        "call.tracking_id_is_ours",
    ),
    _route(
        "upstreams' X-Request-ID reaches callers",
        leave_out("response_headers_to_remove", lambda n: n == "x-request-id"),
        "call.tracking_id_is_ours",
    ),
    _route(
        "no CORS policy", leave_out("typed_per_filter_config", lambda name: name == "cors"), "call.page_from_elsewhere"
    ),
    _route(
        "callers' word on their certificate",
        with_route("web/oauth", without_header("request_headers_to_add", "x-propylon-peer-certificate")),
        "call.web_application_believes",
    ),
    _route(
        "no word on the fingerprint",
        with_route("web/oauth", without_header("request_headers_to_add", "x-propylon-peer-fingerprint")),
        "call.web_application_believes",
    ),
    _route(
        "no word on the address",
        with_route("web/oauth", without_header("request_headers_to_add", "x-propylon-source-address")),
        "call.web_application_believes",
    ),
    _route(
        "the gateway's own certificate header reaches the web",
        drop("request_headers_to_remove"),
        "call.web_application_believes",
    ),
    _route(
        "nobody is asked about exact plans",
        leave_out("typed_per_filter_config", lambda name: name in ("check", "verdict")),
        "check.call_of_an_exact_plan",
    ),
    _route(
        "the check is not told which plans are exact",
        leave_out("typed_per_filter_config", lambda name: name == "tracking"),
        "check.calls_of_an_exact_plan",
    ),
    _route("the base path stays", drop("prefix_rewrite"), "call.upstream_receives_the_path"),
    _route("the base path stays before a variable", drop("regex_rewrite"), "call.upstream_receives_the_path"),
    _route("the product is not named", as_text("accounts", "account"), "call.leaves_one_record"),
    _route("Deprecation is not said", without_header("response_headers_to_add", "Deprecation"), "versions.answer_says"),
    _route("Sunset is not said", without_header("response_headers_to_add", "Sunset"), "versions.answer_says"),
    _route("links are not said", without_header("response_headers_to_add", "Link"), "versions.answer_says"),
    _route("Allow is not said", without_header("response_headers_to_add", "Allow"), "refusals.another_method"),
    _route(
        "a product has no bound of announced bodies of its own",
        without_route("refuse.413", _is_operation),
        "bounds.announced_body_of_a_byte",
    ),
    _route(
        "a product has no bound of bodies of its own",
        leave_out("typed_per_filter_config", lambda name: name == "own_body"),
        "bounds.products_bound",
    ),
    _route(
        "a product has no bound of answers",
        leave_out("typed_per_filter_config", lambda name: name == "envoy.filters.http.file_system_buffer"),
        "bounds.answer_that_is_too_large",
    ),
    _route("a product has the upstream's patience", put("timeout", "0.5s"), "bounds.products_patience"),
    _route("no timeout", put("timeout", "0s"), "refusals.takes_too_long"),
    _route(
        "streams end with the timeout", with_route("/events", put("timeout", "0.2s")), "upstreams.outlives_the_timeout"
    ),
    _route("every operation may become a conversation", with_route("", _upgrades), "upstreams.websocket_passes"),
    _route("no operation becomes a conversation", drop("upgrade_configs"), "upstreams.websocket_passes"),
    _route("what was sent is sent again", with_route("/post", _tries_again), "upstreams.get_that_fails"),
    _route("nothing is tried elsewhere", drop("retry_policy"), "upstreams.get_that_fails upstreams.dead_endpoint"),
    _scope("a part of a word is enough", _any_part, "another_scope"),
    *(
        _scope(f"is not found as {place}", _without_place(place), "scope_stands_anywhere")
        for place in ("exact", "prefix", "suffix", "contains")
    ),
    _scope("one of several is enough", _one_is_enough, "every_scope"),
    *(
        Mutant(f"rule {name}: does not refuse", "rds", allowed(f"rule.{name}"), "rules.that_does_not", f"rule {name}")
        for name in ("role", "plan", "acr")
    ),
    Mutant(
        "rule max_age: does not refuse",
        "rds",
        allowed("rule.max_age"),
        "rules.long_ago_or_never rules.told_at_once",
        "rule max_age",
    ),
    Mutant("rule max_age: any age will do", "rds", put("int64_value", 9_000_000_000), "rules.long_ago_or_never"),
    Mutant("rule max_age: no age will do", "rds", put("int64_value", -1), "rules.signed_in_lately"),
    Mutant(
        "rule binding: does not refuse",
        "rds",
        allowed("rule.binding"),
        "rules.bound_token_is_asked_for",
        "rule binding",
    ),
    Mutant("rule: a part of a word is enough", "rds", as_text("(?:.* )?(?:", ".*(?:"), "rules.that_does_not"),
    Mutant("upstream: any number of calls at once", "cds", drop("circuit_breakers"), "upstreams.more_calls_at_once"),
    Mutant("upstream: nobody asks how it is", "cds", drop("health_checks"), "upstreams.health_check"),
)
