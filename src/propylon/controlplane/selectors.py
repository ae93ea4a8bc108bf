"""Loading the whole gateway model, and looking up what the nodes run."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from propylon.audit.bell import SILENT_OBJECTS
from propylon.audit.models import Event
from propylon.authserver.nonces import nonce_key
from propylon.authserver.selectors import public_jwks
from propylon.catalog.selectors import (
    gateway_environments,
    gateway_plans,
    gateway_upstreams,
    publications_for_gateway,
)
from propylon.certificates.selectors import gateway_trust
from propylon.controlplane.models import Node, NodeResource, Offer, Revision, Settlement
from propylon.gateway.layers import NodeReport
from propylon.gateway.model import GatewayModel, Listeners, Sockets
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND, SETTLED_KIND
from propylon.kernel.errors import Kind, PropylonError


def gateway_model() -> GatewayModel:
    """All that the compiler takes, read from the rooms."""
    return GatewayModel(
        listeners=Listeners(
            address=settings.PROPYLON_LISTEN_ADDRESS,
            public_port=settings.PROPYLON_PUBLIC_PORT,
            mutual_port=settings.PROPYLON_MUTUAL_PORT,
            public_url=settings.PROPYLON_PUBLIC_URL,
            mutual_url=settings.PROPYLON_MUTUAL_URL,
            issuer_url=settings.PROPYLON_ISSUER_URL,
            issuer_mutual_url=settings.PROPYLON_ISSUER_MUTUAL_URL,
            http3=settings.PROPYLON_HTTP3,
        ),
        sockets=Sockets(web=str(settings.PROPYLON_HOME.web_socket)),
        environments=gateway_environments(),
        publications=publications_for_gateway(),
        upstreams=gateway_upstreams(),
        plans=gateway_plans(),
        trust=gateway_trust(),
        jwks=public_jwks(),
        traces=settings.PROPYLON_TRACES,
        authorization_aliases=tuple(sorted(settings.PROPYLON_OAUTH_ALIASES)),
        nonce_key=nonce_key().hex(),
    )


def settlement_numbers() -> dict[str, int]:
    """Settled version to the number of the latest settlement that it was made for."""
    return dict(Settlement.objects.exclude(version="").order_by("pk").values_list("version", "pk"))


def settled_on_nodes() -> list[NodeReport]:
    """What each known node runs of the settled marks."""
    now = timezone.now()
    running = dict(NodeResource.objects.filter(kind=SETTLED_KIND).values_list("node_id", "version"))
    return [NodeReport(running.get(node.pk, ""), (now - node.last_seen_at).total_seconds()) for node in nodes()]


def offers() -> dict[str, tuple[str, datetime]]:
    """kind: (version that nodes are to run, since when)."""
    return {offer.kind: (offer.version, offer.since) for offer in Offer.objects.all()}


def is_node_current(node: str = "") -> bool:
    """Does the node (ours, unless named) run exactly what is offered, by Envoy's own account?

    Of the settled marks any version will do: the recent ones are made for what the node runs (propylon.gateway.layers).
    """
    wanted = dict(Offer.objects.values_list("kind", "version"))
    running = dict(
        NodeResource.objects.filter(node__name=node or settings.PROPYLON_NODE).values_list("kind", "version")
    )
    exact = (*CONFIGURATION_KINDS, MARKS_KIND)
    is_exact = all(kind in wanted and running.get(kind) == wanted[kind] for kind in exact)
    return is_exact and bool(running.get(SETTLED_KIND))


def revisions() -> QuerySet[Revision]:
    return Revision.objects.all()


def live_revision() -> Revision | None:
    """The revision that was offered last."""
    return Revision.objects.exclude(published_at=None).order_by("-published_at", "-pk").first()


def nodes() -> QuerySet[Node]:
    return Node.objects.prefetch_related("resources")


def node_named(name: str) -> Node:
    """Raises `gateway.node.unknown`."""
    found = nodes().filter(name=name).first()
    if found is None:
        raise PropylonError("gateway.node.unknown", "No node of this name has reported itself.", kind=Kind.NOT_FOUND)
    return found


def revision_named(version: str) -> Revision:
    """Raises `gateway.revision.unknown`."""
    found = Revision.objects.filter(version=version).first()
    if found is None:
        raise PropylonError("gateway.revision.unknown", "There is no such revision.", kind=Kind.NOT_FOUND)
    return found


def revision_before(revision: Revision) -> Revision | None:
    """The last one that was compiled before it and could be offered."""
    return Revision.objects.filter(pk__lt=revision.pk).exclude(published_at=None).order_by("-pk").first()


def events_behind(revision: Revision) -> QuerySet[Event]:
    """What people did since the revision before it: this is why it differs. Newest first."""
    before = Revision.objects.filter(pk__lt=revision.pk).order_by("-pk").first()
    found = Event.objects.filter(at__lte=revision.created_at).exclude(object_kind__in=(*SILENT_OBJECTS, "mark"))
    return (found.filter(at__gt=before.created_at) if before else found).order_by("-pk")
