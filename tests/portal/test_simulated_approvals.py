"""The simulated approval app: pages and management API, for sandbox identities in test environments only."""

from __future__ import annotations

import pytest
from django.utils import timezone

from approvals import question
from management import Program
from portal.my_apps_pages import person
from propylon.applications.models import Application, Client
from propylon.audit.models import Event
from propylon.customers.actions import add_customer
from propylon.customers.models import Approval
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def client(program: Program) -> Client:
    for environment in ("sandbox", "production"):
        for number, name in (("1", "maja"), ("2", "real")):
            add_customer(
                acting_user=SYSTEM,
                environment=environment,
                identity_number=number,
                name=name.title(),
                password="three quiet harbours",
                subject=f"cus_{name}",
                is_sandbox_identity=name == "maja",
            )
    return program.register()[1]


def path(application: Application) -> str:
    return f"/apps/{application.public_id}/approvals"


@pytest.mark.parametrize(
    ("word", "answer", "action"),
    [
        ("approve", "approved", "approval.given"),
        ("deny", "denied", "approval.denied"),
        ("time_out", "", "approval.timed_out"),
    ],
)
def test_the_developer_answers_in_the_customers_place(
    program: Program, client: Client, word: str, answer: str, action: str
) -> None:
    by_page, by_api = (question(client, "cus_maja", message=each) for each in ("By page", "By API"))
    dana = person(program, "developer")
    seen = dana.get(path(client.application))
    assert (seen.status, "By page" in seen.text, "Maja" in seen.text) == (200, True, True)
    assert dana.post(path(client.application), approval=by_page, answer=word).status == 303
    api, there = program.callers["developer"], f"/clients/{client.client_id}/simulated-approvals"
    listed = api.get(there).body["data"]
    assert [(each["id"], each["binding_message"], each["subject"]) for each in listed] == [
        (by_api, "By API", "cus_maja")
    ]
    assert api.post(f"{there}/{by_api}", {"answer": word}).status == 204
    assert api.get(there).body["data"] == []
    for row in Approval.objects.all():
        assert (row.answer, row.expires_at <= timezone.now()) == (answer, word == "time_out")
    events = Event.objects.filter(action=action)
    assert {(each.actor_kind, each.data["simulated"]) for each in events} == {("user", True)}
    assert api.post(f"{there}/{by_api}", {"answer": "deny"}).code == "approval.unknown"
    assert dana.post(path(client.application), approval=by_page, answer="deny").status == 303
    assert events.count() == 2
    assert (
        not Event.objects.filter(action__startswith="approval.").exclude(action__in=[action, "approval.asked"]).exists()
    )


def test_real_customers_and_other_applications_questions_are_not_there(program: Program, client: Client) -> None:
    other = program.register("Other")[1]
    asked = [question(client, "cus_real"), question(other, "cus_maja")]
    api, there = program.callers["developer"], f"/clients/{client.client_id}/simulated-approvals"
    assert api.get(there).body["data"] == []
    dana = person(program, "developer")
    for each in asked:
        assert api.post(f"{there}/{each}", {"answer": "approve"}).status == 404
        assert dana.post(path(client.application), approval=each, answer="approve").status == 303
    assert not Approval.objects.exclude(answer="").exists()


def test_where_people_approve_nothing_is_simulated(program: Program, client: Client) -> None:
    real = program.register("Real", environment=program.production)[1]
    asked = question(real, "cus_maja", environment="production")
    there = f"/clients/{real.client_id}/simulated-approvals"
    for role in ("developer", "operator"):
        api = program.callers[role]
        assert api.get(there).code == "approval.simulation.not_here"
        refused = api.post(f"{there}/{asked}", {"answer": "approve"})
        assert (refused.status, refused.code) == (403, "approval.simulation.not_here")
    dana = person(program, "developer")
    page = dana.get(path(real.application))
    assert (page.status, "simulated-app" in page.html) == (200, False)
    assert dana.post(path(real.application), approval=asked, answer="approve").status == 403
    assert Approval.objects.get().answer == ""


def test_in_a_sandbox_the_developer_allows_it_elsewhere_the_operator(program: Program, client: Client) -> None:
    real = program.register("Real", environment=program.production)[1]
    dana, api = person(program, "developer"), program.callers["developer"]
    assert dana.post(path(client.application), allow="yes").status == 303
    assert "bc-authorize" in dana.get(path(client.application)).text
    assert api("PUT", f"/clients/{client.client_id}/asking-customers", {"is_allowed": False}).body == {
        "is_allowed": False
    }
    assert [each.data["is_allowed"] for each in Event.objects.filter(action="client.asking_customers_set")] == [
        True,
        False,
    ]
    assert dana.post(path(real.application), allow="yes").status == 403
    assert api("PUT", f"/clients/{real.client_id}/asking-customers", {"is_allowed": True}).status == 403
    assert not Client.objects.get(pk=real.pk).may_ask_customers
    operator = program.callers["operator"]
    assert operator("PUT", f"/clients/{real.client_id}/asking-customers", {"is_allowed": True}).status == 200
    assert operator.get(f"/clients/{real.client_id}").body["may_ask_customers"] is True
    spa = program.register("Page", "spa")[1]
    refused = api("PUT", f"/clients/{spa.client_id}/asking-customers", {"is_allowed": True})
    assert (refused.status, refused.code) == (409, "client.asking_customers.not_for_type")
    assert "send their customers to" in dana.get(path(spa.application)).text
