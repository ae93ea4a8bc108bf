"""The route configuration: a look-up tree by base path and method, and short lists at its leaves.

A flat list is linear in all products; the tree costs the same for the first and the two-thousandth operation (ENVOY,
section 4). Refusals that need no token (405, 413, 414, a missing certificate) are routes of their own, before the policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from propylon.gateway.clusters import WEB, cluster_name
from propylon.gateway.envoy_types import (
    CORS_POLICY,
    JWT_PER_ROUTE,
    RBAC_PER_ROUTE,
    ROUTE_CONFIGURATION,
    ROUTE_LIST,
    Json,
    any_of,
    extension,
    header_input,
    header_predicate,
    set_header,
    typed,
)
from propylon.gateway.files import ROUTES
from propylon.gateway.filters import LISTENER_HEADER, disabled
from propylon.gateway.model import Environment, GatewayModel
from propylon.gateway.path_template import PathTemplate
from propylon.gateway.routing import Mount, RoutedOperation, Routing
from propylon.kernel.token_claims import CLAIM_HEADERS
from propylon.kernel.tracking import TRACKING_HEADER

_OPEN = disabled("jwt", "scope", "limits")
_WEB = disabled("cors", "jwt", "scope", "limits", "body", "upstream")
_ON_MUTUAL = {"name": LISTENER_HEADER, "string_match": {"exact": "mutual"}}
_ON_PUBLIC = {"name": LISTENER_HEADER, "string_match": {"exact": "public"}}
_ANY_PATH = {"prefix": "/"}
_LONGEST_REPETITION = 1000  # of RE2


def route_configuration(model: GatewayModel, routing: Routing) -> Json:
    """One configuration for both listeners: they differ by a header that the gateway itself sets."""
    return typed(
        ROUTE_CONFIGURATION,
        name=ROUTES,
        ignore_port_in_host_matching=True,
        response_headers_to_remove=[TRACKING_HEADER.lower(), "x-request-id"],
        virtual_hosts=[_virtual_host(model, routing), _other_hosts()],
    )


def _virtual_host(model: GatewayModel, routing: Routing) -> Json:
    outside = _outside(model, routing.environments)
    trie = {mount.base_path + "/": _step(_methods(model, mount)) for mount in routing.mounts}
    host: Json = {
        "name": "gateway",
        "domains": _domains(model),
        "typed_per_filter_config": {"cors": _CORS},
        "retry_policy": {"retry_on": "connect-failure,refused-stream,reset-before-request", "num_retries": 1},
    }
    if trie:
        tree = {"input": header_input(":path"), "prefix_match_map": {"map": trie}}
        return {**host, "matcher": {"matcher_tree": tree, "on_no_match": _list(outside)}}
    return {**host, "routes": outside}


def _other_hosts() -> Json:
    return {"name": "other", "domains": ["*"], "routes": [_refuse(421, _ANY_PATH, {})]}


def _domains(model: GatewayModel) -> list[str]:
    here = model.listeners
    names = {urlsplit(here.public_url).hostname, urlsplit(here.mutual_url).hostname, here.address}
    names |= {"localhost", "127.0.0.1", "[::1]"}
    return sorted(f"[{name}]" if ":" in name and name[0] != "[" else name for name in names if name)


# ── Below a product's base path ──────────────────────────────────────────────────────────────────────────────────────


def _methods(model: GatewayModel, mount: Mount) -> Json:
    """By method, a list of the paths that answer to it. HEAD goes where GET goes unless a document has its own HEAD."""
    declared = {route.method for route in mount.operations}
    matchers = [
        {"predicate": any_of([_method_is(name) for name in names]), "on_match": _list(_paths(model, mount, names[0]))}
        for method in sorted(declared)
        if (names := ("GET", "HEAD") if method == "GET" and "HEAD" not in declared else (method,))
    ]
    return {"matcher_list": {"matchers": matchers}, "on_no_match": _list(_paths(model, mount, ""))}


def _method_is(method: str) -> Json:
    return header_predicate(":method", {"exact": method})


def _paths(model: GatewayModel, mount: Mount, method: str) -> list[Json]:
    """The operations of one method in order of precedence. A path that has no such method, but would be swallowed by a
    later template that has, is refused in its place; the others after all operations."""
    groups = _by_path(mount)
    later: list[tuple[PathTemplate, tuple[str, ...]]] = []
    routes = _guards(model, method, _place(mount.operations[0], mount))
    for position, (template, operations) in enumerate(groups):
        if method in operations:
            routes += _operation(operations[method])
        elif any(method in others and template.overlaps(path) for path, others in groups[position + 1 :]):
            routes.append(_method_refused(mount, [template.regex], _allowed(operations)))
        else:
            later.append((template, _allowed(operations)))
    routes += [_method_refused(mount, paths, allowed) for paths, allowed in _buckets(later)]
    return [*routes, _refuse(404, _ANY_PATH, _place(mount.operations[0], mount))]


def _by_path(mount: Mount) -> list[tuple[PathTemplate, dict[str, RoutedOperation]]]:
    groups: dict[PathTemplate, dict[str, RoutedOperation]] = {}
    for route in mount.operations:
        groups.setdefault(route.template, {})[route.method] = route
    return list(groups.items())


def _allowed(methods: Iterable[str]) -> tuple[str, ...]:
    names = set(methods)
    return tuple(sorted(names | {"HEAD"} if "GET" in names else names))


def _buckets(
    paths: Iterable[tuple[PathTemplate, tuple[str, ...]]],
) -> list[tuple[list[str], tuple[str, ...]]]:
    """Few routes for many paths: those that allow the same methods together, without passing one that they overlap."""
    buckets: list[tuple[list[PathTemplate], tuple[str, ...]]] = []
    for template, allowed in paths:
        behind = [n for n, (members, _) in enumerate(buckets) if any(template.overlaps(m) for m in members)]
        first = behind[-1] if behind else 0
        found = next((members for members, names in buckets[first:] if names == allowed), None)
        if found is None:
            buckets.append(([template], allowed))
        else:
            found.append(template)
    return [([member.regex for member in members], allowed) for members, allowed in buckets]


def _method_refused(mount: Mount, paths: Sequence[str], allowed: Sequence[str]) -> Json:
    match = {"safe_regex": {"regex": "|".join(paths)}}
    route = _refuse(405, match, _place(mount.operations[0], mount))
    return {**route, "response_headers_to_add": [set_header("Allow", ", ".join(allowed))]}


def _operation(route: RoutedOperation) -> list[Json]:
    match = {"path": route.template.literal} if route.template.literal else _regex(route.template.regex)
    served: Json = {
        "name": _name(route),
        "match": match,
        "route": _forward(route),
        "metadata": _metadata(route.operation.operation_id, route),
        "typed_per_filter_config": _policy(route),
    }
    if not route.operation.requires_certificate:
        return [served]
    refused = _refuse(401, {**match, "tls_context": {"presented": False}}, {})
    return [{**refused, "metadata": served["metadata"]}, served]


def _regex(regex: str) -> Json:
    return {"safe_regex": {"regex": regex}}


def _name(route: RoutedOperation) -> str:
    p = route.publication
    return f"{p.environment}/{p.product}/{p.version}/{route.operation.operation_id}"


def _forward(route: RoutedOperation) -> Json:
    publication, upstream = route.publication, route.upstream
    action: Json = {"cluster": cluster_name(upstream.name), "timeout": f"{upstream.timeout_ms / 1000:g}s"}
    prefix = publication.upstream_prefix.rstrip("/")
    if prefix != publication.base_path:
        pattern = "^" + "".join("\\" + c if not c.isalnum() and c not in "/-_~" else c for c in publication.base_path)
        action["regex_rewrite"] = {"pattern": {"regex": pattern}, "substitution": prefix.replace("\\", "\\\\")}
    return action


def _policy(route: RoutedOperation) -> Json:
    """The token of this environment, with every scope of the operation; or, for an open operation, neither."""
    if route.operation.is_public:
        return _OPEN
    has_scope = [_scope_is_granted(scope) for scope in sorted(set(route.operation.scopes))]
    principal = has_scope[0] if len(has_scope) == 1 else {"and_ids": {"ids": has_scope}}
    policy = {"permissions": [{"any": True}], "principals": [principal]}
    rules = {"action": "ALLOW", "policies": {"scope": policy}}
    return {
        "jwt": typed(JWT_PER_ROUTE, requirement_name=route.publication.environment),
        "scope": typed(RBAC_PER_ROUTE, rbac={"rules": rules}),
    }


def _scope_is_granted(scope: str) -> Json:
    return {"header": {"name": CLAIM_HEADERS["scp"], "string_match": {"contains": f" {scope} "}}}


def _metadata(operation_id: str, route: RoutedOperation) -> Json:
    p = route.publication
    return _propylon(
        environment=p.environment,
        product=p.product,
        version=p.version,
        operation=operation_id,
        scope=" ".join(sorted(set(route.operation.scopes))),
        format=p.error_format,
        prefix=p.base_path,
    )


def _place(route: RoutedOperation, mount: Mount) -> Json:
    """Metadata of a refusal below a base path, where no operation is known."""
    inner = next((r for r in mount.operations if r.publication.base_path == mount.base_path), route)
    p = inner.publication
    versions = {r.publication.version for r in mount.operations}
    version = p.version if len(versions) == 1 else ""
    return _propylon(environment=p.environment, product=p.product, version=version, format=p.error_format)


# ── Outside of the products ──────────────────────────────────────────────────────────────────────────────────────────


def _outside(model: GatewayModel, environments: Iterable[Environment]) -> list[Json]:
    """Paths of an environment that no product has; then the web application's own; on `mutual` only what needs it."""
    unknown = chain.from_iterable(_unknown_product(environment) for environment in environments)
    oauth = [_web(prefix, "oauth") for prefix in ("/oauth", "/.well-known")]
    portal = {**_web("/", "web"), "match": {"prefix": "/", "headers": [_ON_PUBLIC]}}
    return [
        *unknown,
        *(_too_large(model, route["match"], route["metadata"]) for route in oauth),
        _too_large(model, _ANY_PATH, {}),
        *oauth,
        _web("/health", "web"),
        portal,
        _refuse(404, _ANY_PATH, {}),
    ]


def _unknown_product(environment: Environment) -> list[Json]:
    below = {"path_separated_prefix": environment.path_prefix.rstrip("/")}
    place = _propylon(environment=environment.name, format="standard")
    return [_without_certificate(below, place), _refuse(404, below, place)]


def _web(prefix: str, error_format: str) -> Json:
    """A reserved prefix; the client certificate travels as headers that nobody else can set (RFC 9700 section 4.13)."""
    headers = {
        "x-propylon-peer-certificate": "%DOWNSTREAM_PEER_CERT%",
        "x-propylon-peer-fingerprint": "%DOWNSTREAM_PEER_FINGERPRINT_256%",
        "x-propylon-source-address": "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
    }
    return {
        "name": f"web{prefix}",
        "match": {"path_separated_prefix": prefix} if prefix != "/" else _ANY_PATH,
        "route": {"cluster": WEB, "timeout": "60s"},
        "metadata": _propylon(format=error_format),
        "request_headers_to_remove": ["x-propylon-certificate"],
        "request_headers_to_add": [set_header(name, value) for name, value in headers.items()],
        "typed_per_filter_config": _WEB,
    }


# ── Refusals that are routes ─────────────────────────────────────────────────────────────────────────────────────────


def _guards(model: GatewayModel, method: str, place: Json) -> list[Json]:
    """What is refused before any operation is looked for."""
    guards = [_without_certificate(_ANY_PATH, place)]
    if method in ("GET", "HEAD"):
        too_long = {"name": ":path", "string_match": {"safe_regex": {"regex": _longer_than(model.max_url_length)}}}
        guards.append(_refuse(414, {**_ANY_PATH, "headers": [too_long]}, place))
    if method in ("", "OPTIONS"):
        guards.insert(0, _preflight())
    return [*guards, _too_large(model, _ANY_PATH, place)]


def _preflight() -> Json:
    """A page asks before it calls (Fetch, CORS-preflight): the filter "cors" answers, and needs a route that forwards.
    Nothing is forwarded: a preflight that the filter leaves alone has no token, and this route does ask for one."""
    asks = [{"name": name, "present_match": True} for name in ("origin", "access-control-request-method")]
    options = {"name": ":method", "string_match": {"exact": "OPTIONS"}}
    match = {**_ANY_PATH, "headers": [_ON_PUBLIC, options, *asks]}
    return {"name": "preflight", "match": match, "route": {"cluster": WEB}}


def _without_certificate(match: Json, place: Json) -> Json:
    return _refuse(401, {**match, "headers": [_ON_MUTUAL], "tls_context": {"presented": False}}, place)


def _too_large(model: GatewayModel, match: Json, place: Json) -> Json:
    more = {"name": "content-length", "range_match": {"start": model.max_body_bytes + 1, "end": 2**63 - 1}}
    return _refuse(413, {**match, "headers": [more]}, place)


def _longer_than(length: int) -> str:
    whole, rest = divmod(length, _LONGEST_REPETITION)
    return "(?s)" + f".{{{_LONGEST_REPETITION}}}" * whole + (f".{{{rest}}}" if rest else "") + ".+"


def _refuse(status: int, match: Json, metadata: Json) -> Json:
    """A route that answers by itself; gateway.refusals gives the words."""
    return {
        "name": f"refuse.{status}",
        "match": match,
        "direct_response": {"status": status},
        "metadata": metadata or _propylon(format="standard"),
        "typed_per_filter_config": _OPEN,
    }


def _propylon(**fields: str) -> Json:
    return {"filter_metadata": {"propylon": {name: text for name, text in fields.items() if text}}}


def _list(routes: Sequence[Json]) -> Json:
    return {"action": extension("routes", ROUTE_LIST, routes=list(routes))}


def _step(matcher: Json) -> dict[str, Any]:
    return {"matcher": matcher}


# Any page may call the APIs: they take tokens, never cookies, so a foreign page gains nothing.
_CORS = typed(
    CORS_POLICY,
    allow_origin_string_match=[{"safe_regex": {"regex": ".*"}}],
    allow_methods="GET, HEAD, POST, PUT, PATCH, DELETE",
    allow_headers="authorization, content-type, *",
    expose_headers=f"{TRACKING_HEADER}, X-Request-ID, WWW-Authenticate, Retry-After, RateLimit-Limit, "
    "RateLimit-Remaining, RateLimit-Reset, Location, Link",
    max_age="600",
)
