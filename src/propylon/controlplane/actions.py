"""Recording what was compiled, offered and confirmed.

These rows are the machine's own state, not deeds of somebody: no audit row, which would ring the bell again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from django.db import transaction
from django.utils import timezone

from propylon.controlplane.models import Node, NodeResource, Offer, Revision, Settlement
from propylon.gateway.marks import GatewayMark
from propylon.gateway.snapshot import MARKS_KIND, SETTLED_KIND, Resource, Snapshot
from propylon.marks.actions import settle_marks

_LONGEST_REJECTION = 4_000
_SETTLEMENTS_KEPT = 100


@dataclass(frozen=True, slots=True)
class Running:
    """What a node reports of one kind: the version in force, and Envoy's words if it refused a newer one."""

    version: str
    rejection: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement and all that it holds."""

    number: int
    marks: tuple[GatewayMark, ...]


@transaction.atomic
def record_revision(*, snapshot: Snapshot) -> None:
    """The snapshot is offered from now on."""
    now = timezone.now()
    versions = {kind: resource.version for kind, resource in snapshot.resources.items()}
    diagnostics = [asdict(diagnostic) for diagnostic in snapshot.diagnostics]
    Revision.objects.update_or_create(
        version=snapshot.version,
        defaults={"published_at": now, "resources": versions, "diagnostics": diagnostics},
        create_defaults={
            "created_at": now,
            "published_at": now,
            "resources": versions,
            "diagnostics": diagnostics,
        },
    )
    _record_offers(snapshot.resources.values())


@transaction.atomic
def settle() -> Settled:
    """Allot the next number and take all live marks under it.

    The lock on the latest row keeps settlements one after the other, should there ever be two workers.
    """
    Settlement.objects.select_for_update().order_by("-pk").first()
    number = Settlement.objects.create(made_at=timezone.now()).pk
    return Settled(number, settle_marks(number=number))


@transaction.atomic
def record_settlement(*, number: int, resource: Resource, marks: int | None = None) -> None:
    """From now on a node that confirms this version is known to hold the settlement. Call it before the offer."""
    Settlement.objects.filter(pk=number).update(version=resource.version, marks=marks)
    Settlement.objects.filter(pk__lt=number - _SETTLEMENTS_KEPT).delete()  # whoever runs one of these gets all marks
    _record_offers([resource], marks)


@transaction.atomic
def record_marks_offer(*, resource: Resource, marks: int | None = None) -> None:
    """`marks`: how many it holds."""
    _record_offers([resource], marks)


def record_failure(*, place: str, code: str, message: str) -> None:
    """An attempt that gave no snapshot; the last good one goes on."""
    name = "failed-" + hashlib.sha256(f"{place}\0{code}\0{message}".encode()).hexdigest()[:32]
    diagnostic = {"place": place, "code": code, "message": message}
    Revision.objects.get_or_create(version=name, defaults={"created_at": timezone.now(), "diagnostics": [diagnostic]})


@transaction.atomic
def record_confirmation(*, node: str, running: Mapping[str, Running]) -> None:
    """What the node runs now, as Envoy itself reports it."""
    now = timezone.now()
    known, _ = Node.objects.update_or_create(
        name=node, defaults={"last_seen_at": now}, create_defaults={"first_seen_at": now, "last_seen_at": now}
    )
    before = {resource.kind: resource for resource in known.resources.all()}
    for kind, report in running.items():
        rejection, marks = report.rejection[:_LONGEST_REJECTION], _marks_in(kind, report.version)
        stored = before.get(kind)
        if stored is None:
            NodeResource.objects.create(
                node=known, kind=kind, version=report.version, confirmed_at=now, rejection=rejection, marks=marks
            )
        elif (stored.version, stored.rejection, stored.marks) != (report.version, rejection, marks):
            if stored.version != report.version:
                stored.confirmed_at = now
            stored.version, stored.rejection, stored.marks = report.version, rejection, marks
            stored.save(update_fields=["version", "rejection", "confirmed_at", "marks"])


def _marks_in(kind: str, version: str) -> int | None:
    """How many marks the version of a layer holds; None while another one is on offer, which the node takes up soon."""
    if kind == SETTLED_KIND:
        rows = Settlement.objects.filter(version=version).order_by("-pk").values_list("marks", flat=True)
        return rows.first()
    if kind == MARKS_KIND:
        return Offer.objects.filter(kind=kind, version=version).values_list("marks", flat=True).first()
    return None


def _record_offers(resources: Iterable[Resource], marks: int | None = None) -> None:
    now = timezone.now()
    before = dict(Offer.objects.values_list("kind", "version"))
    for resource in resources:
        if before.get(resource.kind) != resource.version:
            Offer.objects.update_or_create(
                kind=resource.kind, defaults={"version": resource.version, "since": now, "marks": marks}
            )
