"""What ends tokens at once: deleting, unsubscribing, taking an approval back, a new secret. And what Show asks for."""

from __future__ import annotations

import base64

from management import PASSWORD, Program
from propylon.applications.models import Client, ServiceAccount
from propylon.audit.models import Event
from propylon.marks.models import Mark


def marks() -> set[tuple[str, str]]:
    return set(Mark.objects.values_list("kind", "value"))


def test_show_asks_for_the_password_and_is_audited(program: Program) -> None:
    _, client, secret = program.register()
    assert secret is not None
    path = f"/clients/{client.client_id}/secret"
    developer = program.callers["developer"]

    refused = developer.post(path, {"password": "wrong"})
    assert (refused.status, refused.code) == (403, "sign_in.confirmation.wrong")
    assert not Event.objects.filter(action="client.secret_shown").exists()

    shown = developer.post(path, {"password": PASSWORD})
    assert shown.body["client_secret"] == secret.reveal()
    assert base64.b64decode(shown.body["basic"]).decode() == f"{client.client_id}:{secret.reveal()}"
    event = Event.objects.get(action="client.secret_shown")
    assert event.actor_id == program.people["developer"].public_id
    assert event.tracking_id


def test_no_answer_but_show_holds_the_secret(program: Program) -> None:
    application, client, secret = program.register()
    assert secret is not None
    caller = program.callers["developer"]
    for path in (f"/applications/{application.public_id}", f"/clients/{client.client_id}", "/applications", "/clients"):
        assert secret.reveal() not in str(caller.get(path).body)
    assert secret.reveal() not in str(list(Event.objects.values_list("data", flat=True)))


def test_delete_ends_tokens_wipes_keys_and_frees_the_name(program: Program) -> None:
    application, client, _ = program.register()
    developer = program.callers["developer"]

    assert developer("DELETE", f"/applications/{application.public_id}").status == 204

    assert marks() == {("client", f"{client.client_id}.1")}
    gone = Client.objects.get(pk=client.pk)
    assert (gone.status, gone.generation) == ("deleted", 2)
    assert (gone.secret_digest, gone.secret_sealed, gone.redirect_uris) == ("", "", [])
    assert not gone.subscriptions.exists()
    assert developer.get(f"/applications/{application.public_id}").status == 404
    assert developer.get(f"/clients/{client.client_id}").status == 404
    assert developer("DELETE", f"/applications/{application.public_id}").status == 404
    again, new_client, _ = program.register()
    assert (again.name, new_client.client_id == client.client_id) == (application.name, False)


def test_a_service_accounts_name_is_never_used_twice(program: Program) -> None:
    """A certificate of the deleted application may still be valid."""
    application, _, _ = program.register(type_="server")
    program.callers["developer"]("DELETE", f"/applications/{application.public_id}")
    _, client, _ = program.register(type_="server")
    assert ServiceAccount.objects.get(client=client).name == "svcPartnerABV02"


def test_unsubscribing_ends_tokens_and_takes_the_scopes(program: Program) -> None:
    _, client, _ = program.register()
    developer = program.callers["developer"]
    path = f"/clients/{client.client_id}/subscriptions"
    (subscription,) = developer.get(path).body["data"]
    assert developer.post(path, {"product": "accounts"}).code == "subscription.exists"
    assert developer.post(path, {"product": "gold"}).code == "subscription.product.unknown"

    assert developer("DELETE", f"{path}/{subscription['id']}").status == 204

    assert marks() == {("client", f"{client.client_id}.1")}
    assert developer.get(f"/clients/{client.client_id}").body["scopes"] == []
    assert developer("DELETE", f"{path}/{subscription['id']}").code == "subscription.unknown"
    assert developer.post(path, {"product": "accounts"}).status == 201
    assert len(marks()) == 1


def test_taking_an_approval_back_ends_tokens_and_the_secret(program: Program) -> None:
    _, client, _ = program.register()
    program.callers["operator"].post(
        f"/clients/{client.client_id}/decision", {"decision": "reject", "reason": "Abuse."}
    )
    client.refresh_from_db()
    assert (client.status, client.secret_digest, client.generation) == ("rejected", "", 2)
    assert marks() == {("client", f"{client.client_id}.1")}


def test_a_regenerated_secret_replaces_the_old_one_at_once(program: Program) -> None:
    _, client, secret = program.register()
    assert secret is not None
    old_digest = client.secret_digest
    operator, developer = program.callers["operator"], program.callers["developer"]
    path = f"/clients/{client.client_id}/secret-regeneration"
    assert operator.post(path, {"reason": " "}).code == "client.secret.reason_missing"
    assert operator.post(path, {"reason": "It was in a repository."}).status == 204

    client.refresh_from_db()
    assert client.secret_digest != old_digest
    assert marks() == {("client", f"{client.client_id}.1")}
    shown = developer.post(f"/clients/{client.client_id}/secret", {"password": PASSWORD}).body["client_secret"]
    assert shown != secret.reveal()


def test_narrowing_source_ranges_marks_nothing(program: Program) -> None:
    """They travel to the gateway beside the marks: tokens stay good from inside the ranges."""
    _, client, _ = program.register(type_="server")
    path = f"/clients/{client.client_id}/source-ranges"
    program.callers["developer"]("PUT", path, {"source_ranges": ["192.0.2.0/24"]})
    client.refresh_from_db()
    assert (marks(), client.generation) == (set(), 1)
