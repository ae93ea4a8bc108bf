"""The route configuration: a look-up tree by base path and method, and short lists at its leaves.

A flat list is linear in all products; the tree costs the same for the first and the two-thousandth operation (ENVOY,
section 4). What is below one base path is encoded once, and again only when something there changes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from propylon.gateway.check import exact_plan_settings
from propylon.gateway.direct_routes import ANY_PATH, refuse, route_list
from propylon.gateway.envoy_types import CORS_POLICY, ROUTE_CONFIGURATION, Json, header_input, typed
from propylon.gateway.files import ROUTES
from propylon.gateway.kept import Kept
from propylon.gateway.model import GatewayModel, Trust
from propylon.gateway.product_routes import routes_by_method
from propylon.gateway.routing import Mount, Routing
from propylon.gateway.sites import Site, sites
from propylon.gateway.web_routes import routes_outside
from propylon.gateway.wire import Encoded, encoded
from propylon.kernel.tracking import TRACKING_HEADER

_ENCODED: Kept[Encoded] = Kept()
_ON_MATCH = "xds.type.matcher.v3.Matcher.OnMatch"


def route_configuration(model: GatewayModel, routing: Routing) -> Json:
    """One configuration for both listeners: they differ by a header that the gateway itself sets."""
    _ENCODED.next_round()
    return typed(
        ROUTE_CONFIGURATION,
        name=ROUTES,
        ignore_port_in_host_matching=True,
        response_headers_to_remove=[TRACKING_HEADER.lower(), "x-request-id"],
        virtual_hosts=[*(_virtual_host(model, site) for site in sites(model, routing)), _other_hosts()],
    )


def _virtual_host(model: GatewayModel, site: Site) -> Json:
    outside = routes_outside(model, site)
    shared = _shared_by_all(model)
    key = repr(shared)
    trie = {
        mount.base_path + "/": _ENCODED.get((key, mount), partial(_encoded, shared, mount)) for mount in site.mounts
    }
    host: Json = {
        "name": site.name,
        "domains": list(site.hosts),
        "typed_per_filter_config": {"cors": _CORS, **exact_plan_settings(model.plans)},
        "retry_policy": {"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 1},
    }
    if trie:
        tree = {"input": header_input(":path"), "prefix_match_map": {"map": trie}}
        return {**host, "matcher": {"matcher_tree": tree, "on_no_match": route_list(outside)}}
    return {**host, "routes": outside}


def _encoded(shared: GatewayModel, mount: Mount) -> Encoded:
    return encoded(_ON_MATCH, {"matcher": routes_by_method(shared, mount)})


def _shared_by_all(model: GatewayModel) -> GatewayModel:
    """The model without what belongs to one product, or changes with no route: all that a mount may depend on beside
    its operations."""
    return replace(model, publications=(), upstreams=(), plans=(), trust=Trust("", ""), jwks={})


def _other_hosts() -> Json:
    return {"name": "other", "domains": ["*"], "routes": [refuse(421, ANY_PATH, {})]}


# Any page may call the APIs: they take tokens, never cookies, so a foreign page gains nothing.
_CORS = typed(
    CORS_POLICY,
    allow_origin_string_match=[{"safe_regex": {"regex": ".*"}}],
    allow_methods="GET, HEAD, POST, PUT, PATCH, DELETE",
    allow_headers="authorization, content-type, *",
    expose_headers=f"{TRACKING_HEADER}, X-Request-ID, WWW-Authenticate, Retry-After, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Location, Link, Deprecation, Sunset, DPoP-Nonce",
    max_age="600",
)
