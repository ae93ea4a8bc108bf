"""Rate limits: one bucket per client, as large as its plan says. Approximate by design; contract quotas are marks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from propylon.gateway.envoy_types import LOCAL_RATE_LIMIT, Json, typed
from propylon.gateway.model import Plan
from propylon.gateway.resources import filter_configuration
from propylon.gateway.snapshot import Diagnostic, Resource
from propylon.kernel.token_claims import CLAIM_HEADERS

_ALL = {"default_value": {"numerator": 100}}
_WITHOUT_PLANS = Plan("none", 1, 1)
_EVERYTHING = Plan("everything", 1_000_000, 1_000_000)  # calls without a token: open operations
_MAX_CLIENTS = 100_000  # the least recently seen client is forgotten first: its bucket is full when it comes back


def limits_resource(plans: Iterable[Plan]) -> Resource:
    """Kind "limits". A client whose plan is unknown, or missing, gets the smallest bucket.

    No request matches two buckets: Envoy would choose between them as it likes.
    """
    usable = sorted((plan for plan in plans if is_usable(plan)), key=lambda plan: plan.name)
    smallest = min(usable, key=lambda p: (p.requests_per_second, p.burst, p.name), default=_WITHOUT_PLANS)
    buckets = [_bucket_of({"key": "plan", "value": plan.name}, plan) for plan in usable]
    return filter_configuration(
        "limits",
        typed(
            LOCAL_RATE_LIMIT,
            stat_prefix="limits",
            filter_enabled=_ALL,
            filter_enforced=_ALL,
            token_bucket=_bucket(_EVERYTHING),
            always_consume_default_token_bucket=False,
            rate_limits=[
                {"actions": [_header("plan", "plan"), _header("client", "client_id")]},
                {"actions": [_no_plan(usable), _header("client", "client_id")]},
            ],
            descriptors=[*buckets, _bucket_of({"key": "no_plan", "value": "true"}, smallest)],
            max_dynamic_descriptors=_MAX_CLIENTS,
            enable_x_ratelimit_headers="DRAFT_VERSION_03",
        ),
    )


def limit_diagnostics(plans: Iterable[Plan]) -> tuple[Diagnostic, ...]:
    text = (
        "A plan allows at least one request per second and one at once. Its clients get the smallest plan until then."
    )
    bad = sorted(plan.name for plan in plans if not is_usable(plan))
    return tuple(Diagnostic(f"plans/{name}", "gateway.plan.limit", text) for name in bad)


def is_usable(plan: Plan) -> bool:
    """Envoy knows no bucket of nothing."""
    return plan.requests_per_second >= 1 and plan.burst >= 1


def _header(key: str, claim: str) -> Json:
    return {"request_headers": {"header_name": CLAIM_HEADERS[claim], "descriptor_key": key}}


def _no_plan(plans: Sequence[Plan]) -> Json:
    """True when the token names none of the plans."""
    known = "|".join(re.escape(plan.name) for plan in plans)
    header = {"name": CLAIM_HEADERS["plan"], "string_match": {"safe_regex": {"regex": known or "$."}}}
    match = {"descriptor_key": "no_plan", "descriptor_value": "true", "expect_match": False, "headers": [header]}
    return {"header_value_match": match}


def _bucket_of(entry: Json, plan: Plan) -> Json:
    """One bucket for every client."""
    return {"entries": [entry, {"key": "client"}], "token_bucket": _bucket(plan)}


def _bucket(plan: Plan) -> Json:
    return {"max_tokens": plan.burst, "tokens_per_fill": plan.requests_per_second, "fill_interval": "1s"}
