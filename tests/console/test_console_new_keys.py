"""Requests for new keys in the console: in the queue, decided once, the old secret ended early (FEATURES A3)."""

from __future__ import annotations

import pytest
from console_visitor import Visitor

from management import Program
from propylon.applications.actions import ask_for_regeneration
from propylon.applications.models import Client, Regeneration
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.marks.models import Mark

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HOSTILE = "<script>alert(1)</script>" + "W" * 300


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


@pytest.fixture
def asked(program: Program, client: Client) -> Regeneration:
    return ask_for_regeneration(
        acting_user=SYSTEM, client=client, asked_by=program.people["developer"], reason=f"lost {HOSTILE}"
    )


def page_of(request: Regeneration) -> str:
    return f"/console/key-requests/{request.public_id}"


def test_a_request_is_in_the_queue_until_it_is_decided(operator: Visitor, client: Client, asked: Regeneration) -> None:
    text = operator.text("/console?kind=regeneration")
    assert page_of(asked) in text
    assert "New keys" in text
    page = operator.text(page_of(asked))
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    answer = operator.post(page_of(asked), {"decision": "approve", "overlap": "1h", "note": ""})
    assert (answer.status_code, answer["Location"]) == (303, "/console")
    assert page_of(asked) not in operator.text("/console")
    client.refresh_from_db()
    assert client.has_two_secrets
    assert page_of(asked) in operator.text(f"/console/applications/{client.application.public_id}")


def test_a_refusal_needs_a_note(operator: Visitor, client: Client, asked: Regeneration) -> None:
    before = client.secret_digest
    assert operator.post(page_of(asked), {"decision": "refuse", "overlap": "24h"}).status_code == 400
    assert operator.post(page_of(asked), {"decision": "refuse", "overlap": "24h", "note": "Why?"}).status_code == 303
    client.refresh_from_db()
    asked.refresh_from_db()
    assert (asked.state, asked.note, client.secret_digest) == ("refused", "Why?", before)


@pytest.mark.parametrize(
    "sent",
    [{}, {"decision": "approve"}, {"decision": "approve", "overlap": "8h"}, {"decision": "no", "overlap": "24h"}],
)
def test_a_form_without_a_choice_decides_nothing(operator: Visitor, asked: Regeneration, sent: dict[str, str]) -> None:
    assert operator.post(page_of(asked), sent).status_code == 400
    asked.refresh_from_db()
    assert asked.state == "waiting"


def test_a_stale_tab_decides_nothing_and_says_so(operator: Visitor, client: Client, asked: Regeneration) -> None:
    sent = {"decision": "approve", "overlap": "24h"}
    assert operator.post(page_of(asked), sent).status_code == 303
    client.refresh_from_db()
    digests, events = (client.secret_digest, client.old_secret_digest), Event.objects.count()
    again = operator.post(page_of(asked), sent)
    assert again.status_code == 409
    assert "Nothing was decided now." in again.content.decode()
    client.refresh_from_db()
    assert (client.secret_digest, client.old_secret_digest) == digests
    assert Event.objects.count() == events


@pytest.mark.parametrize("sent", [{}, {"refuse_tokens": "on"}])
def test_the_old_secret_is_ended_early_once(operator: Visitor, client: Client, sent: dict[str, str]) -> None:
    path = f"/console/clients/{client.client_id}"
    assert operator.post(f"{path}/secret", {"reason": "rotation", "overlap": "7d"}).status_code == 303
    page = f"/console/applications/{client.application.public_id}"
    assert "Two secrets work now." in operator.text(page)
    for said in ("The old secret has ended.", "The client has one secret only"):
        assert operator.post(f"{path}/old-secret", sent).status_code == 303
        assert said in operator.text(page)
    client.refresh_from_db()
    assert not client.has_two_secrets
    assert Mark.objects.count() == len(sent)
    assert "Two secrets work now." not in operator.text(page)


def test_the_operators_own_wish_without_overlap_refuses_tokens(operator: Visitor, client: Client) -> None:
    path = f"/console/clients/{client.client_id}/secret"
    assert operator.post(path, {"reason": "stolen"}).status_code == 400
    assert operator.post(path, {"reason": "stolen", "overlap": "none"}).status_code == 303
    client.refresh_from_db()
    assert (client.has_two_secrets, client.generation) == (False, 2)


def test_a_second_press_with_overlap_replaces_nothing(operator: Visitor, client: Client) -> None:
    path, sent = f"/console/clients/{client.client_id}/secret", {"reason": "rotation", "overlap": "24h"}
    assert operator.post(path, sent).status_code == 303
    client.refresh_from_db()
    old = client.old_secret_digest
    assert operator.post(path, sent).status_code == 409
    client.refresh_from_db()
    assert client.old_secret_digest == old


def test_an_invented_request_is_not_found(operator: Visitor) -> None:
    assert operator.get("/console/key-requests/reg_zzzz").status_code == 404


def test_the_queue_asks_no_more_for_many_requests(
    program: Program, operator: Visitor, django_assert_max_num_queries: object
) -> None:
    for number in range(6):
        _, client, _ = program.register(f"App {number}")
        ask_for_regeneration(acting_user=SYSTEM, client=client, asked_by=program.people["developer"], reason="lost")
    with django_assert_max_num_queries(40):  # type: ignore[operator]
        operator.text("/console?kind=regeneration")


def test_an_old_secret_that_others_may_know_is_proposed_to_end_at_once(
    program: Program, operator: Visitor, client: Client
) -> None:
    developer = Visitor(program.people["developer"])
    keys = f"/apps/{client.application.public_id}/keys"
    sent = developer.post(keys, {"ask": "1", "reason": "leaked to a log", "may_be_known": "on"})
    assert sent.status_code == 303
    asked = Regeneration.objects.get(state="waiting")
    assert asked.may_be_known
    page = operator.text(page_of(asked))
    chosen = [part.split(">")[0] for part in page.split("<input") if "checked" in part.split(">")[0]]
    assert len(chosen) == 1
    assert 'value="none"' in chosen[0]
    assert "Somebody else may know the old secret" in page
