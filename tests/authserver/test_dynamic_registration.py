"""Dynamic client registration over the real application: RFC 7591, and RFC 7592 at the configuration address."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from authserver.bank import Bank, Caller, answer_of, authorization, hidden, log_in, redemption
from propylon.accounts.models import Organization
from propylon.applications.actions import approve_client, end_registration_token, make_registration_token
from propylon.applications.models import Application, Client, RegistrationToken
from propylon.audit.models import Event
from propylon.authserver.attempts import Bound
from propylon.catalog.models import Environment
from propylon.kernel.actor import SYSTEM

METADATA = {
    "client_name": "Ledger",
    "contacts": ["dev@partner.example"],
    "redirect_uris": ["https://partner.example/callback"],
    "scope": "accounts",
    "token_endpoint_auth_method": "client_secret_post",
    "client_uri": "https://partner.example",
}


@pytest.fixture
def place(bank: Bank) -> Environment:
    bank.plan.is_default = True
    bank.plan.save()
    bank.environment.approves_by_itself = True
    bank.environment.save()
    return bank.environment


def token_for(bank: Bank, *, uses: int = 5, days: int = 7) -> tuple[RegistrationToken, str]:
    row, secret = make_registration_token(
        acting_user=SYSTEM,
        organization=bank.organization,
        environment=bank.environment,
        created_by=None,
        note="Fintech Ltd",
        uses=uses,
        days=days,
    )
    return row, secret.reveal()


def ask(caller: Caller, method: str, address: str, token: str, body: Any = None, **headers: str) -> httpx.Response:
    sent = {"content-type": "application/json", "authorization": f"Bearer {token}", **headers}
    text = body if isinstance(body, str) or body is None else json.dumps(body)
    return caller.ask(method, address, form=text, headers=sent)


def register(caller: Caller, token: str, **changes: Any) -> httpx.Response:
    body = {name: value for name, value in (METADATA | changes).items() if value is not None}
    return ask(caller, "POST", "/oauth/register", token, body)


def own_address(answer: dict[str, Any]) -> tuple[str, str]:
    assert answer["registration_client_uri"] == f"https://localhost:8443/oauth/register/{answer['client_id']}"
    return f"/oauth/register/{answer['client_id']}", answer["registration_access_token"]


def test_a_client_registers_and_works_at_once_rfc7591_3(bank: Bank, place: Environment, caller: Caller) -> None:
    row, token = token_for(bank)
    answer = register(caller, token)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    body = answer.json()
    assert (body["registration_status"], body["client_secret_expires_at"], body["scope"]) == (
        "approved", 0, "accounts transactions",
    )  # fmt: skip
    assert "client_uri" not in body
    client = Client.objects.get(client_id=body["client_id"])
    assert (client.application.type, client.application.organization, client.registered_with) == (
        "web", bank.organization, row,
    )  # fmt: skip
    party = type(bank.client("web"))(client, body["client_secret"])
    form = redemption(_consent(party)) | {"client_id": body["client_id"], "client_secret": body["client_secret"]}
    assert caller.token(form).status_code == 200
    event = Event.objects.get(action="client.registered_itself")
    assert (event.actor_label, event.data["token"]) == ("Fintech Ltd", row.public_id)
    stored = str(list(Event.objects.values_list("data", flat=True)))
    assert body["client_secret"] not in stored
    assert body["registration_access_token"] not in stored
    row.refresh_from_db()
    assert row.uses_left == 4


def _consent(party: Any) -> str:
    browser = Caller()
    page = log_in(browser, party)
    answer = browser.post("/oauth/consent", {"request": hidden(page), "decision": "allow"})
    return answer_of(answer)["code"]


def test_where_an_operator_decides_it_waits_in_the_queue(bank: Bank, place: Environment, caller: Caller) -> None:
    Environment.objects.filter(pk=place.pk).update(approves_by_itself=False)
    bank.environment.refresh_from_db()
    body = register(caller, token_for(bank)[1]).json()
    assert body["registration_status"] == "pending"
    assert "client_secret" not in body
    client = Client.objects.get(client_id=body["client_id"])
    assert client.status == "pending"
    assert "Fintech Ltd" in client.request_note, "who decides reads where it comes from"
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": body["client_id"], "client_secret": "y"}
    assert caller.token(form).json()["error"] == "invalid_client"
    address, own = own_address(body)
    approve_client(acting_user=SYSTEM, client=client, reason="")
    now = ask(caller, "GET", address, own).json()
    assert now["registration_status"] == "approved"
    assert now["client_secret"]
    assert "registration_access_token" not in now, "it is told once"
    assert Event.objects.filter(action="client.secret_shown", object_id=body["client_id"]).exists()


@pytest.mark.parametrize("token", ["", "x", "pit_unknown"])
def test_without_a_good_initial_access_token_nobody_registers_rfc7591_3(
    bank: Bank, place: Environment, caller: Caller, token: str
) -> None:
    answer = register(caller, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert not Application.objects.exists()


def test_a_token_ends_by_uses_by_time_and_by_hand(bank: Bank, place: Environment, caller: Caller) -> None:
    _, once = token_for(bank, uses=1)
    assert register(caller, once).status_code == 201
    assert register(caller, once, client_name="Second").status_code == 401
    old, late = token_for(bank)
    RegistrationToken.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert register(caller, late, client_name="Third").status_code == 401
    row, ended = token_for(bank)
    end_registration_token(acting_user=SYSTEM, token=row)
    assert register(caller, ended, client_name="Fourth").status_code == 401
    assert Application.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"redirect_uris": ["http://partner.example/"]}, "invalid_redirect_uri"),
        ({"grant_types": ["password"]}, "invalid_client_metadata"),
        ({"software_statement": "x"}, "invalid_software_statement"),
        ({"scope": "accounts nowhere"}, "invalid_client_metadata"),
        ({"contacts": ["nobody"]}, "invalid_client_metadata"),
        ({"client_name": "x" * 200}, "invalid_client_metadata"),
    ],
)
def test_a_refusal_stores_nothing_and_uses_nothing_up_rfc7591_3_2_2(
    bank: Bank, place: Environment, caller: Caller, changes: dict[str, Any], code: str
) -> None:
    row, token = token_for(bank)
    answer = register(caller, token, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    row.refresh_from_db()
    assert row.uses_left == 5
    assert not Application.objects.exists()


def test_a_name_that_is_taken_is_said(bank: Bank, place: Environment, caller: Caller) -> None:
    _, token = token_for(bank)
    register(caller, token)
    answer = register(caller, token)
    assert answer.json()["error"] == "invalid_client_metadata"
    assert "client_name" in answer.json()["error_description"]


@pytest.mark.parametrize("body", ["", "[]", "{", '"x"', "[" * 5000, '{"client_name": "\\ud800"}'])
def test_bad_json_is_refused(bank: Bank, place: Environment, caller: Caller, body: str) -> None:
    answer = ask(caller, "POST", "/oauth/register", token_for(bank)[1], body)
    assert answer.status_code == 400
    assert answer.json()["error"] in {"invalid_request", "invalid_client_metadata"}


def test_a_form_another_method_and_a_long_body_are_refused(bank: Bank, place: Environment, caller: Caller) -> None:
    token = token_for(bank)[1]
    form = caller.post("/oauth/register", {"a": "b"}, {"authorization": f"Bearer {token}"})
    assert form.json()["error"] == "invalid_request"
    assert caller.get("/oauth/register").status_code == 405
    assert ask(caller, "POST", "/oauth/register", token, {"client_name": "x" * 70_000}).status_code == 413


def test_guessing_tokens_is_slowed_by_address(bank: Bank, place: Environment, caller: Caller) -> None:
    bound = Bound("registration from an address", 30, timedelta(minutes=1))
    for _ in range(30):
        bound.count("")
    answer = register(caller, token_for(bank)[1])
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")


# RFC 7592


def test_a_client_registers_with_pairwise_subjects_oidc_registration_2(
    bank: Bank, place: Environment, caller: Caller
) -> None:
    answer = register(caller, token_for(bank)[1], subject_type="pairwise")
    assert (answer.status_code, answer.json()["subject_type"]) == (201, "pairwise")
    address, own = own_address(answer.json())
    assert ask(caller, "GET", address, own).json()["subject_type"] == "pairwise"
    other = METADATA | {"client_id": answer.json()["client_id"]}
    assert ask(caller, "PUT", address, own, other).json()["error"] == "invalid_client_metadata"
    assert ask(caller, "PUT", address, own, other | {"subject_type": "pairwise"}).status_code == 200


@pytest.fixture
def registered(bank: Bank, place: Environment, caller: Caller) -> dict[str, Any]:
    return register(caller, token_for(bank)[1]).json()


def test_reading_rfc7592_2_1(registered: dict[str, Any], caller: Caller) -> None:
    address, own = own_address(registered)
    answer = ask(caller, "GET", address, own)
    assert answer.status_code == 200
    left = {name: value for name, value in registered.items() if name != "registration_access_token"}
    assert answer.json() == left


def test_changing_is_replacing_rfc7592_2_2(registered: dict[str, Any], caller: Caller) -> None:
    address, own = own_address(registered)
    wanted = METADATA | {
        "client_id": registered["client_id"],
        "client_secret": registered["client_secret"],
        "client_name": "Ledger 2",
        "redirect_uris": ["https://partner.example/other"],
        "scope": "payments",
    }
    answer = ask(caller, "PUT", address, own, wanted)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["client_name"], body["redirect_uris"], body["scope"]) == (
        "Ledger 2", ["https://partner.example/other"], "payments",
    )  # fmt: skip
    assert body["client_secret"] == registered["client_secret"], "a secret is not rotated by this"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "cl_other"}, "invalid_request"),
        ({"client_secret": "chosen"}, "invalid_request"),
        ({"client_secret": 5}, "invalid_request"),
        ({"registration_access_token": "x"}, "invalid_request"),
        ({"client_id_issued_at": 1}, "invalid_request"),
        ({"token_endpoint_auth_method": "none"}, "invalid_client_metadata"),
        ({"token_endpoint_auth_method": "client_secret_basic"}, "invalid_client_metadata"),
        ({"grant_types": ["implicit"]}, "invalid_client_metadata"),
        ({"redirect_uris": []}, "invalid_redirect_uri"),
        ({"scope": "nowhere"}, "invalid_client_metadata"),
        ({"client_name": None}, "invalid_client_metadata"),
    ],
)
def test_a_wrong_change_changes_nothing_rfc7592_2_2(
    registered: dict[str, Any], caller: Caller, changes: dict[str, Any], code: str
) -> None:
    address, own = own_address(registered)
    wanted = METADATA | {"client_id": registered["client_id"], "client_name": "Other"} | changes
    sent = {name: value for name, value in wanted.items() if value is not None}
    answer = ask(caller, "PUT", address, own, sent)
    assert (answer.status_code, answer.json()["error"]) == (400, code)
    assert ask(caller, "GET", address, own).json()["client_name"] == "Ledger"


def test_deleting_rfc7592_2_3(registered: dict[str, Any], caller: Caller) -> None:
    address, own = own_address(registered)
    assert ask(caller, "DELETE", address, own).status_code == 204
    assert Application.objects.get().deleted_at is not None
    for method in ("GET", "DELETE"):
        assert ask(caller, method, address, own).status_code == 401
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": registered["client_id"]}
    assert caller.token(form | {"client_secret": registered["client_secret"]}).json()["error"] == "invalid_client"


def test_the_configuration_address_knows_its_own_token_only_rfc7592_3(
    bank: Bank, registered: dict[str, Any], caller: Caller
) -> None:
    address, own = own_address(registered)
    other = register(caller, token_for(bank)[1], client_name="Other").json()
    by_page = bank.client("web")
    for there, token in (
        (address, ""),
        (address, "x"),
        (address, other["registration_access_token"]),
        (f"/oauth/register/{by_page.id}", ""),
        (f"/oauth/register/{by_page.id}", own),
        ("/oauth/register/cl_none", own),
    ):
        answer = ask(caller, "GET", there, token)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert ask(caller, "POST", address, own, METADATA).status_code == 405


def test_the_metadata_names_the_address_rfc8414_2(bank: Bank, caller: Caller) -> None:
    document = caller.get("/.well-known/oauth-authorization-server").json()
    assert document["registration_endpoint"] == "https://localhost:8443/oauth/register"


def test_every_application_type_can_register_itself(bank: Bank, place: Environment, caller: Caller) -> None:
    _, token = token_for(bank, uses=9)
    server = register(
        caller, token, client_name="Batch", grant_types=["client_credentials"], redirect_uris=None,
        token_endpoint_auth_method="tls_client_auth", tls_client_auth_subject_dn="CN=mine",
    ).json()  # fmt: skip
    assert "client_id" in server, server
    assert server["tls_client_auth_subject_dn"].startswith("CN=svc")
    public = register(caller, token, client_name="Page", token_endpoint_auth_method="none").json()
    assert "client_secret" not in public
    native = register(
        caller, token, client_name="Phone", token_endpoint_auth_method="none", application_type="native",
        redirect_uris=["com.partner.app:/cb"],
    ).json()  # fmt: skip
    assert native["application_type"] == "native"
    types = Organization.objects.get(pk=bank.organization.pk).applications.order_by("pk").values_list("type", flat=True)
    assert list(types) == ["server", "spa", "native"]
    assert authorization(bank.client("web"))["client_id"]
