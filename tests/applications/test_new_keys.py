"""New keys on request (FEATURES A3): a developer asks with a reason, the operator decides, both secrets for a while."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from management import PASSWORD, Answer, Program
from propylon.applications.models import Client, Regeneration
from propylon.applications.overlaps import OVERLAPS
from propylon.audit.models import Event
from propylon.marks.models import Mark
from propylon.notifications.models import Mail
from propylon.oauth.policy import TYPES

HOSTILE = "<script>alert(1)</script>\n'; DROP TABLE x; --"


def ask(program: Program, client: Client, reason: str = "It was in a log.", role: str = "developer") -> Answer:
    return program.callers[role].post(f"/clients/{client.client_id}/regeneration-requests", {"reason": reason})


def decide(program: Program, request: str, decision: str = "approve", **wishes: str) -> Answer:
    path = f"/regeneration-requests/{request}/decision"
    return program.callers["operator"].post(path, {"decision": decision, **wishes})


def actions_of(client: Client) -> list[str]:
    found = Event.objects.filter(object_kind="client", object_id=client.client_id).order_by("pk")
    return [event.action.removeprefix("client.") for event in found]


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


def test_a_request_waits_and_changes_no_key_and_operators_are_told(program: Program, client: Client) -> None:
    before = client.secret_digest
    answer = ask(program, client, f"  {HOSTILE}  ")
    assert (answer.status, answer.body["state"], answer.body["reason"]) == (201, "waiting", HOSTILE)
    assert answer.body["asked_by"] == program.people["developer"].public_id
    client.refresh_from_db()
    assert (client.secret_digest, client.has_two_secrets, client.generation) == (before, False, 1)
    told = set(Mail.objects.filter(subject__contains="new keys asked for").values_list("to", flat=True))
    assert told == {"operator@people.example", "security_officer@people.example"}
    event = Event.objects.get(action="client.regeneration_requested")
    assert (event.actor_id, event.data["reason"]) == (program.people["developer"].public_id, HOSTILE)


@pytest.mark.parametrize("reason", ["", "   \n", "x" * 401, "a\x00b", "a\x1b[2Jb", "right\u202eto left"])
def test_a_reason_that_nobody_can_read_is_refused(program: Program, client: Client, reason: str) -> None:
    answer = ask(program, client, reason)
    assert answer.status in {400, 422}
    assert not Regeneration.objects.exists()
    assert "regeneration_requested" not in actions_of(client)


def test_one_request_waits_at_a_time(program: Program, client: Client) -> None:
    first = ask(program, client)
    again = ask(program, client, "Again", role="organization_manager")
    assert (again.status, again.code) == (409, "client.regeneration.waiting")
    assert Regeneration.objects.get().public_id == first.body["id"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Regeneration.objects.create(public_id="reg_2", client=client, reason="r", asked_at=timezone.now())


def test_who_asked_may_withdraw_once_and_so_may_the_manager(program: Program, client: Client) -> None:
    request = ask(program, client).body["id"]
    path = f"/regeneration-requests/{request}/withdrawal"
    assert program.callers["organization_manager"].post(path, {}).body["state"] == "withdrawn"
    again = program.callers["developer"].post(path, {})
    assert (again.status, again.code) == (409, "client.regeneration.decided")
    assert decide(program, request).code == "client.regeneration.decided"
    assert actions_of(client)[-1] == "regeneration_withdrawn"
    assert ask(program, client).status == 201


@pytest.mark.parametrize("overlap", ["1h", "24h", "7d"])
def test_with_overlap_the_old_secret_goes_on_and_no_token_ends(program: Program, client: Client, overlap: str) -> None:
    old = client.secret_digest
    request = ask(program, client).body["id"]
    answer = decide(program, request, overlap=overlap, note="Mind the log.")
    assert (answer.body["state"], answer.body["overlap"], answer.body["note"]) == ("approved", overlap, "Mind the log.")
    client.refresh_from_db()
    assert client.old_secret_digest == old != client.secret_digest
    assert client.old_secret_ends_at is not None
    assert abs(client.old_secret_ends_at - timezone.now() - OVERLAPS[overlap]) < timedelta(minutes=1)
    assert (client.generation, Mark.objects.count()) == (1, 0)
    shown = program.callers["developer"].get(f"/clients/{client.client_id}").body
    assert shown["old_secret_ends_at"] is not None
    told = Mail.objects.filter(subject="Ledger: new client secret")
    assert set(told.values_list("to", flat=True)) == {
        "team@partner.example",
        "developer@people.example",
        "organization_manager@people.example",
    }
    body = told[0].body
    assert "The old one works until" in body
    assert "Mind the log." in body
    secret = program.callers["developer"].post(f"/clients/{client.client_id}/secret", {"password": PASSWORD})
    assert secret.body["client_secret"] not in body


def test_24_hours_unless_said_otherwise(program: Program, client: Client) -> None:
    assert decide(program, ask(program, client).body["id"]).body["overlap"] == "24h"


def test_without_overlap_the_old_secret_and_its_tokens_end_at_once(program: Program, client: Client) -> None:
    decide(program, ask(program, client).body["id"], overlap="none")
    client.refresh_from_db()
    assert not client.has_two_secrets
    assert client.generation == 2
    assert set(Mark.objects.values_list("kind", "value")) == {("client", f"{client.client_id}.1")}
    assert program.callers["developer"].get(f"/clients/{client.client_id}").body["old_secret_ends_at"] is None
    assert "no longer works" in Mail.objects.filter(subject="Ledger: new client secret")[0].body


@pytest.mark.parametrize("overlap", ["", "8h", "24H", "999d", "<b>", "none "])
def test_an_overlap_that_is_not_offered_changes_nothing(program: Program, client: Client, overlap: str) -> None:
    before = client.secret_digest
    answer = decide(program, ask(program, client).body["id"], overlap=overlap)
    assert (answer.status, answer.code) == (400, "client.regeneration.invalid")
    client.refresh_from_db()
    assert client.secret_digest == before
    assert Regeneration.objects.get().state == "waiting"


def test_a_refusal_needs_words_which_the_developers_read(program: Program, client: Client) -> None:
    before = client.secret_digest
    request = ask(program, client).body["id"]
    assert decide(program, request, "refuse").code == "client.regeneration.note_unfit"
    assert decide(program, request, "refuse", note=HOSTILE).body["state"] == "refused"
    client.refresh_from_db()
    assert client.secret_digest == before
    assert HOSTILE in Mail.objects.get(to="team@partner.example").body
    own = program.callers["developer"].get(f"/regeneration-requests?client_id={client.client_id}").body["data"]
    assert [(each["state"], each["note"]) for each in own] == [("refused", HOSTILE)]


def test_a_decision_counts_once(program: Program, client: Client) -> None:
    """A second press of the button must not end the secret that the partner still uses."""
    request = ask(program, client).body["id"]
    assert decide(program, request).status == 200
    digests = Client.objects.filter(pk=client.pk).values_list("secret_digest", "old_secret_digest").get()
    events = Event.objects.count()
    for decision in ("approve", "refuse"):
        again = decide(program, request, decision, note="late")
        assert (again.status, again.code) == (409, "client.regeneration.decided")
    assert Client.objects.filter(pk=client.pk).values_list("secret_digest", "old_secret_digest").get() == digests
    assert Event.objects.count() == events


def test_while_two_secrets_work_a_third_is_refused_unless_nothing_old_may_work(
    program: Program, client: Client
) -> None:
    operator = program.callers["operator"]
    path = f"/clients/{client.client_id}/secret-regeneration"
    assert operator.post(path, {"reason": "rotation", "overlap": "24h"}).status == 204
    old = Client.objects.get(pk=client.pk).old_secret_digest
    again = operator.post(path, {"reason": "rotation", "overlap": "24h"})
    assert (again.status, again.code) == (409, "client.secret.overlap_running")
    assert Client.objects.get(pk=client.pk).old_secret_digest == old
    request = ask(program, client).body["id"]
    assert decide(program, request).code == "client.secret.overlap_running"
    assert decide(program, request, overlap="none").status == 200
    client.refresh_from_db()
    assert (client.has_two_secrets, client.generation) == (False, 2)


def test_after_an_overlap_has_ended_by_itself_the_next_may_begin(program: Program, client: Client) -> None:
    path = f"/clients/{client.client_id}/secret-regeneration"
    program.callers["operator"].post(path, {"reason": "rotation", "overlap": "1h"})
    Client.objects.filter(pk=client.pk).update(old_secret_ends_at=timezone.now() - timedelta(seconds=1))
    assert program.callers["operator"].post(path, {"reason": "rotation", "overlap": "1h"}).status == 204


@pytest.mark.parametrize("refuse_tokens", [False, True])
def test_the_operator_ends_the_old_secret_early(program: Program, client: Client, refuse_tokens: bool) -> None:
    decide(program, ask(program, client).body["id"], overlap="7d")
    current = Client.objects.get(pk=client.pk).secret_digest
    path = f"/clients/{client.client_id}/old-secret" + ("?refuse_tokens=true" if refuse_tokens else "")
    assert program.callers["developer"]("DELETE", path).status == 403
    assert program.callers["operator"]("DELETE", path).status == 204
    client.refresh_from_db()
    assert (client.has_two_secrets, client.secret_digest) == (False, current)
    assert (client.generation, Mark.objects.count()) == ((2, 1) if refuse_tokens else (1, 0))
    assert actions_of(client)[-1] == "old_secret_ended"
    assert Mail.objects.filter(to="team@partner.example", subject__contains="has ended").exists()
    again = program.callers["operator"]("DELETE", path)
    assert (again.status, again.code) == (409, "client.secret.no_overlap")
    assert Mail.objects.filter(to="team@partner.example", subject__contains="has ended").count() == 1


def test_the_operators_own_wish_answers_a_request_that_waits(program: Program, client: Client) -> None:
    request = ask(program, client).body["id"]
    path = f"/clients/{client.client_id}/secret-regeneration"
    assert program.callers["operator"].post(path, {"reason": "You called.", "overlap": "1h"}).status == 204
    row = Regeneration.objects.get()
    assert (row.public_id, row.state, row.note, row.overlap) == (request, "approved", "You called.", "1h")
    assert row.decided_by == program.people["operator"]


def test_the_operators_own_wish_stays_in_the_history(program: Program, client: Client) -> None:
    path = f"/clients/{client.client_id}/secret-regeneration"
    program.callers["operator"].post(path, {"reason": "Found on the web."})
    (row,) = program.callers["developer"].get(f"/regeneration-requests?client_id={client.client_id}").body["data"]
    assert (row["reason"], row["asked_by"], row["overlap"], row["state"]) == (
        "Found on the web.",
        None,
        "none",
        "approved",
    )


@pytest.mark.parametrize("type_", sorted(name for name, policy in TYPES.items() if not policy.is_of_the_bank))
def test_only_who_has_a_secret_may_ask_for_another(program: Program, type_: str) -> None:
    """Identity by certificate, or none (a public client): their keys are their certificates, ordered and revoked."""
    _, client, secret = program.register(f"App {type_}", type_)
    answer = ask(program, client)
    if secret is None:
        assert (answer.status, answer.code) == (409, "client.secret.none")
        assert not Regeneration.objects.exists()
    else:
        assert answer.status == 201


def test_before_the_approval_there_is_nothing_to_ask_for(program: Program) -> None:
    _, client, _ = program.register(environment=program.production)
    assert ask(program, client).code == "client.secret.none"


@pytest.mark.parametrize("end", ["reject", "delete"])
def test_a_client_that_loses_its_keys_loses_both_and_nobody_needs_to_decide(
    program: Program, client: Client, end: str
) -> None:
    decide(program, ask(program, client).body["id"], overlap="7d")
    request = ask(program, client).body["id"]
    if end == "reject":
        program.callers["operator"].post(
            f"/clients/{client.client_id}/decision", {"decision": "reject", "reason": "Abuse."}
        )
    else:
        program.callers["developer"]("DELETE", f"/applications/{client.application.public_id}")
    client.refresh_from_db()
    assert (client.secret_digest, client.old_secret_digest, client.old_secret_ends_at) == ("", "", None)
    assert Regeneration.objects.get(public_id=request).state == "withdrawn"
    assert decide(program, request).status in {404, 409}
    client.refresh_from_db()
    assert client.secret_digest == ""


def test_people_who_left_get_no_mail(program: Program, client: Client) -> None:
    request = ask(program, client).body["id"]
    program.people["developer"].memberships.all().delete()
    decide(program, request)
    assert not Mail.objects.filter(to="developer@people.example").exists()


def test_lists_are_narrowed_and_paged(program: Program) -> None:
    clients = [program.register(f"App {number}")[1] for number in range(3)]
    for client in clients:
        ask(program, client)
    decide(program, Regeneration.objects.get(client=clients[0]).public_id)
    operator, outsider = program.callers["operator"], program.callers["outsider"]
    assert len(operator.get("/regeneration-requests?state=waiting").body["data"]) == 2
    page = operator.get("/regeneration-requests?limit=2").body
    assert len(page["data"]) == 2
    assert page["paging"]["next"]
    assert outsider.get("/regeneration-requests").body["data"] == []
