"""Each environment's tab tells of its own environment, and always says the next step."""

from __future__ import annotations

import uuid

import pytest
from django.utils import timezone

from management import Program
from portal.my_apps_pages import Seen, Visitor, person
from propylon.applications.actions import add_client, approve_client, reject_client
from propylon.applications.models import Application, Client
from propylon.applications.plan_client import ClientWish
from propylon.kernel.actor import SYSTEM
from propylon.usage.last_calls import last_call_in
from propylon.usage.models import CallRecord

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def dana(program: Program) -> Visitor:
    return person(program, "developer")


@pytest.fixture
def ledger(program: Program) -> Application:
    return program.register("Ledger")[0]


@pytest.fixture
def production(program: Program, ledger: Application) -> Client:
    wish = ClientWish(type="web", redirect_uris=["https://shop.example/"], products=["accounts"])
    return add_client(acting_user=SYSTEM, application=ledger, environment=program.production, wish=wish)[0]


def call(application: Application, environment: str) -> None:
    CallRecord.objects.create(
        tracking_id=str(uuid.uuid4()),
        at=timezone.now(),
        node="node-1",
        listener="public",
        environment=environment,
        method="GET",
        path="/",
        status=200,
        application_id=application.public_id,
        duration_ms=1,
    )


def overview(dana: Visitor, client: Client) -> Seen:
    return dana.get(f"/apps/{client.application.public_id}", environment=client.environment.name)


def step_titles(seen: Seen) -> list[str]:
    return [step.title for step in seen.context["steps"]]


def test_calls_of_the_sandbox_say_nothing_about_production(dana: Visitor, production: Client) -> None:
    call(production.application, "sandbox")
    waiting = overview(dana, production)
    assert step_titles(waiting) == ["Wait for the approval", "Take the keys", "Make the first call"]
    assert not any(step.is_done for step in waiting.context["steps"])
    assert not any(step.address for step in waiting.context["steps"]), "there are no keys, and nothing to call with"
    assert "None yet" in waiting.text
    assert waiting.context["calls"] == []


def test_after_the_approval_the_steps_lead_through_production(dana: Visitor, production: Client) -> None:
    call(production.application, "sandbox")
    approve_client(acting_user=SYSTEM, client=production)
    approved = overview(dana, production)
    assert step_titles(approved) == ["Take the keys", "Make the first call"]
    keys, first = approved.context["steps"]
    assert keys.address.endswith("?environment=production")
    assert f"?app={production.client_id}#samples" in first.address
    chosen = dana.browser.get(first.address.partition("#")[0], follow=True).content.decode()
    assert "filled in for Ledger in Production" in " ".join(chosen.split())

    call(production.application, "production")
    assert step_titles(overview(dana, production)) == ["Watch its calls"]


def test_once_it_calls_in_the_sandbox_production_is_next(dana: Visitor, ledger: Application) -> None:
    assert "Make the first call" in step_titles(dana.get(f"/apps/{ledger.public_id}"))
    call(ledger, "sandbox")
    seen = dana.get(f"/apps/{ledger.public_id}")
    assert step_titles(seen) == ["Ask for Production"]
    assert seen.context["steps"][0].address == f"/apps/{ledger.public_id}/environments/new"


def test_adding_an_environment_keeps_those_that_there_are_in_sight(dana: Visitor, ledger: Application) -> None:
    seen = dana.get(f"/apps/{ledger.public_id}/environments/new")
    assert [place.client.environment.name for place in seen.context["page_of"].places] == ["sandbox"]
    assert 'class="segments"' in seen.html
    assert not any(place.is_current for place in seen.context["page_of"].places)


@pytest.mark.parametrize("tab", ["settings", "subscriptions", "source-ranges"])
def test_where_a_rejected_app_is_changed_it_is_led_back_to_asking_again(
    program: Program, dana: Visitor, production: Client, tab: str
) -> None:
    reject_client(acting_user=SYSTEM, client=production, reason="The address is a test machine.")
    page = f"/apps/{production.application.public_id}"
    there = f"{page}/request?environment=production"
    assert there in dana.get(f"{page}/{tab}", environment="production").html
    assert there not in dana.get(f"{page}/{tab}").html
    assert there not in person(program, "auditor").get(f"{page}/{tab}", environment="production").html


def test_what_is_changed_of_a_rejected_app_is_not_called_in_force(dana: Visitor, production: Client) -> None:
    page = f"/apps/{production.application.public_id}/settings?environment=production"
    sent = {"redirect_uris": "https://shop.example/back", "set_redirect_uris": "1"}
    dana.post(page, **sent)
    assert "It is in force once the operator has approved." in dana.get(page).text
    reject_client(acting_user=SYSTEM, client=production, reason="No.")
    dana.post(page, **sent)
    assert "The change is stored. Ask again now" in dana.get(page).text


def test_the_last_call_is_found_however_many_went_elsewhere(ledger: Application) -> None:
    call(ledger, "production")
    for _ in range(120):
        call(ledger, "sandbox")
    found = last_call_in(ledger.public_id, "production")
    assert found == CallRecord.objects.get(environment="production").at
    assert last_call_in(ledger.public_id, "nowhere") is None
