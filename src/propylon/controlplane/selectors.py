"""Loading the whole gateway model, and looking up what the nodes run."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from propylon.applications.selectors import client_source_ranges
from propylon.authserver.selectors import public_jwks
from propylon.catalog.selectors import (
    gateway_environments,
    gateway_plans,
    gateway_upstreams,
    publications_for_gateway,
)
from propylon.certificates.selectors import gateway_trust
from propylon.controlplane.models import Node, NodeResource, Offer, Revision
from propylon.gateway.marks import Enforcement
from propylon.gateway.model import GatewayModel, Listeners, Sockets
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND
from propylon.marks.selectors import live_marks


def gateway_model() -> GatewayModel:
    """All that the compiler takes, read from the rooms."""
    return GatewayModel(
        listeners=Listeners(
            address=settings.PROPYLON_LISTEN_ADDRESS,
            public_port=settings.PROPYLON_PUBLIC_PORT,
            mutual_port=settings.PROPYLON_MUTUAL_PORT,
            public_url=settings.PROPYLON_PUBLIC_URL,
            mutual_url=settings.PROPYLON_MUTUAL_URL,
        ),
        sockets=Sockets(web=str(settings.PROPYLON_HOME.web_socket)),
        environments=gateway_environments(settings.PROPYLON_PUBLIC_URL),
        publications=publications_for_gateway(),
        upstreams=gateway_upstreams(),
        plans=gateway_plans(),
        trust=gateway_trust(),
        jwks=public_jwks(),
    )


def enforcement() -> Enforcement:
    """What is refused at once, and from where each client may call."""
    return Enforcement(marks=live_marks(), source_ranges=client_source_ranges())


def offers() -> dict[str, tuple[str, datetime]]:
    """kind: (version that nodes are to run, since when)."""
    return {offer.kind: (offer.version, offer.since) for offer in Offer.objects.all()}


def is_node_current(node: str = "") -> bool:
    """Does the node (ours, unless named) run exactly what is offered, by Envoy's own account?"""
    wanted = dict(Offer.objects.values_list("kind", "version"))
    running = dict(
        NodeResource.objects.filter(node__name=node or settings.PROPYLON_NODE).values_list("kind", "version")
    )
    is_complete = wanted.keys() >= {*CONFIGURATION_KINDS, MARKS_KIND}
    return is_complete and all(running.get(kind) == version for kind, version in wanted.items())


def revisions() -> QuerySet[Revision]:
    return Revision.objects.all()


def live_revision() -> Revision | None:
    """The revision that was offered last."""
    return Revision.objects.exclude(published_at=None).order_by("-published_at", "-pk").first()


def nodes() -> QuerySet[Node]:
    return Node.objects.prefetch_related("resources")
