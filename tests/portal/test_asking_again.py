"""Asking again by page, and how the queue shows it."""

from __future__ import annotations

import pytest

from management import Program
from portal.my_apps_pages import person
from propylon.applications.actions import reject_client
from propylon.applications.models import Client
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HOSTILE = "<script>alert(1)</script>"


@pytest.fixture
def rejected(program: Program) -> Client:
    _, client, _ = program.register(environment=program.production)
    reject_client(acting_user=SYSTEM, client=client, reason="The redirect URI is a test machine.")
    return client


def test_a_rejected_application_leads_to_asking_again_and_the_queue_says_so(program: Program, rejected: Client) -> None:
    dana, otto = person(program, "developer"), person(program, "operator")
    overview, page = f"/apps/{rejected.application.public_id}", f"/apps/{rejected.application.public_id}/request"
    assert page in dana.get(overview).html
    assert page not in person(program, "auditor").get(overview).html
    assert "The redirect URI is a test machine." in dana.get(page).text
    assert "Asked again" not in otto.get("/console").text
    assert dana.post(page, note=f"Mended {HOSTILE}").location == overview
    seen = dana.get(overview)
    assert "The operator decides about Production once more." in seen.text
    assert "Requested again" in seen.text
    assert HOSTILE not in seen.html
    assert "Asked again" in otto.get("/console").text
    decision = otto.get(f"/console/clients/{rejected.client_id}/decision")
    assert "Mended &lt;script&gt;" in decision.html
    assert "The redirect URI is a test machine." in decision.text
    assert "Mended" in dana.get(f"{overview}/history").text


def test_the_form_speaks_the_language_of_its_reader(program: Program, rejected: Client) -> None:
    page = f"/apps/{rejected.application.public_id}/request"
    answer = person(program, "developer").browser.get(page, headers={"accept-language": "sv"})
    assert "Vad som har ändrats" in answer.content.decode()


def test_a_request_without_a_note_is_refused_at_its_field(program: Program, rejected: Client) -> None:
    page = f"/apps/{rejected.application.public_id}/request"
    assert person(program, "developer").post(page, note="  ").status == 400
    rejected.refresh_from_db()
    assert (rejected.status, rejected.requests) == ("rejected", 1)


def test_what_was_not_rejected_has_no_form(program: Program) -> None:
    application, client, _ = program.register()
    dana, page = person(program, "developer"), f"/apps/{application.public_id}/request"
    assert "Only a rejected request" in dana.get(page).text
    assert dana.post(page, note="Please").status == 400
    client.refresh_from_db()
    assert client.status == "approved"
