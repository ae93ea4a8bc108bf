"""The routes below a product's base path: by method, then a short list in order of precedence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from propylon.gateway.direct_routes import (
    ANY_PATH,
    guards,
    propylon_metadata,
    refuse,
    route_list,
)
from propylon.gateway.envoy_types import (
    Json,
    any_of,
    header_predicate,
    set_header,
)
from propylon.gateway.forwarding import forward
from propylon.gateway.lifecycle import lifecycle_headers
from propylon.gateway.model import GatewayModel, Publication
from propylon.gateway.operation_policy import operation_policy
from propylon.gateway.path_template import PathTemplate
from propylon.gateway.routing import Mount, RoutedOperation


def routes_by_method(model: GatewayModel, mount: Mount) -> Json:
    """By method, the paths that answer to it. HEAD goes where GET goes, unless a document has a HEAD of its own."""
    declared = {route.method for route in mount.operations}
    matchers = [
        {
            "predicate": any_of([_method_is(name) for name in names]),
            "on_match": route_list(_paths(model, mount, names[0])),
        }
        for method in sorted(declared)
        if (names := ("GET", "HEAD") if method == "GET" and "HEAD" not in declared else (method,))
    ]
    return {"matcher_list": {"matchers": matchers}, "on_no_match": route_list(_paths(model, mount, ""))}


def _method_is(method: str) -> Json:
    return header_predicate(":method", {"exact": method})


def _paths(model: GatewayModel, mount: Mount, method: str) -> list[Json]:
    """The operations of one method in order of precedence. A path that has no such method, but would be swallowed by a
    later template that has, is refused in its place; the others after all operations."""
    groups = _by_path(mount)
    later: list[tuple[PathTemplate, tuple[str, ...]]] = []
    routes = [_telling(guard, _inner(mount)) for guard in guards(model, method, _place(mount))]
    for position, (template, operations) in enumerate(groups):
        if method in operations:
            routes += _operation(operations[method])
        elif any(method in others and template.overlaps(path) for path, others in groups[position + 1 :]):
            routes.append(_method_refused(mount, [template.regex], _allowed(operations)))
        else:
            later.append((template, _allowed(operations)))
    routes += [_method_refused(mount, paths, allowed) for paths, allowed in _buckets(later)]
    return [*routes, _telling(refuse(404, ANY_PATH, _place(mount)), _inner(mount))]


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
    route = refuse(405, match, _place(mount))
    allow = [set_header("Allow", ", ".join(allowed))]
    return _telling({**route, "response_headers_to_add": allow}, _inner(mount))


def _telling(route: Json, publication: Publication) -> Json:
    """Also says when the version ends, whatever the answer is."""
    headers = lifecycle_headers(publication.lifecycle)
    if not headers:
        return route
    return {**route, "response_headers_to_add": [*route.get("response_headers_to_add", ()), *headers]}


def _operation(route: RoutedOperation) -> list[Json]:
    return [_telling(each, route.publication) for each in _answering(route)]


def _answering(route: RoutedOperation) -> list[Json]:
    match = {"path": route.template.literal} if route.template.literal else _regex(route.template.regex)
    if route.publication.lifecycle.is_ended:
        return [refuse(410, match, _metadata(route.operation.operation_id, route))]
    served: Json = {
        "name": _name(route),
        "match": match,
        "route": forward(route),
        "metadata": _metadata(route.operation.operation_id, route),
        "typed_per_filter_config": operation_policy(route.publication.environment, route.operation),
    }
    if not route.operation.requires_certificate:
        return [served]
    refused = refuse(401, {**match, "tls_context": {"presented": False}}, {})
    return [{**refused, "metadata": served["metadata"]}, served]


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
        acr=" ".join(route.operation.rules.acr),
        format=p.error_format,
        prefix=p.base_path,
    )


def _place(mount: Mount) -> Json:
    """Metadata of a refusal below a base path, where no operation is known."""
    p = _inner(mount)
    versions = {r.publication.version for r in mount.operations}
    version = p.version if len(versions) == 1 else ""
    return propylon_metadata(environment=p.environment, product=p.product, version=version, format=p.error_format)


def _inner(mount: Mount) -> Publication:
    """Whose base path it is: operations of an outer one may reach into it."""
    own = (r.publication for r in mount.operations if r.publication.base_path == mount.base_path)
    return next(own, mount.operations[0].publication)
