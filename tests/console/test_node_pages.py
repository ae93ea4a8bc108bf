"""The nodes' pages tell which node is on another machine, and until when its certificate holds."""

from __future__ import annotations

import pytest
from console_visitor import Visitor
from django.utils import timezone
from django.utils.formats import date_format

from management import Program
from propylon.controlplane.actions import Running, record_confirmation
from propylon.controlplane.models import Enrolment
from propylon.controlplane.node_enrolment import enrol_node
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def test_a_node_on_another_machine_shows_when_its_certificate_ends(operator: Visitor) -> None:
    enrol_node(acting_user=SYSTEM, name="node-2", address="10.0.0.1:8445")
    for name in ("node-1", "node-2"):
        record_confirmation(node=name, running={"cds": Running("c1")})
    assert operator.text("/console/nodes").count("on another machine") == 1
    ends = Enrolment.objects.get().not_after
    page = operator.text("/console/nodes/node-2")
    assert timezone.localtime(ends).strftime("%Y-%m-%d") in page or date_format(ends) in page
    assert "the node renews it a month before" in page
    assert "another machine" not in operator.text("/console/nodes/node-1")
