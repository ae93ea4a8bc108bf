"""The HTTP filters of a call, in their one order. A filter that is not in the table does not exist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import urlsplit

from propylon.gateway import check
from propylon.gateway.bounds import answer_filter, body_filter, own_body_filter
from propylon.gateway.call_log import JTI_STATE, PATH, PATH_STATE
from propylon.gateway.compression import compression_filter
from propylon.gateway.envoy_types import (
    CORS,
    FILTER_CONFIG,
    HEADER_MUTATION,
    JWT_AUTHENTICATION,
    LOCAL_RATE_LIMIT,
    RBAC,
    ROUTER,
    SET_FILTER_STATE,
    Json,
    extension,
    set_header,
    typed,
)
from propylon.gateway.files import discovered_filter
from propylon.gateway.model import GatewayModel
from propylon.gateway.tracing import CALLER_HEADER, kept_of_caller
from propylon.kernel.token_claims import CLAIM_HEADERS, UPSTREAM_HEADERS
from propylon.kernel.tracking import TRACKING_HEADER

CERTIFICATE_HEADER = "x-propylon-certificate"
LISTENER_HEADER = "x-propylon-listener"
_INTERACTION = "x-fapi-interaction-id"


@dataclass(frozen=True, slots=True)
class Door:
    """A listener as its filters see it."""

    url: str  # that callers see, without path
    asks_for_certificate: bool
    advertises_http3: bool = False


def filter_chain(model: GatewayModel, door: Door) -> list[Json]:
    """The whole chain of a listener."""
    made = (make(model, door) for make in FILTERS.values())
    return [each for each in made if each]


def disabled(*names: str) -> Json:
    """Per-route settings that leave these filters out. Written where a route is open; nothing is open by default."""
    unknown = set(names) - set(FILTERS)
    if unknown:
        raise ValueError(f"no such filter: {sorted(unknown)}")
    return {name: typed(FILTER_CONFIG, disabled=True) for name in names}


def has_own_hosts(model: GatewayModel) -> bool:
    """Then a listener's address is not the only one that its callers use."""
    return any(environment.hosts for environment in model.environments)


def _tracking(model: GatewayModel, door: Door) -> Json:
    """First in, so last out: lets every answer carry the request's name (FEATURES G1), which it has by then."""
    fingerprint = [_set(CERTIFICATE_HEADER, "%DOWNSTREAM_PEER_FINGERPRINT_256%")] if door.asks_for_certificate else []
    request = [
        {"remove": "x-envoy-external-address"},
        *fingerprint,
        *([_set(check.ORIGIN_HEADER, "https://%REQ(:AUTHORITY)%")] if has_own_hosts(model) else []),
        _set("X-Forwarded-Host", "%REQ(:AUTHORITY)%"),
        _set("X-Forwarded-Port", str(urlsplit(door.url).port or 443)),
    ]
    response = [
        _set(TRACKING_HEADER, f"%REQ({TRACKING_HEADER})%", "ADD_IF_ABSENT"),
        _set("X-Request-ID", "%REQ(X-REQUEST-ID)%"),
        _set(_INTERACTION, f"%REQ({_INTERACTION})%", "ADD_IF_ABSENT"),
        _set("RateLimit-Limit", "%RESP(X-RATELIMIT-LIMIT)%"),
        _set("RateLimit-Remaining", "%RESP(X-RATELIMIT-REMAINING)%"),
        _set("RateLimit-Reset", "%RESP(X-RATELIMIT-RESET)%"),
        *([_set("Alt-Svc", f'h3=":{urlsplit(door.url).port or 443}"; ma=86400')] if door.advertises_http3 else []),
        {"remove": "x-ratelimit-limit"},
        {"remove": "x-ratelimit-remaining"},
        {"remove": "x-ratelimit-reset"},
    ]
    return _mutation("tracking", request, response)


def _cors(_: GatewayModel, __: Door) -> Json:
    """Answers preflights; the policy is the virtual host's, and the web application's routes leave it out."""
    return extension("cors", CORS)


def _jwt(_: GatewayModel, __: Door) -> Json:
    """Verifies the access token and copies its claims to headers: gateway.tokens."""
    return discovered_filter("jwt", JWT_AUTHENTICATION)


def _kept(model: GatewayModel, _: Door) -> Json:
    """Keeps for the call record what changes later: the token's jti and the path as called; for a span the caller's."""
    kept = {JTI_STATE: f"%REQ({CLAIM_HEADERS['jti']})%", PATH_STATE: PATH, **kept_of_caller(model)}
    return extension("kept", SET_FILTER_STATE, on_request_headers=[_state(*item) for item in kept.items()])


def _state(key: str, text: str) -> Json:
    source = {"text_format_source": {"inline_string": text}, "omit_empty_values": True}
    return {"object_key": key, "factory_key": "envoy.string", "format_string": source, "skip_if_empty": True}


def _marks(_: GatewayModel, __: Door) -> Json:
    """Scheme, certificate binding, recent marks and source ranges: gateway.enforcement."""
    return discovered_filter("marks", RBAC)


def _settled(_: GatewayModel, __: Door) -> Json:
    """The bulk of the marks: gateway.layers."""
    return discovered_filter("settled", RBAC)


def _scope(_: GatewayModel, __: Door) -> Json:
    """Refuses everything: each route brings the scopes that it asks for, or says that it is open."""
    return extension("scope", RBAC, rules={"action": "ALLOW", "policies": {}})


def _limits(_: GatewayModel, __: Door) -> Json:
    """Rate limit per client and plan: gateway.limits."""
    return discovered_filter("limits", LOCAL_RATE_LIMIT)


def _check(model: GatewayModel, door: Door) -> Json:
    """Asks the node's own check about calls with key-bound tokens or an exact quota: gateway.check."""
    return check.check_filter(model, "" if has_own_hosts(model) else door.url)


def _verdict(_: GatewayModel, __: Door) -> Json:
    """Carries out what the check said."""
    return check.verdict_filter()


def _body(model: GatewayModel, _: Door) -> Json:
    """Holds a body of unannounced length until it is whole or too large: gateway.bounds."""
    return body_filter(model)


def _own_body(_: GatewayModel, __: Door) -> Json:
    """The same for products with a bound of their own: gateway.bounds."""
    return own_body_filter()


def _answer(model: GatewayModel, _: Door) -> Json:
    """Holds the answers of products that bound them, and stands nowhere before one does: gateway.bounds."""
    return answer_filter() if any(each.bounds.answer_bytes for each in model.publications) else {}


def _upstream(model: GatewayModel, _: Door) -> Json:
    """What an API's upstream may not see, and its answers may not do: an answer never becomes a page of the portal."""
    own = {
        CERTIFICATE_HEADER,
        LISTENER_HEADER,
        check.ORIGIN_HEADER,
        check.EXACT_HEADER,
        *check.CHECK_HEADERS,
        "dpop",
    }  # a proof was for the gateway
    internal = own.union(CLAIM_HEADERS.values()).difference(UPSTREAM_HEADERS)
    request = [
        *({"remove": name} for name in sorted(internal)),
        *([{"remove": CALLER_HEADER}] if model.traces else []),
        {"remove": "cookie"},
        _set("X-Forwarded-Prefix", "%METADATA(ROUTE:propylon:prefix)%"),
    ]
    response = [
        {"remove": "set-cookie"},
        {"remove": check.NONCE_HEADER},  # the gateway's own comes later
        _set("X-Content-Type-Options", "nosniff"),
        _set("Content-Security-Policy", "sandbox"),
    ]
    return _mutation("upstream", request, response)


def _compression(_: GatewayModel, __: Door) -> Json:
    """Compresses the answer in the form that the caller takes best: gateway.compression."""
    return compression_filter()


def _router(_: GatewayModel, __: Door) -> Json:
    return extension("router", ROUTER, suppress_envoy_headers=True)


FILTERS: MappingProxyType[str, Callable[[GatewayModel, Door], Json]] = MappingProxyType(
    {
        "tracking": _tracking,
        "cors": _cors,
        "jwt": _jwt,
        "kept": _kept,
        "marks": _marks,
        "settled": _settled,
        "scope": _scope,
        "limits": _limits,
        "check": _check,
        "verdict": _verdict,
        "body": _body,
        "own_body": _own_body,
        "upstream": _upstream,
        "compression": _compression,
        "answer": _answer,
        "router": _router,
    }
)


def _set(key: str, value: str, action: str = "OVERWRITE_IF_EXISTS_OR_ADD") -> Json:
    return {"append": set_header(key, value, action)}


def _mutation(name: str, request: list[Json], response: list[Json]) -> Json:
    mutations = {"request_mutations": request, "response_mutations": response}
    return extension(name, HEADER_MUTATION, mutations=mutations)
