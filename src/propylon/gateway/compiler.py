"""From the gateway model to a snapshot. Pure: same model, same bytes; what is wrong is left out and said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from propylon.gateway.clusters import clusters, valid_upstreams
from propylon.gateway.enforcement import enforcement_filter, settled_filter
from propylon.gateway.limits import limit_diagnostics, limits_resource
from propylon.gateway.listeners import listeners
from propylon.gateway.marks import Enforcement, GatewayMark
from propylon.gateway.model import GatewayModel
from propylon.gateway.resources import filter_configuration, hash_of, resource
from propylon.gateway.route_resources import route_configuration
from propylon.gateway.routing import plan_routes
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND, SETTLED_KIND, Resource, Snapshot
from propylon.gateway.tokens import token_resource
from propylon.gateway.trust import trust_diagnostics, trust_resource


def compile_snapshot(model: GatewayModel) -> Snapshot:
    """Every kind of CONFIGURATION_KINDS, and a diagnostic for each mistake."""
    upstreams, bad_upstreams = valid_upstreams(model)
    routing = plan_routes(replace(model, upstreams=upstreams))
    made = (
        trust_resource(model.trust),
        resource("cds", clusters(model, upstreams)),
        token_resource(model, routing.environments),
        limits_resource(model.plans),
        resource("rds", [route_configuration(model, routing)]),
        resource("lds", listeners(model)),
    )
    resources = {item.kind: item for item in made}
    version = hash_of(resources[kind].version for kind in CONFIGURATION_KINDS)
    found = (*bad_upstreams, *routing.diagnostics, *limit_diagnostics(model.plans), *trust_diagnostics(model.trust))
    return Snapshot(version, resources, found)


def compile_marks(enforcement: Enforcement) -> Resource:
    """Kind "marks": delivered on its own, in under a second."""
    return filter_configuration(MARKS_KIND, enforcement_filter(enforcement))


def compile_settled(marks: Iterable[GatewayMark]) -> Resource:
    """Kind "settled": the bulk of the marks, delivered rarely."""
    return filter_configuration(SETTLED_KIND, settled_filter(marks))
