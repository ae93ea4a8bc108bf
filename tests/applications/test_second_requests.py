"""A rejected application asks again: what waits then, who may, and what both sides read."""

from __future__ import annotations

import pytest

from management import Program
from propylon.applications.actions import reject_client
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail


@pytest.fixture
def rejected(program: Program) -> Client:
    _, client, _ = program.register(environment=program.production)
    reject_client(acting_user=SYSTEM, client=client, reason="The redirect URI is a test machine.")
    client.refresh_from_db()
    return client


def history(client: Client) -> list[tuple[str, str]]:
    found = Event.objects.filter(object_id=client.client_id).order_by("pk").values_list("action", "actor_label")
    decided = {"client.requested", "client.requested_again", "client.rejected", "client.approved"}
    return [row for row in found if row[0] in decided]


def test_the_mail_about_a_rejection_says_how_to_ask_again(rejected: Client) -> None:
    mail = Mail.objects.get(subject__contains="rejected")
    assert "The redirect URI is a test machine." in mail.body
    assert f"/apps/{rejected.application.public_id}/request?environment=production" in mail.body


def test_a_rejected_application_is_changed_and_waits_again(program: Program, rejected: Client) -> None:
    developer, operator = program.callers["developer"], program.callers["operator"]
    path = f"/clients/{rejected.client_id}"
    assert developer("PUT", f"{path}/redirect-uris", {"redirect_uris": ["https://real.example/"]}).status == 200
    answer = developer.post(f"{path}/request", {"note": " It is the real machine now. "})
    assert answer.status == 200
    assert (answer.body["status"], answer.body["requests"]) == ("pending", 2)
    assert answer.body["request_note"] == "It is the real machine now."
    assert answer.body["decision_reason"] == "The redirect URI is a test machine."
    waiting = operator.get("/clients?status=pending").body["data"]
    assert [row["client_id"] for row in waiting] == [rejected.client_id]
    assert waiting[0]["requested_at"] > waiting[0]["decided_at"]
    assert operator.post(f"{path}/decision", {"decision": "approve", "seen_status": "pending"}).status == 200
    assert [action for action, _ in history(rejected)] == [
        "client.requested",
        "client.rejected",
        "client.requested_again",
        "client.approved",
    ]
    assert history(rejected)[2][1] == "developer@people.example"
    rejected.refresh_from_db()
    assert (rejected.client_id, bool(rejected.secret_digest)) == (answer.body["client_id"], True)


def test_who_decides_on_an_old_page_decides_nothing(program: Program, rejected: Client) -> None:
    program.callers["developer"].post(f"/clients/{rejected.client_id}/request", {"note": "Mended."})
    late = {"decision": "approve", "seen_status": "rejected"}
    answer = program.callers["operator"].post(f"/clients/{rejected.client_id}/decision", late)
    assert (answer.status, answer.code) == (409, "client.status.changed")


def test_an_operator_decides_also_where_approval_comes_by_itself(program: Program) -> None:
    _, client, _ = program.register()
    reject_client(acting_user=SYSTEM, client=client, reason="Misused.")
    answer = program.callers["developer"].post(f"/clients/{client.client_id}/request", {"note": "Stopped it."})
    assert answer.body["status"] == "pending"
    client.refresh_from_db()
    assert client.secret_digest == ""


@pytest.mark.parametrize("note", ["", "  ", "bell \a"])
def test_a_note_is_needed_and_nothing_happens_without(program: Program, rejected: Client, note: str) -> None:
    answer = program.callers["developer"].post(f"/clients/{rejected.client_id}/request", {"note": note})
    assert (answer.status, answer.code, answer.fields) == (400, "client.request.invalid", {"note"})
    rejected.refresh_from_db()
    assert (rejected.status, rejected.requests) == ("rejected", 1)


def test_only_what_was_rejected_asks_again(program: Program, rejected: Client) -> None:
    developer, path = program.callers["developer"], f"/clients/{rejected.client_id}/request"
    assert developer.post(path, {"note": "Mended."}).status == 200
    again = developer.post(path, {"note": "Mended."})
    assert (again.status, again.code) == (409, "client.request.not_rejected")
    rejected.refresh_from_db()
    assert rejected.requests == 2
