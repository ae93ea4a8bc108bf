"""The marks' page: every kind has words, what can be lifted has a button, each node says how many it enforces."""

from __future__ import annotations

from datetime import timedelta

import pytest
from console_visitor import Visitor
from django.utils import timezone

from management import Program
from propylon.audit.models import Event
from propylon.console.gateway.forms import KIND_TITLES, KIND_WORDS
from propylon.controlplane.models import Node, NodeResource
from propylon.gateway.marks import LIFTED_KINDS, MARK_KINDS
from propylon.kernel.actor import SYSTEM
from propylon.marks.actions import place_mark
from propylon.marks.models import Mark

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
LIST = "/console/marks"


@pytest.fixture
def officer(program: Program) -> Visitor:
    return Visitor(program.people["security_officer"])


def marked(kind: str, value: str) -> None:
    place_mark(acting_user=SYSTEM, kind=kind, value=value, reason="because", lifetime=timedelta(hours=2))


def test_every_kind_has_its_words() -> None:
    assert set(KIND_TITLES) == set(MARK_KINDS)
    assert set(KIND_WORDS) <= set(MARK_KINDS)


def test_each_kind_is_counted_and_what_can_be_lifted_has_a_way(program: Program, officer: Visitor) -> None:
    for kind in MARK_KINDS:
        marked(kind, "accounts" if kind == "product" else f"a-{kind}")
    text = officer.text(LIST)
    for kind in LIFTED_KINDS:
        place = "/console/kill-switches" if kind in {"product", "environment", "organization"} else LIST
        value = "accounts" if kind == "product" else f"a-{kind}"
        assert f"{place}/{kind}/{value}" in text
    assert f"{LIST}/token/" not in text
    assert "Quota of the month" in text
    assert f"{LIST}/subject/" not in Visitor(program.people["auditor"]).text(LIST)


def test_a_mark_is_lifted_with_a_reason(officer: Visitor) -> None:
    marked("quota_day", "client-1")
    page = f"{LIST}/quota_day/client-1"
    assert "If its quota is still spent" in officer.text(page)
    assert officer.post(page, {"reason": " "}).status_code == 400
    assert Mark.objects.exists()
    assert officer.post(page, {"reason": "raised by contract"}).status_code == 303
    assert not Mark.objects.exists()
    assert Event.objects.get(action="mark.lifted").data["reason"] == "raised by contract"
    officer.text(page, 404)


def test_a_revocation_is_not_taken_back(officer: Visitor) -> None:
    marked("token", "jti-1")
    officer.text(f"{LIST}/token/jti-1", 404)
    assert officer.post(f"{LIST}/token/jti-1", {"reason": "oops"}).status_code == 404
    assert Mark.objects.exists()


def test_a_customer_is_blocked_until_the_mark_is_lifted(officer: Visitor) -> None:
    sent = {"kind": "subject", "value": "customer/1", "hours": "1", "reason": "stolen telephone"}
    assert officer.post(f"{LIST}/new", sent).status_code == 303
    assert Mark.objects.get().expires_at > timezone.now() + timedelta(days=1_000)
    text = officer.text(LIST)
    assert "when it is lifted" in text
    assert officer.post(f"{LIST}/subject/customer/1", {"reason": "found again"}).status_code == 303


def test_each_node_shows_how_many_marks_it_enforces_and_since_when(officer: Visitor) -> None:
    now = timezone.now()
    node = Node.objects.create(name="node-1", first_seen_at=now, last_seen_at=now)
    for kind, marks in (("marks", 12), ("settled", 10_034), ("lds", None)):
        NodeResource.objects.create(node=node, kind=kind, version=f"{kind}-1", confirmed_at=now, marks=marks)
    text = officer.text("/console/nodes")
    assert "12 recent" in text
    assert "10,034 settled" in text
    assert "10,034 marks" in officer.text("/console/nodes/node-1")
