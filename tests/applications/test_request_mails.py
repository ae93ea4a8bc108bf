"""Mails of requests and decisions: to those who act, in their language, each with one link to where one acts."""

from __future__ import annotations

import re

import pytest

from management import Program
from propylon.accounts.models import User
from propylon.applications.actions import approve_client, ask_again, reject_client
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(program: Program) -> Client:
    _, client, _ = program.register(environment=program.production)
    client.refresh_from_db()
    return client


def links(mail: Mail) -> list[str]:
    return [address.partition("//")[2].partition("/")[2] for address in re.findall(r"https?://\S+", mail.body)]


def waiting_mails() -> list[Mail]:
    return list(Mail.objects.filter(subject__contains="waits for a decision").order_by("to"))


def test_who_decides_has_a_mail_for_each_request(client: Client) -> None:
    found = waiting_mails()
    assert [mail.to for mail in found] == ["operator@people.example", "security_officer@people.example"]
    assert all(links(mail) == [f"console/clients/{client.client_id}/decision"] for mail in found)
    reject_client(acting_user=SYSTEM, client=client, reason="Who are you?")
    ask_again(acting_user=SYSTEM, client=client, note="We are the shop.")
    again = waiting_mails()
    assert len(again) == 4
    assert sum("asks again" in mail.body and "We are the shop." in mail.body for mail in again) == 2


def test_where_nobody_decides_nobody_is_asked(program: Program) -> None:
    program.register()
    assert not Mail.objects.exists()


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_decision_leads_to_the_application(client: Client, decision: str) -> None:
    page = f"apps/{client.application.public_id}"
    if decision == "approve":
        approve_client(acting_user=SYSTEM, client=client)
    else:
        reject_client(acting_user=SYSTEM, client=client, reason="No.")
        page += "/request"
    assert links(Mail.objects.get(to="team@partner.example")) == [f"{page}?environment=production"]


def test_the_contact_reads_in_the_own_language(program: Program, client: Client) -> None:
    User.objects.filter(email="developer@people.example").update(language="sv")
    client.application.contact_email = "developer@people.example"
    client.application.save()
    approve_client(acting_user=SYSTEM, client=client)
    assert Mail.objects.get(to="developer@people.example").body.startswith("Hej")


def test_the_sandbox_decides_as_the_system(program: Program) -> None:
    _, client, _ = program.register()
    event = Event.objects.get(action="client.approved", object_id=client.client_id)
    assert (event.actor_kind, event.data["reason"]) == ("system", "automatically, by the sandbox's rule")
