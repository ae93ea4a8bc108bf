"""The intermediate representation: which operation answers where. Checked, ordered, and free of Envoy's words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter
from typing import TypeVar

from propylon.gateway.hosts import own_hosts_problem
from propylon.gateway.kept import Kept
from propylon.gateway.model import Environment, GatewayModel, Operation, Publication, Upstream
from propylon.gateway.path_template import PathTemplate, parse_path_template
from propylon.gateway.requirements import ruled_by_prefix
from propylon.gateway.snapshot import Diagnostic

Item = TypeVar("Item")

METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
STREAMS = ("", "answer", "websocket")
ERROR_FORMATS = ("standard", "tpp", "problem")


@dataclass(frozen=True, slots=True, eq=False)
class RoutedOperation:
    """An operation with everything that its route needs. `template` is the whole path.

    Equal to itself alone; but a publication that is as it was in the last model has the same ones again.
    """

    template: PathTemplate
    method: str
    operation: Operation
    publication: Publication
    upstream: Upstream
    order: tuple[object, str]  # the more specific path first


@dataclass(frozen=True, slots=True)
class Mount:
    """A base path and every operation that may answer below it, the more specific path first."""

    base_path: str
    operations: tuple[RoutedOperation, ...]
    hosts: tuple[str, ...] = ()  # of the environment, if it has some of its own
    ruled_by_prefix: frozenset[str] = frozenset()  # environments: gateway.requirements


@dataclass(frozen=True, slots=True)
class Routing:
    environments: tuple[Environment, ...]
    mounts: tuple[Mount, ...]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class _Checked:
    """What is left of a publication."""

    routes: tuple[RoutedOperation, ...]
    diagnostics: tuple[Diagnostic, ...]


_CHECKED: Kept[_Checked] = Kept()


def plan_routes(model: GatewayModel) -> Routing:
    """Leaves out what is wrong, with a diagnostic each; the order in the model does not matter."""
    _CHECKED.next_round()
    environments, diagnostics = _environments(model)
    by_name = {upstream.name: upstream for upstream in model.upstreams}
    publications = in_total_order(model.publications, lambda p: (p.base_path, p.product, p.version))
    routed: list[RoutedOperation] = []
    for publication in publications:
        place = environments.get(publication.environment), by_name.get(publication.upstream)
        checked = _CHECKED.get((publication, *place), partial(_publication_routes, publication, *place))
        routed += checked.routes
        diagnostics += checked.diagnostics
    hosts_of = {name: environment.hosts for name, environment in environments.items()}
    on_hosts: dict[tuple[str, ...], list[RoutedOperation]] = {}
    for route in routed:
        on_hosts.setdefault(hosts_of[route.publication.environment], []).append(route)
    by_prefix = frozenset(each.name for each in ruled_by_prefix(environments.values()))
    mounts: list[Mount] = []
    for hosts in sorted(on_hosts):
        inside = sorted(_without_collisions(on_hosts[hosts], diagnostics), key=attrgetter("order"))
        ruled = frozenset() if hosts else by_prefix
        mounts += (replace(mount, hosts=hosts, ruled_by_prefix=ruled) for mount in _mounts(inside))
    ordered = sorted(diagnostics, key=lambda d: (d.place, d.code))
    return Routing(tuple(environments[name] for name in sorted(environments)), tuple(mounts), tuple(ordered))


def _mounts(routed: Iterable[RoutedOperation]) -> Iterator[Mount]:
    """The operations of an outer base path that reach into an inner one are in both: the look-up does not go back."""
    by_base: dict[str, list[RoutedOperation]] = {}
    for route in routed:
        by_base.setdefault(route.publication.base_path, []).append(route)
    for base_path in sorted(by_base):
        related = [other for other in by_base if f"{base_path}/".startswith(f"{other}/") or other == base_path]
        inside = by_base[base_path]
        if len(related) > 1:
            prefix = parse_path_template(base_path)
            reaching = [
                r for other in related for r in by_base[other] if prefix is not None and r.template.reaches(prefix)
            ]
            inside = sorted(reaching, key=attrgetter("order"))
        yield Mount(base_path, tuple(r for r in inside if len(r.template.segments) > base_path.count("/")))


def in_total_order(items: Iterable[Item], key: Callable[[Item], tuple[str, ...]]) -> list[Item]:
    """By key, and where two have the same by all that they say: the order in which they came never matters."""
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return [item for name in sorted(groups) for item in _by_text(groups[name])]


def _by_text(items: list[Item]) -> list[Item]:
    return sorted(items, key=repr) if len(items) > 1 else items


def _environments(model: GatewayModel) -> tuple[dict[str, Environment], list[Diagnostic]]:
    found: dict[str, Environment] = {}
    diagnostics: list[Diagnostic] = []
    prefixes: set[str] = set()
    taken: set[str] = set()
    for environment in sorted(model.environments, key=lambda e: (e.name, repr(e))):
        if environment.hosts and environment.name not in found:
            if text := own_hosts_problem(model.listeners, environment, taken):
                diagnostics.append(Diagnostic(f"environments/{environment.name}", "gateway.environment.host", text))
            else:
                taken.update(environment.hosts)
                found[environment.name] = environment
            continue
        prefix = parse_path_template(environment.path_prefix)
        is_own = environment.path_prefix not in prefixes and environment.name not in found
        if prefix is None or not prefix.literal.strip("/") or environment.path_prefix.endswith("/") or not is_own:
            text = "Give the environment a name and a path prefix of its own, such as /sandbox."
            diagnostics.append(Diagnostic(f"environments/{environment.name}", "gateway.environment.prefix", text))
            continue
        prefixes.add(environment.path_prefix)
        found[environment.name] = environment
    return found, diagnostics


def _publication_routes(
    publication: Publication, environment: Environment | None, upstream: Upstream | None
) -> _Checked:
    place = f"environments/{publication.environment}/products/{publication.product}/{publication.version}"
    problem = _publication_problem(publication, environment, upstream)
    if problem or upstream is None:
        return _Checked((), (Diagnostic(place, *problem),))
    diagnostics = []
    if publication.error_format not in ERROR_FORMATS:
        text = f"Choose one of {', '.join(ERROR_FORMATS)}. Until then errors have the standard form."
        diagnostics.append(Diagnostic(place, "gateway.publication.error_format", text))
        publication = replace(publication, error_format="standard")
    routes = []
    for operation in publication.operations:
        template = parse_path_template(publication.base_path + operation.path_template)
        problem = _operation_problem(operation, template)
        if problem or template is None:
            diagnostics.append(Diagnostic(f"{place}/operations/{operation.operation_id}", *problem))
            continue
        order = (template.precedence, operation.method)
        routes.append(RoutedOperation(template, operation.method, operation, publication, upstream, order))
    return _Checked(tuple(routes), tuple(diagnostics))


def _publication_problem(
    publication: Publication, environment: Environment | None, upstream: Upstream | None
) -> tuple[str, str] | tuple[()]:
    """Code and message of what keeps the whole publication out, or ()."""
    base = parse_path_template(publication.base_path)
    prefix = parse_path_template(publication.upstream_prefix or "/")
    if environment is None:
        return "gateway.environment.unknown", "Publish to an environment that exists."
    if upstream is None:
        return "gateway.upstream.unknown", f"Name an upstream that exists and is valid, not {publication.upstream!r}."
    if base is None or not base.literal or publication.base_path.endswith("/"):
        return "gateway.publication.base_path", "The base path is literal text such as /sandbox/accounts/v1."
    if not publication.base_path.startswith(environment.path_prefix + "/"):
        return "gateway.publication.base_path", f"The base path must lie below {environment.path_prefix}/."
    if prefix is None or not prefix.literal:
        return "gateway.publication.upstream_prefix", "The upstream prefix is literal text such as /v1, or empty."
    return ()


def _operation_problem(operation: Operation, template: PathTemplate | None) -> tuple[str, str] | tuple[()]:
    if template is None or not operation.path_template.startswith("/"):
        return "gateway.operation.path", f"{operation.path_template!r} is no path template such as /accounts/{{id}}."
    if operation.method not in METHODS:
        return "gateway.operation.method", f"Use one of {', '.join(METHODS)}, not {operation.method!r}."
    if operation.streams not in STREAMS or (operation.streams == "websocket" and operation.method != "GET"):
        return "gateway.operation.streams", "An operation streams its answer, or is a websocket on GET, or neither."
    if not operation.scopes and not operation.is_public:
        return "gateway.operation.scope", "Give the operation a scope, or declare it public."
    if any(not scope or " " in scope for scope in operation.scopes):
        return "gateway.operation.scope", "A scope is one word."
    return ()


def _without_collisions(routed: Iterable[RoutedOperation], diagnostics: list[Diagnostic]) -> Iterator[RoutedOperation]:
    """The first of two operations that answer the same requests stays."""
    seen: dict[tuple[str, PathTemplate], RoutedOperation] = {}
    order = in_total_order(routed, lambda r: (_place(r), r.operation.path_template, r.method))
    for route in order:
        first = seen.get((route.method, route.template))
        if first is None:
            seen[route.method, route.template] = route
            yield route
        else:
            text = f"{route.method} {route.operation.path_template} is already answered by {_place(first)}."
            diagnostics.append(Diagnostic(_place(route), "gateway.operation.duplicate", text))


def _place(route: RoutedOperation) -> str:
    p = route.publication
    return f"environments/{p.environment}/products/{p.product}/{p.version}/operations/{route.operation.operation_id}"
