"""What a token and its connection may do, whatever the route: scheme, binding (RFC 8705), marks, source ranges.

One RBAC matcher, walked from the outside in. An error, or a value that is not there, refuses at each step.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from functools import partial

from propylon.gateway import cel
from propylon.gateway.envoy_types import (
    DIRECT_SOURCE_IP,
    IP_MATCHER,
    NAME_MATCHER,
    RBAC,
    RBAC_ACTION,
    Json,
    any_of,
    exact_map,
    extension,
    full_match,
    header_input,
    header_predicate,
    typed,
)
from propylon.gateway.kept import Kept
from propylon.gateway.marks import MARK_KINDS, ClientSourceRanges, Enforcement, GatewayMark
from propylon.gateway.wire import Encoded, encoded
from propylon.kernel.token_claims import CLAIM_HEADERS

_PRESENT = full_match("(?s).*")
# RFC 6750 section 2.1, one credential. Written with both ends: without them RE2 remembers a match at every byte.
_BEARER = full_match(r"\A(?i:bearer) +[A-Za-z0-9\-._~+/]+=*\z")
_DPOP = full_match(r"\A(?i:dpop) +[A-Za-z0-9\-._~+/]+=*\z")  # RFC 9449 section 7.1
_BOUND = CLAIM_HEADERS["x5h"]
_KEY = CLAIM_HEADERS["cnf.jkt"]
_CLIENT = CLAIM_HEADERS["client_id"]
_RANGES: Kept[Encoded] = Kept()
_ROUTE = ("xds", "route_metadata", "filter_metadata", "propylon")


def enforcement_filter(enforcement: Enforcement) -> Json:
    """The configuration of filter "marks"."""
    chain = _all_marks(enforcement.marks, _source_ranges(enforcement.source_ranges))
    bound_here = _only_if(_is_bound_here(), chain, _action("binding", "DENY"))
    return typed(RBAC, matcher=_only_if(_has_its_scheme(), _step(bound_here), _wrong_scheme()))


def settled_filter(marks: Iterable[GatewayMark]) -> Json:
    """The configuration of filter "settled", which comes after "marks". Without marks it lets everything pass."""
    chain = _all_marks(marks, _action("allowed", "ALLOW"))
    return typed(RBAC, matcher=chain["matcher"]) if "matcher" in chain else typed(RBAC)


def _step(matcher: Json) -> Json:
    return {"matcher": matcher}


def _action(name: str, action: str) -> Json:
    return {"action": extension("action", RBAC_ACTION, name=name, action=action)}


def _only_if(predicate: Json, then: Json, otherwise: Json) -> Json:
    """Goes on only if the predicate is true; a predicate that cannot be evaluated is not."""
    matchers = [{"predicate": predicate, "on_match": then}]
    return {"matcher_list": {"matchers": matchers}, "on_no_match": otherwise}


def _has_its_scheme() -> Json:
    """A token that came as RFC 6750 says, one that is bound to a key as RFC 9449 says; or no verified token at all (the
    route is open). Whether the proof is good is for gateway.check."""
    is_bearer = _all_of(header_predicate("authorization", _BEARER), _is_absent(_KEY))
    is_proven = _all_of(header_predicate("authorization", _DPOP), header_predicate(_KEY, _PRESENT))
    return any_of([is_bearer, is_proven, _is_absent(_CLIENT)])


def _wrong_scheme() -> Json:
    """RFC 9449 section 7.2: a bound token is never taken as a bearer token."""
    rows = (("authorization", _DPOP, "scheme.unbound"), (_KEY, _PRESENT, "scheme.bound"))
    matchers = [{"predicate": header_predicate(*row[:2]), "on_match": _action(row[2], "DENY")} for row in rows]
    return _step({"matcher_list": {"matchers": matchers}, "on_no_match": _action("scheme", "DENY")})


def _is_absent(header: str) -> Json:
    return {"not_matcher": header_predicate(header, _PRESENT)}


def _all_of(*predicates: Json) -> Json:
    return {"and_matcher": {"predicate": list(predicates)}}


def _is_bound_here() -> Json:
    """The token is bound to no certificate, or to that of this connection."""
    return any_of([_is_absent(_BOUND), cel.holds(_same_certificate())])


def _same_certificate() -> Json:
    """`connection.sha256_peer_certificate_digest == request.headers[_BOUND]`."""
    return cel.same(cel.path("connection", "sha256_peer_certificate_digest"), cel.item("request", "headers", _BOUND))


def _all_marks(marks: Iterable[GatewayMark], then: Json) -> Json:
    """What stands on the route first, then kind by kind."""
    by_kind: dict[str, set[str]] = {kind: set() for kind in MARK_KINDS}
    for mark in marks:
        by_kind.setdefault(mark.kind, set()).add(mark.value)
    for kind in sorted((kind for kind, row in MARK_KINDS.items() if row.header), reverse=True):
        then = _marks(kind, sorted(by_kind[kind]), then)
    for kind in sorted((kind for kind, row in MARK_KINDS.items() if not row.header), reverse=True):
        then = _of_route(kind, sorted(by_kind[kind]), then)
    return then


def _marks(kind: str, values: Iterable[str], then: Json) -> Json:
    """Refuses the marked values of one kind, exactly; everything else goes on."""
    row = MARK_KINDS[kind]
    denied = {value: _action(row.details, "DENY") for value in values}
    return _step(exact_map(row.header, denied, then)) if denied else then


def _of_route(kind: str, values: Iterable[str], then: Json) -> Json:
    """Refuses what is published under one of these names: "<name>", or "<name>@<environment>"."""
    matchers = []
    for value in values:
        name, _, environment = value.partition("@")
        parts = [cel.same(cel.path(*_ROUTE, kind), cel.text(name))]
        if environment:
            parts.append(cel.same(cel.path(*_ROUTE, "environment"), cel.text(environment)))
        stopped = _action(MARK_KINDS[kind].details, "DENY")
        matchers.append({"predicate": cel.holds(cel.both(*parts)), "on_match": stopped})
    return _step({"matcher_list": {"matchers": matchers}, "on_no_match": then}) if matchers else then


def _source_ranges(clients: Iterable[ClientSourceRanges]) -> Json:
    """Clients that have ranges may call from these only; the others from anywhere.

    Clients with the same ranges share one test of the address: of each Envoy keeps little more than its id. In an exact
    map each would have a test of its own, two kilobytes in either listener.
    """
    _RANGES.next_round()
    of_client = {entry.client_id: tuple(sorted(set(entry.ranges))) for entry in sorted(clients)}
    tests = {texts: _RANGES.get(texts, partial(_encoded, texts)) for texts in of_client.values()}
    sharing: dict[tuple[str, ...], list[str]] = {}
    for client_id, texts in of_client.items():
        sharing.setdefault(texts, []).append(client_id)
    rows = [
        {"domains": names, "on_match": tests[texts]} for texts, ids in sorted(sharing.items()) if (names := _names(ids))
    ]
    # An id that this matcher would take for a pattern, or for none.
    others = {client_id: tests[texts] for client_id, texts in of_client.items() if not _names([client_id])}
    allow = _action("allowed", "ALLOW")
    otherwise = _step(exact_map(_CLIENT, others, allow)) if others else allow
    if not rows:
        return otherwise
    by_name = extension("client", NAME_MATCHER, domain_matchers=rows)
    tree = {"input": header_input(_CLIENT), "custom_match": by_name}
    return _step({"matcher_tree": tree, "on_no_match": otherwise})


def _names(client_ids: Iterable[str]) -> list[str]:
    return [each for each in client_ids if each and "*" not in each]


def _encoded(texts: tuple[str, ...]) -> Encoded:
    return encoded("xds.type.matcher.v3.Matcher.OnMatch", _ranges(texts))


def _ranges(texts: Iterable[str]) -> Json:
    """Goes on when the connection comes from one of them."""
    networks = sorted({ipaddress.ip_network(text) for text in texts}, key=lambda n: (n.version, n))
    deny = _action("source_range", "DENY")
    if not networks:
        return deny
    ranges = [{"address_prefix": str(n.network_address), "prefix_len": n.prefixlen} for n in networks]
    match = extension("ranges", IP_MATCHER, cidr_ranges=ranges, stat_prefix="source_ranges")
    is_inside = {"single_predicate": {"input": extension("address", DIRECT_SOURCE_IP), "custom_match": match}}
    return _step(_only_if(is_inside, _action("allowed", "ALLOW"), deny))
