"""Test certificates with roles of PSD2 by page (FEATURES C8): chosen with the order, shown with the certificate."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from foreign_authority import ForeignAuthority
from management import Program
from portal.my_apps_pages import Visitor, person
from propylon.applications.models import Application
from propylon.catalog.models import Environment
from propylon.certificates.actions import add_trust_anchors, ensure_authorities, set_revocations
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "usage"])


@pytest.fixture
def dana(program: Program) -> Visitor:
    return person(program, "developer")


def at(application: Application, page: str = "") -> str:
    return f"/apps/{application.public_id}{page}"


@pytest.fixture
def server(program: Program) -> Application:
    ensure_authorities(acting_user=SYSTEM)
    application, _, _ = program.register("Roles", "server")
    return application


def test_roles_are_chosen_with_the_order_and_shown_with_the_certificate(server: Application, dana: Visitor) -> None:
    place = at(server, "/certificates")
    assert 'value="PSP_IC"' in dana.get(place).html
    assert dana.post(place, key="program", psd2_roles=["PSP_AI", "PSP_PI"]).status == 303
    certificate = Certificate.objects.get()
    assert certificate.psd2_roles == ["PSP_PI", "PSP_AI"]
    assert "PSP_PI, PSP_AI" in dana.get(place).text
    assert "PSP_PI, PSP_AI" in dana.get(at(server, f"/certificates/{certificate.public_id}")).text


def test_a_role_that_there_is_not_orders_nothing(server: Application, dana: Visitor) -> None:
    assert dana.post(at(server, "/certificates"), key="program", psd2_roles=["PSP_XX"]).status == 400
    assert not Certificate.objects.exists()


def test_outside_a_sandbox_there_is_no_choice(server: Application, dana: Visitor) -> None:
    Environment.objects.update(approves_by_itself=False)
    place = at(server, "/certificates")
    assert 'value="PSP_IC"' not in dana.get(place).html
    assert dana.post(place, key="program", psd2_roles=["PSP_AI"]).status == 303
    assert not Certificate.objects.exists(), "an ordinary order waits for the operator"
    assert server.clients.get().certificate_orders.get().psd2_roles == []


def test_a_certificate_is_brought_by_page_and_told_what_is_wrong_with_it(server: Application, dana: Visitor) -> None:
    foreign = ForeignAuthority("Trust Service AG Web CA")
    anchor = add_trust_anchors(acting_user=SYSTEM, data=foreign.pem.encode()).anchors[0]
    set_revocations(acting_user=SYSTEM, anchor=anchor, data=foreign.crl())
    place = at(server, "/certificates")
    wrong = dana.post(place, certificate=foreign.issue("svcOtherV01")[0])
    assert wrong.status == 400
    assert "The common name must be the service account" in wrong.text
    assert dana.post(place, certificate="").status == 400
    assert not Certificate.objects.exists()
    mine, _ = foreign.issue(server.clients.get().service_account.name)
    assert dana.post(place, certificate=mine).status == 303
    assert Certificate.objects.get().is_own
    file = SimpleUploadedFile("mine.pem", foreign.issue(server.clients.get().service_account.name)[0].encode())
    assert dana.post(place, certificate="", certificate_file=file).status == 303
    assert Certificate.objects.count() == 2
