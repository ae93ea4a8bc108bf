"""The operator gives a client another plan: told, in the history, and in the tokens from then on."""

from __future__ import annotations

import pytest

from management import Program
from portal.my_apps_pages import person
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.authserver.selectors import client_record
from propylon.catalog.actions import create_plan
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def client(program: Program) -> Client:
    create_plan(acting_user=SYSTEM, name="gold", title="Gold", requests_per_second=90, burst=120)
    return program.register()[1]


def test_a_plan_given_by_the_api_is_told_and_carried_by_the_next_token(program: Program, client: Client) -> None:
    answer = program.callers["operator"]("PUT", f"/clients/{client.client_id}/plan", {"plan": "gold"})
    assert (answer.status, answer.body["plan"]) == (200, "gold")
    record = client_record(client.client_id)
    assert record is not None
    assert record.plan == "gold", "what the token endpoint writes into the next token"
    event = Event.objects.get(action="client.plan_given")
    assert (event.actor_label, event.data["before"], event.data["after"]) == (
        "operator@people.example",
        "standard",
        "gold",
    )
    mail = Mail.objects.get(subject__contains="plan Gold")
    assert f"/apps/{client.application.public_id}?environment=sandbox" in mail.body
    shown = person(program, "developer").get(f"/apps/{client.application.public_id}")
    assert "Gold" in shown.text
    assert "90 calls a second, and up to 120 at once" in shown.text
    again = program.callers["operator"]("PUT", f"/clients/{client.client_id}/plan", {"plan": "gold"})
    assert again.status == 200
    assert Event.objects.filter(action="client.plan_given").count() == 1, "the same once more is no change"


def test_an_unknown_plan_changes_nothing(program: Program, client: Client) -> None:
    answer = program.callers["operator"]("PUT", f"/clients/{client.client_id}/plan", {"plan": "platinum"})
    assert (answer.status, answer.code) == (404, "catalog.plan.unknown")
    client.refresh_from_db()
    assert client.plan.name == "standard"


def test_the_console_gives_it_by_a_page(program: Program, client: Client) -> None:
    otto, page = person(program, "operator"), f"/console/clients/{client.client_id}/plan"
    assert page in otto.get(f"/console/applications/{client.application.public_id}").html
    assert "90 calls a second" in otto.get(page).text
    assert otto.post(page, plan="platinum").status == 400
    seen = otto.post(page, plan="gold")
    assert (seen.status, seen.location.partition("#")[2]) == (303, client.client_id)
    client.refresh_from_db()
    assert client.plan.name == "gold"
    dana = person(program, "developer")
    assert "Another plan given" in dana.get(f"/apps/{client.application.public_id}/history").text
