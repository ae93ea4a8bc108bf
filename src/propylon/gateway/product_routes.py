"""The routes below a product's base path: by method, then a short list in order of precedence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from propylon.gateway.bounds import body_bound, bound_settings, largest_body
from propylon.gateway.direct_routes import (
    ANY_PATH,
    guards,
    propylon_metadata,
    refuse,
    route_list,
    too_large,
)
from propylon.gateway.envoy_types import (
    Json,
    any_of,
    header_input,
    header_predicate,
    set_header,
)
from propylon.gateway.forwarding import forward
from propylon.gateway.lifecycle import lifecycle_headers
from propylon.gateway.model import GatewayModel, Publication
from propylon.gateway.operation_policy import operation_policy, sign_in_to_ask_for
from propylon.gateway.path_tree import Branch, Leaf, Path, parted, paths_of
from propylon.gateway.routing import Mount, RoutedOperation


def routes_by_method(model: GatewayModel, mount: Mount) -> Json:
    """By method, the paths that answer to it. HEAD goes where GET goes, unless a document has a HEAD of its own."""
    declared = {route.method for route in mount.operations}
    ground = _ground(model, mount)
    paths = paths_of(mount.operations)
    matchers = [
        {
            "predicate": any_of([_method_is(name) for name in names]),
            "on_match": _of_method(ground, mount, names[0], paths),
        }
        for method in sorted(declared)
        if (names := ("GET", "HEAD") if method == "GET" and "HEAD" not in declared else (method,))
    ]
    return {"matcher_list": {"matchers": matchers}, "on_no_match": _of_method(ground, mount, "", paths)}


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all routes below a base path share."""

    model: GatewayModel
    publication: Publication  # whose base path it is: operations of an outer one may reach into it
    place: Json  # metadata of a refusal where no operation is known
    largest_body: int  # of all products that may answer here
    ruled_by_prefix: frozenset[str]  # environments whose routes name no token: gateway.requirements


def _ground(model: GatewayModel, mount: Mount) -> _Ground:
    publications = [r.publication for r in mount.operations]
    p = next((each for each in publications if each.base_path == mount.base_path), publications[0])
    versions = {each.version for each in publications}
    version = p.version if len(versions) == 1 else ""
    place = propylon_metadata(environment=p.environment, product=p.product, version=version, format=p.error_format)
    largest = largest_body(model, {id(p): p for p in publications}.values())
    return _Ground(model, p, place, largest, mount.ruled_by_prefix)


def _method_is(method: str) -> Json:
    return header_predicate(":method", {"exact": method})


def _of_method(ground: _Ground, mount: Mount, method: str, paths: Sequence[Path]) -> Json:
    return _below(ground, method, parted(method, mount.base_path, paths, mount.base_path.count("/")))


def _below(ground: _Ground, method: str, tree: Leaf | Branch) -> Json:
    if isinstance(tree, Leaf):
        return route_list(_paths(ground, method, tree.paths))
    known = {prefix: _below(ground, method, inner) for prefix, inner in tree.below.items()}
    by_prefix = {"input": header_input(":path"), "prefix_match_map": {"map": known}}
    return {"matcher": {"matcher_tree": by_prefix, "on_no_match": _below(ground, method, tree.otherwise)}}


def _paths(ground: _Ground, method: str, paths: Sequence[Path]) -> list[Json]:
    """The operations of one method in order of precedence. A path that has no such method, but would be swallowed by a
    later template that has, is refused in its place; the others after all operations."""
    with_method = {path.place for path in paths if method in path.operations}
    later: list[Path] = []
    before = guards(ground.model, method, ground.place, ground.largest_body)
    routes = [_telling(guard, ground.publication) for guard in before]
    for path in paths:
        if path.place in with_method:
            routes += _operation(ground, path.operations[method])
        elif any(other > path.place for other in path.overlapping & with_method):
            routes.append(_method_refused(ground, [path.template.regex], _allowed(path)))
        else:
            later.append(path)
    routes += [_method_refused(ground, regexes, allowed) for regexes, allowed in _buckets(later)]
    return [*routes, _telling(refuse(404, ANY_PATH, ground.place), ground.publication)]


def _allowed(path: Path) -> tuple[str, ...]:
    names = set(path.operations)
    return tuple(sorted(names | {"HEAD"} if "GET" in names else names))


def _buckets(paths: Iterable[Path]) -> list[tuple[list[str], tuple[str, ...]]]:
    """Few routes for many paths: those that allow the same methods together, without passing one that they overlap."""
    buckets: list[tuple[list[str], tuple[str, ...]]] = []
    bucket_of: dict[int, int] = {}
    for path in paths:
        allowed = _allowed(path)
        first = max((bucket_of[place] for place in path.overlapping & bucket_of.keys()), default=0)
        number = next((n for n in range(first, len(buckets)) if buckets[n][1] == allowed), len(buckets))
        if number == len(buckets):
            buckets.append(([], allowed))
        buckets[number][0].append(path.template.regex)
        bucket_of[path.place] = number
    return buckets


def _method_refused(ground: _Ground, paths: Sequence[str], allowed: Sequence[str]) -> Json:
    route = refuse(405, _regex(_one_of(paths, ground.publication.base_path)), ground.place)
    allow = [set_header("Allow", ", ".join(allowed))]
    return _telling({**route, "response_headers_to_add": allow}, ground.publication)


def _one_of(paths: Sequence[str], base_path: str) -> str:
    """What they begin with is said once: Envoy compiles all of it with every change."""
    base = re.escape(base_path)
    below = [path[len(base) :] for path in paths if path.startswith(f"{base}/")]
    others = [path for path in paths if not path.startswith(f"{base}/")]
    return "|".join([f"{base}(?:{'|'.join(below)})", *others] if below else others)


def _telling(route: Json, publication: Publication) -> Json:
    """Also says when the version ends, whatever the answer is."""
    headers = lifecycle_headers(publication.lifecycle)
    if not headers:
        return route
    return {**route, "response_headers_to_add": [*route.get("response_headers_to_add", ()), *headers]}


def _operation(ground: _Ground, route: RoutedOperation) -> list[Json]:
    return [_telling(each, route.publication) for each in _answering(ground, route)]


def _answering(ground: _Ground, route: RoutedOperation) -> list[Json]:
    match = {"path": route.template.literal} if route.template.literal else _regex(route.template.regex)
    if route.publication.lifecycle.is_ended:
        return [refuse(410, match, _metadata(route.operation.operation_id, route))]
    served: Json = {
        "name": _name(route),
        "match": match,
        "route": forward(route),
        "metadata": _metadata(route.operation.operation_id, route),
        "typed_per_filter_config": {
            **operation_policy(route.publication.environment, route.operation, ground.ruled_by_prefix),
            **bound_settings(route),
        },
    }
    refused = []
    if (most := body_bound(ground.model, route.publication)) < ground.largest_body:
        refused.append(too_large(most, match, served["metadata"]))
    if route.operation.requires_certificate:
        refused.append(refuse(401, {**match, "tls_context": {"presented": False}}, served["metadata"]))
    return [*refused, served]


def _regex(regex: str) -> Json:
    return {"safe_regex": {"regex": regex}}


def _name(route: RoutedOperation) -> str:
    p = route.publication
    return f"{p.environment}/{p.product}/{p.version}/{route.operation.operation_id}"


def _metadata(operation_id: str, route: RoutedOperation) -> Json:
    p = route.publication
    return propylon_metadata(
        environment=p.environment,
        product=p.product,
        version=p.version,
        operation=operation_id,
        scope=" ".join(sorted(set(route.operation.scopes))),
        roles=" ".join(sorted(set(route.operation.rules.psd2_roles))),
        sign_in=sign_in_to_ask_for(route.operation.rules),
        format=p.error_format,
        prefix=p.base_path,
    )
