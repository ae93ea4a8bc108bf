"""What was compiled, offered and confirmed, and when a node counts as current."""

from __future__ import annotations

import pytest
from django.utils import timezone

from propylon.controlplane.actions import (
    Running,
    record_confirmation,
    record_failure,
    record_marks_offer,
    record_revision,
    record_settlement,
    settle,
)
from propylon.controlplane.models import NodeResource, Revision
from propylon.controlplane.schemas import node_out
from propylon.controlplane.selectors import is_node_current, live_revision, nodes, offers
from propylon.gateway.snapshot import CONFIGURATION_KINDS, MARKS_KIND, SETTLED_KIND, Diagnostic, Resource, Snapshot

pytestmark = pytest.mark.django_db


def snapshot(version: str, diagnostics: tuple[Diagnostic, ...] = ()) -> Snapshot:
    resources = {kind: Resource(kind, f"{kind}-{version}", "{}") for kind in CONFIGURATION_KINDS}
    return Snapshot(version, resources, diagnostics)


def confirm(version: str, *, marks: str = "m1", rejection: str = "") -> None:
    running = {kind: Running(f"{kind}-{version}") for kind in CONFIGURATION_KINDS}
    running["rds"] = Running(f"rds-{version}", rejection)
    record_confirmation(node="node-1", running={**running, MARKS_KIND: Running(marks), SETTLED_KIND: Running("s1")})


def test_a_node_is_current_when_envoy_runs_every_kind_that_is_offered_marks_too() -> None:
    assert not is_node_current("node-1")
    record_marks_offer(resource=Resource(MARKS_KIND, "m1", "{}"))
    record_confirmation(node="node-1", running={MARKS_KIND: Running("m1")})
    assert not is_node_current("node-1")  # no configuration yet
    record_revision(snapshot=snapshot("1"))
    assert not is_node_current("node-1")
    confirm("1")
    assert is_node_current("node-1")
    record_marks_offer(resource=Resource(MARKS_KIND, "m2", "{}"))
    assert not is_node_current("node-1")
    confirm("1", marks="m2")
    assert is_node_current("node-1")
    assert not is_node_current("node-2")


def test_a_revision_that_comes_back_is_the_live_one_again_and_recorded_once() -> None:
    for version in ("1", "2", "1"):
        record_revision(snapshot=snapshot(version))
    assert Revision.objects.count() == 2
    live = live_revision()
    assert live is not None
    assert live.version == "1"
    assert {version for version, _ in offers().values()} == {f"{kind}-1" for kind in CONFIGURATION_KINDS}


def test_a_failed_compilation_is_recorded_once_and_never_live() -> None:
    record_revision(snapshot=snapshot("1"))
    for _ in range(2):
        record_failure(place="configuration", code="controlplane.compilation.failed", message="ValueError: no")
    live = live_revision()
    assert live is not None
    assert live.version == "1"
    failed = Revision.objects.get(published_at=None)
    assert failed.diagnostics[0]["message"] == "ValueError: no"


def test_diagnostics_of_a_snapshot_stay_with_its_revision() -> None:
    record_revision(snapshot=snapshot("1", (Diagnostic("products/x", "gateway.x", "left out"),)))
    assert Revision.objects.get().diagnostics == [{"place": "products/x", "code": "gateway.x", "message": "left out"}]


def test_a_rejection_keeps_the_age_of_what_runs_and_shows_how_far_behind_the_node_is() -> None:
    record_revision(snapshot=snapshot("1"))
    record_marks_offer(resource=Resource(MARKS_KIND, "m1", "{}"))
    confirm("1")
    first = NodeResource.objects.get(kind="rds").confirmed_at
    record_revision(snapshot=snapshot("2"))
    confirm("1", rejection="no such filter")
    row = NodeResource.objects.get(kind="rds")
    assert (row.version, row.rejection, row.confirmed_at) == ("rds-1", "no such filter", first)
    shown = {it.kind: it for it in node_out(nodes().get(), offers(), {}).resources}
    assert not shown["rds"].is_current
    assert shown["rds"].behind_seconds >= 0
    assert shown[MARKS_KIND].is_current
    confirm("2")
    assert NodeResource.objects.get(kind="rds").confirmed_at > first


def test_the_api_tells_when_the_certificate_of_a_node_on_another_machine_ends() -> None:
    confirm("1")
    name, ends = nodes().get().name, timezone.now()
    assert node_out(nodes().get(), offers(), {}).certificate_ends_at is None
    assert node_out(nodes().get(), offers(), {name: ends, "node-9": ends}).certificate_ends_at == ends


def marks_of_node() -> dict[str, int | None]:
    return dict(NodeResource.objects.filter(marks__isnull=False).values_list("kind", "marks"))


def test_a_node_says_how_many_marks_it_enforces_in_both_layers() -> None:
    record_settlement(number=settle().number, resource=Resource(SETTLED_KIND, "s1", "{}"), marks=9_000)
    record_marks_offer(resource=Resource(MARKS_KIND, "m1", "{}"), marks=3)
    confirm("1")
    assert marks_of_node() == {MARKS_KIND: 3, SETTLED_KIND: 9_000}
    record_marks_offer(resource=Resource(MARKS_KIND, "m2", "{}"), marks=4)
    confirm("1")
    assert marks_of_node() == {SETTLED_KIND: 9_000}, "it does not run what is on offer, and what it runs is not known"
    confirm("1", marks="m2")
    assert marks_of_node() == {MARKS_KIND: 4, SETTLED_KIND: 9_000}
