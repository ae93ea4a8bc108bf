"""What an operation asks of the token, as settings of its route: environment and scopes; and, where the operator has
said so, that it is bound to a certificate or a key, the role of a payment service provider (PSD2), the plan, how and
how long ago the customer was authenticated (RFC 9470).

Everything allows: what is not there, or not as it must be, refuses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from types import MappingProxyType

from propylon.gateway import cel
from propylon.gateway.direct_routes import OPEN
from propylon.gateway.envoy_types import (
    RBAC_ACTION,
    RBAC_PER_ROUTE,
    Json,
    any_of,
    extension,
    full_match,
    header_predicate,
    typed,
)
from propylon.gateway.filters import disabled
from propylon.gateway.model import GatewayModel, Operation, TokenRules
from propylon.gateway.requirements import token_of
from propylon.kernel.token_claims import CLAIM_HEADERS

# Rule of an operation: the claim that it reads, and what RESPONSE_CODE_DETAILS call a refusal.
_RULES = (
    ("psd2_roles", "psd2", "rule.role"),
    ("plans", "plan", "rule.plan"),
    ("acr", "acr", "rule.acr"),
    ("max_age", "auth_time", "rule.max_age"),
)
# That it is bound to the connection's certificate, or its key proven, was tested before (gateway.enforcement, .check).
_IS_BOUND = any_of([header_predicate(CLAIM_HEADERS[claim], full_match("(?s).*")) for claim in ("x5h", "cnf.jkt")])
# Filters that hold back, by `Operation.streams`.
_LEFT_OUT = MappingProxyType({"answer": ("compression",), "websocket": ("body", "compression")})
# Claims that the gateway copies only when an operation asks for them: every copy costs every call.
OPTIONAL_CLAIMS = frozenset({"psd2", "acr", "auth_time"})


def operation_policy(environment: str, operation: Operation, ruled_by_prefix: frozenset[str]) -> Json:
    """Settings per filter. An open operation asks for nothing; nobody waits for the whole of what streams. Where the
    prefix says whose token it takes, the route does not (gateway.requirements)."""
    waits_for_nothing = disabled(*_LEFT_OUT.get(operation.streams, ()))
    if operation.is_public:
        return {**OPEN, **waits_for_nothing}
    scopes = sorted(set(operation.scopes))
    rbac = {"rules": _scopes_alone(scopes)} if operation.rules == TokenRules() else {"matcher": _all(operation, scopes)}
    of_token = {} if environment in ruled_by_prefix else token_of(environment)
    return {
        **of_token,
        "scope": typed(RBAC_PER_ROUTE, rbac=rbac),
        **waits_for_nothing,
    }


def sign_in_to_ask_for(rules: TokenRules) -> str:
    """Parameters of WWW-Authenticate (RFC 9470 section 3): all that the operation asks for, whichever is not met."""
    asked = [f'acr_values="{" ".join(rules.acr)}"'] if rules.acr else []
    asked += [f'max_age="{rules.max_age}"'] if rules.max_age else []
    return ", ".join(asked)


def needed_claims(model: GatewayModel) -> frozenset[str]:
    """Those of OPTIONAL_CLAIMS that some operation reads."""
    rules = {operation.rules for publication in model.publications for operation in publication.operations}
    return OPTIONAL_CLAIMS & {claim for each in rules for name, claim, _ in _RULES if getattr(each, name)}


def _scopes_alone(scopes: Sequence[str]) -> Json:
    """The usual operation, in the form that costs least: four comparisons of text for each scope."""
    header = CLAIM_HEADERS["scope"]
    granted: list[list[Json]] = [
        [{"header": {"name": header, "string_match": place}} for place in _places(scope)] for scope in scopes
    ]
    principals: list[Json] = [{"and_ids": {"ids": [{"or_ids": {"ids": places}} for places in granted]}}]
    if len(granted) == 1:
        principals = granted[0]  # one of them is enough
    return {"action": "ALLOW", "policies": {"scope": {"permissions": [{"any": True}], "principals": principals}}}


def _places(scope: str) -> Iterable[Json]:
    """One word among others."""
    return ({"exact": scope}, {"prefix": f"{scope} "}, {"suffix": f" {scope}"}, {"contains": f" {scope} "})


def _all(operation: Operation, scopes: Sequence[str]) -> Json:
    """One test after the other, each with its own word for the refusal."""
    tests = [(_IS_BOUND, "rule.binding")] if operation.rules.is_bound else []
    tests += [(_has_word("scope", [scope]), "scope") for scope in scopes]
    for name, claim, details in _RULES:
        if asked := getattr(operation.rules, name):
            test = _is_recent(claim, asked) if name == "max_age" else _has_word(claim, sorted(set(asked)))
            tests.append((test, details))
    then: Json = {"action": _action("allowed", "ALLOW")}
    for predicate, details in reversed(tests):
        matchers = [{"predicate": predicate, "on_match": then}]
        refused = {"action": _action(details, "DENY")}
        then = {"matcher": {"matcher_list": {"matchers": matchers}, "on_no_match": refused}}
    matcher: Json = then["matcher"]
    return matcher


def _has_word(claim: str, words: Sequence[str]) -> Json:
    """One of the words is among those of the claim; false when the claim is absent."""
    one = "|".join(re.escape(word) for word in words)
    return header_predicate(CLAIM_HEADERS[claim], full_match(f"(?:.* )?(?:{one})(?: .*)?"))


def _is_recent(claim: str, seconds: int) -> Json:
    """The claim is a time of at most so many seconds ago; false when it is absent, or no time."""
    then = cel.whole(cel.item("request", "headers", CLAIM_HEADERS[claim]))
    return cel.holds(cel.at_most(cel.less(cel.whole(cel.path("request", "time")), then), cel.number(seconds)))


def _action(name: str, action: str) -> Json:
    return extension("action", RBAC_ACTION, name=name, action=action)
