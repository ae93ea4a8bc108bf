"""Calls that native filters cannot decide: the node's own check gives a verdict, a filter of Envoy's carries it out.

Only calls whose token is bound to a key (RFC 9449), or whose plan has an exact quota, reach it; for all others both
filters are skipped by a look at a header. Which plans are exact stands in the routes (`exact_plan_settings`), so that a
plan that becomes exact, or ceases to be, drains no connection.

The check never answers the caller: it adds its verdict to the request. So its refusals are rows of gateway.refusals
like any other, and a call without a verdict (nobody was asked, or the answer is not of ours) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from propylon.gateway.envoy_types import (
    EXT_AUTHZ,
    EXTENSION_WITH_MATCHER,
    EXTENSION_WITH_MATCHER_PER_ROUTE,
    HEADER_MUTATION_PER_ROUTE,
    RBAC,
    RBAC_ACTION,
    SKIP_FILTER,
    Json,
    any_of,
    exact_map,
    extension,
    full_match,
    header_predicate,
    set_header,
    typed,
)
from propylon.gateway.model import GatewayModel, Plan
from propylon.kernel.token_claims import CLAIM_HEADERS

CHECK = "check"  # the cluster, and the folder of its socket on a node
CHECK_PREFIX = "/check"  # before the caller's path
BOUND_KEY = CLAIM_HEADERS["cnf.jkt"]
ORIGIN_HEADER = "x-propylon-origin"  # to the check: the address of the listener, as callers know it
VERDICT_HEADER = "x-propylon-verdict"  # from the check
EXACT_HEADER = "x-propylon-exact"  # to the check: "<plan>=<what holds while nobody counts>, …"
QUOTA_HEADER = "x-propylon-quota"  # from the check: how many calls the spent quota had
CLIENT, PLAN = CLAIM_HEADERS["client_id"], CLAIM_HEADERS["plan"]
ENVIRONMENT = CLAIM_HEADERS["env"]
REASON_HEADER = "x-propylon-reason"
NONCES_HEADER = "x-propylon-nonces"  # to the check alone: environments that demand nonces, "sandbox, test"
NONCE_KEY_HEADER = "x-propylon-nonce-key"  # to the check alone
NONCE_HEADER = "dpop-nonce"  # from the check, to the caller
CHECK_HEADERS = (VERDICT_HEADER, REASON_HEADER, QUOTA_HEADER)
_PATIENCE = "1s"
_PRESENT = full_match("(?s).*")


class Verdict(Enum):
    """What the check may say. All but GOOD are refused; gateway.refusals has the words."""

    GOOD = "good"
    PROOF = "proof"
    NONCE = "nonce"
    SPENT_DAY = "spent.day"
    SPENT_MONTH = "spent.month"
    BUSY = "busy"


NO_VERDICT = "unchecked"


def exact_plans(told: str) -> dict[str, str]:
    """EXACT_HEADER read: plan to what holds while nobody counts."""
    pairs = (pair.partition("=") for pair in told.split(", ") if pair)
    return {name: outage for name, _, outage in pairs}


def demanding(told: str) -> frozenset[str]:
    """NONCES_HEADER read."""
    return frozenset(told.split(", ")) - {""}


def check_filter(model: GatewayModel, origin: str) -> Json:
    """Asks the check (ext_authz), and refuses when it is away. `origin`: what callers call here; "": the request has
    been given it as ORIGIN_HEADER.

    What the question alone carries never comes to an upstream. The one header that the check may send to the caller is
    a nonce, beside a refusal and beside an upstream's answer alike.
    """
    told = [{"key": ORIGIN_HEADER, "value": origin}] if origin else []
    told += [{"key": name, "value": value} for name, value in _nonces(model).items()]
    service = {
        "server_uri": {"uri": f"http://{CHECK}", "cluster": CHECK, "timeout": _PATIENCE},
        "path_prefix": CHECK_PREFIX,
        "authorization_request": {"headers_to_add": told},
        "authorization_response": {
            "allowed_upstream_headers": _patterns(*CHECK_HEADERS),
            "allowed_client_headers_on_success": _patterns(NONCE_HEADER),
        },
    }
    asked = ("authorization", "dpop", ORIGIN_HEADER, BOUND_KEY, CLIENT, PLAN, ENVIRONMENT, EXACT_HEADER)
    return _for_checked_calls(
        "check",
        EXT_AUTHZ,
        transport_api_version="V3",
        http_service=service,
        allowed_headers=_patterns(*asked),
        failure_mode_allow=False,
        stat_prefix="check",
    )


def _nonces(model: GatewayModel) -> dict[str, str]:
    """Which environments demand nonces, and the key by which every node knows a good one (oauth.dpop_nonce)."""
    names = sorted(environment.name for environment in model.environments if environment.demands_nonces)
    return {NONCES_HEADER: ", ".join(names), NONCE_KEY_HEADER: model.nonce_key} if names else {}


def verdict_filter() -> Json:
    """Lets pass what the check found good, and nothing else that it should have been asked about."""
    verdicts = {verdict.value: _action(verdict.value, "DENY") for verdict in Verdict if verdict is not Verdict.GOOD}
    verdicts[Verdict.GOOD.value] = _action(Verdict.GOOD.value, "ALLOW")
    return _for_checked_calls("verdict", RBAC, matcher=exact_map(VERDICT_HEADER, verdicts, _action(NO_VERDICT, "DENY")))


def exact_plan_settings(plans: Iterable[Plan]) -> Json:
    """Settings per filter for all routes: calls of these plans are asked about, too, and the check is told which they
    are. None when no plan is exact."""
    exact = {plan.name: plan.exact_quota for plan in plans if plan.exact_quota}
    if not exact:
        return {}
    told = ", ".join(f"{name}={outage}" for name, outage in sorted(exact.items()))
    matcher = typed(EXTENSION_WITH_MATCHER_PER_ROUTE, xds_matcher=_skip_others(exact))
    mutations = {"request_mutations": [{"append": set_header(EXACT_HEADER, told)}]}
    telling = typed(HEADER_MUTATION_PER_ROUTE, mutations=mutations)
    return {"tracking": telling, "check": matcher, "verdict": matcher}


def _for_checked_calls(name: str, type_url: str, **fields: object) -> Json:
    return extension(
        name,
        EXTENSION_WITH_MATCHER,
        xds_matcher=_skip_others(()),
        extension_config={"name": name, "typed_config": typed(type_url, **fields)},
    )


def _skip_others(exact: Iterable[str]) -> Json:
    """The filter is left out for a call whose token is bound to no key and has none of these plans."""
    is_checked = [header_predicate(BOUND_KEY, _PRESENT)]
    is_checked += [header_predicate(PLAN, {"exact": plan}) for plan in sorted(exact)]
    is_other = {"not_matcher": any_of(is_checked)}
    skip = {"predicate": is_other, "on_match": {"action": extension("skip", SKIP_FILTER)}}
    return {"matcher_list": {"matchers": [skip]}}


def _patterns(*names: str) -> Json:
    return {"patterns": [{"exact": name} for name in names]}


def _action(name: str, action: str) -> Json:
    return {"action": extension("action", RBAC_ACTION, name=name, action=action)}
