"""The access token, what it is bound to, and the marks: files `jwt`, `marks` and `settled`."""

from __future__ import annotations

from typing import Any

from mutation.edits import Edit, allowed, as_text, both, drop, leave_out, objects, put, without_rules
from mutation.mutant import Mutant

_READ_BY = {  # claim: the tests that see its header
    "jti": "call.leaves_one_record refusals.mark_refuses",
    "client_id": "call.upstream_receives",
    "sub": "stops.blocked_customer",
    "scope": "call.upstream_receives",
    "app": "call.upstream_receives",
    "env": "call.upstream_receives",
    "org": "stops.stopped_organization",
    "plan": "rules.passes",
    "psd2": "rules.passes",
    "acr": "rules.passes",
    "auth_time": "rules.signed_in_lately",
    "gid": "call.upstream_receives",
    "cgn": "refusals.mark_refuses",
    "ggn": "refusals.mark_refuses",
    "authorization_details": "call.upstream_receives",
    "acc": "call.upstream_receives",
    "cnf.jkt": "check.only_calls",
    "x5h": "refusals.bound_token_works",
}
_MARKS = {  # kind of mark: what RESPONSE_CODE_DETAILS call it, the test
    "certificate": ("revoked.certificate", "refusals.revoked_certificate"),
    "client": ("revoked.client", "refusals.mark_refuses"),
    "grant": ("revoked.grant", "refusals.mark_refuses"),
    "token": ("revoked.token", "refusals.mark_refuses"),
    "subject": ("revoked.subject", "stops.blocked_customer"),
    "environment": ("stopped.environment", "stops.stopped_environment"),
    "product": ("stopped.product", "stops.stopped_product"),
    "organization": ("stopped.organization", "stops.stopped_organization"),
    "quota_day": ("spent.day", "stops.spent_quota"),
    "quota_month": ("spent.month", "stops.spent_quota"),
}

_SETTLED = {
    **dict.fromkeys(("client", "grant", "token"), "refusals.settled_mark"),
    "certificate": "refusals.certificate_revoked_a_while_ago",
}


def _jwt(says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"token: {says}", "jwt", edit, proof)


def _marks(says: str, edit: Edit, proof: str) -> Mutant:
    return Mutant(f"enforcement: {says}", "marks", edit, proof)


def _no_token_needed(node: Any) -> None:
    node[0]["typed_config"]["rules"] = []
    for name in node[0]["typed_config"]["requirement_map"]:
        node[0]["typed_config"]["requirement_map"][name] = {"allow_missing_or_failed": {}}


def _one_for_all(node: Any) -> None:
    """Every rule by prefix asks for the first environment's token."""
    rules = node[0]["typed_config"]["rules"]
    for rule in rules[:-1]:
        rule["requires"] = rules[0]["requires"]


def _without_slash(node: Any) -> None:
    for rule in node[0]["typed_config"]["rules"][:-1]:
        rule["match"]["prefix"] = rule["match"]["prefix"].rstrip("/")


def _no_word_of_routes(node: Any) -> None:
    for each in objects(node):
        if "requirement_name" in each.get("typed_per_filter_config", {}).get("jwt", {}):
            del each["typed_per_filter_config"]["jwt"]


def _from_the_address(node: Any) -> None:
    for provider in node[0]["typed_config"].get("providers", {}).values():
        provider["from_params"] = ["access_token"]


def _mark_of_everywhere(node: Any) -> None:
    """`<product>@<environment>` stops the product everywhere: the second half of the condition goes."""
    for each in list(objects(node)):
        call = each.get("call_expr", {})
        if call.get("function") == "_&&_":
            each.clear()
            each.update(call["args"][0])


def _any_credentials(node: Any) -> None:
    for each in objects(node):
        if "(?i:bearer)" in str(each.get("regex", "")):
            each["regex"] = "(?s)(?i:bearer) .*"


TOKENS = (
    Mutant(
        "filter jwt: calls without a token pass", "jwt", _no_token_needed, "refusals.asked_for_rfc6750_3", "filter jwt"
    ),
    _jwt("one environment's for all prefixes", _one_for_all, "requirements.for_one_environment"),
    _jwt("a prefix matches the longer name of another", _without_slash, "requirements.for_one_environment"),
    Mutant(
        "token: a route's own word does not count",
        "rds",
        _no_word_of_routes,
        "requirements.for_one_environment",
    ),
    _jwt("any audience", drop("audiences"), "refusals.token_that_does_not_hold"),
    _jwt("any issuer", drop("issuer"), "refusals.token_that_does_not_hold"),
    _jwt("no expiry needed", put("require_expiration", False), "refusals.token_that_does_not_hold"),
    _jwt("clocks may differ by ten minutes", put("clock_skew_seconds", 600), "faults.clock_may_differ"),
    _jwt("clocks may not differ at all", put("clock_skew_seconds", 1), "faults.clock_may_differ"),
    Mutant(
        "token: is read from the address too, without a scheme",
        "jwt marks",
        both(_from_the_address, allowed("scheme")),
        "refusals.token_in_the_address",
    ),
    Mutant("token: is not forwarded", "jwt", put("forward", False), "call.upstream_receives"),
    *(
        Mutant(
            f"claim {claim}: is not copied",
            "jwt",
            leave_out("claim_to_headers", lambda item, claim=claim: item["claim_name"] == claim),
            proof,
            f"claim {claim}",
        )
        for claim, proof in _READ_BY.items()
    ),
    Mutant("filter marks: lets everything pass", "marks", without_rules, "refusals.another_scheme", "filter marks"),
    Mutant("filter settled: lets everything pass", "settled", without_rules, "refusals.settled_mark", "filter settled"),
    _marks("any scheme", allowed("scheme"), "refusals.another_scheme"),
    _marks("anything behind the scheme", _any_credentials, "refusals.nothing_follows"),
    _marks("schemes in small letters alone", as_text("(?i:bearer)", "bearer"), "call.schemes_name_is_case_insensitive"),
    _marks("a token bound to a key is a bearer token", allowed("scheme.bound"), "check.bound_token_needs_its_scheme"),
    _marks("a bearer token is bound to a key", allowed("scheme.unbound"), "check.bound_token_needs_its_scheme"),
    _marks(
        "any certificate for a bound token",
        allowed("binding"),
        "refusals.bound_token_works refusals.binding_to_nothing",
    ),
    _marks("any address", allowed("source_range"), "refusals.source_ranges"),
    _marks("a product is stopped in every environment", _mark_of_everywhere, "stops.stopped_product"),
    *(
        Mutant(f"mark {kind}: does not refuse", "marks", allowed(details), proof, f"mark {kind}")
        for kind, (details, proof) in _MARKS.items()
    ),
    *(
        Mutant(f"settled mark {kind}: does not refuse", "settled", allowed(_MARKS[kind][0]), proof)
        for kind, proof in _SETTLED.items()
    ),
)
