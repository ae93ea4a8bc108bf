"""Another organization's ids answer 404, the very answer of an id that does not exist."""

from __future__ import annotations

import pytest

from management import Program
from propylon.applications.actions import ask_for_regeneration, create_contract, make_registration_token
from propylon.applications.actions.end_users import ask_for_end_users
from propylon.applications.check_contract import ContractTerms
from propylon.applications.check_persons import Person
from propylon.applications.contracts import today
from propylon.applications.models import Application, Client
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM

CONTRACT = {"number": "OF-2", "title": "Payments", "starts_on": "2026-01-01"}
PATHS = [
    ("GET", "/organizations/{organization}", None),
    ("GET", "/organizations/{organization}/history", None),
    ("GET", "/organizations/{organization}/members", None),
    ("PATCH", "/organizations/{organization}/members/{member}", {"role": "analyst"}),
    ("DELETE", "/organizations/{organization}/members/{member}", None),
    ("POST", "/organizations/{organization}/invitations", {"email": "a@b.example", "role": "developer"}),
    ("GET", "/organizations/{organization}/contracts", None),
    ("POST", "/organizations/{organization}/contracts", CONTRACT),
    ("GET", "/contracts/{contract}", None),
    ("PUT", "/contracts/{contract}", CONTRACT),
    ("POST", "/contracts/{contract}/end", {"reason": "x"}),
    ("GET", "/applications?organization={organization}", None),
    ("GET", "/applications/{application}", None),
    ("PATCH", "/applications/{application}", {"name": "Mine now"}),
    ("DELETE", "/applications/{application}", None),
    ("GET", "/applications/{application}/history", None),
    ("GET", "/applications/{application}/calls", None),
    ("GET", "/applications/{application}/usage", None),
    ("GET", "/applications/{application}/analytics", None),
    ("GET", "/organizations/{organization}/analytics", None),
    ("POST", "/applications/{application}/clients", {"environment": "production"}),
    ("GET", "/clients/{client}", None),
    ("POST", "/clients/{client}/decision", {"decision": "approve"}),
    ("POST", "/clients/{client}/secret", {"password": "three quiet harbours"}),
    ("POST", "/clients/{client}/secret-regeneration", {"reason": "x"}),
    ("POST", "/clients/{client}/regeneration-requests", {"reason": "x"}),
    ("DELETE", "/clients/{client}/old-secret", None),
    ("GET", "/regeneration-requests?client_id={client}", None),
    ("GET", "/regeneration-requests/{regeneration}", None),
    ("POST", "/clients/{client}/end-user-requests", {"persons": [], "reason": "x"}),
    ("GET", "/end-user-requests/{end_users}", None),
    ("POST", "/end-user-requests/{end_users}/decision", {"decision": "approve"}),
    ("POST", "/end-user-requests/{end_users}/withdrawal", None),
    ("POST", "/regeneration-requests/{regeneration}/decision", {"decision": "approve"}),
    ("POST", "/regeneration-requests/{regeneration}/withdrawal", None),
    ("POST", "/clients/{client}/request", {"note": "x"}),
    ("POST", "/clients/{client}/token-refusal", {"reason": "x"}),
    ("PUT", "/clients/{client}/plan", {"plan": "standard"}),
    ("PUT", "/clients/{client}/public-keys", {"keys": []}),
    ("PUT", "/clients/{client}/asking-customers", {"is_allowed": True}),
    ("GET", "/clients/{client}/simulated-approvals", None),
    ("POST", "/clients/{client}/simulated-approvals/apr_1", {"answer": "approve"}),
    ("PUT", "/clients/{client}/authorization-details-types", {"types": []}),
    ("PUT", "/clients/{client}/certificate-name", {}),
    ("DELETE", "/registration-tokens/{registration_token}", None),
    ("PUT", "/clients/{client}/legacy", {"last_day": "2030-01-01", "reason": "x"}),
    ("POST", "/clients/{client}/legacy/end", {"reason": "x"}),
    ("PUT", "/clients/{client}/authorization-details-types", {"types": []}),
    ("GET", "/clients/{client}/subject-type", None),
    ("PUT", "/clients/{client}/subject-type", {"subject_type": "pairwise"}),
    ("GET", "/clients/{client}/logout-uris", None),
    ("PUT", "/clients/{client}/logout-uris", {"post_logout_redirect_uris": ["https://evil.example/"]}),
    ("PUT", "/clients/{client}/redirect-uris", {"redirect_uris": ["https://evil.example/"]}),
    ("PUT", "/clients/{client}/source-ranges", {"source_ranges": []}),
    ("POST", "/clients/{client}/subscriptions", {"product": "accounts"}),
    ("DELETE", "/clients/{client}/subscriptions/{subscription}", None),
    ("GET", "/clients/{client}/quota", None),
    ("GET", "/clients/{client}/service-account", None),
    ("GET", "/clients/{client}/certificates", None),
    ("POST", "/clients/{client}/certificates", {"certificate": ""}),
    ("POST", "/clients/{client}/certificate-orders", {}),
]


@pytest.mark.django_db(databases=["default", "usage"])
def test_foreign_and_invented_ids_look_alike_and_change_nothing(program: Program) -> None:
    application, client, _ = program.register()
    regeneration = ask_for_regeneration(
        acting_user=SYSTEM, client=client, asked_by=program.people["developer"], reason="lost"
    )
    terms = ContractTerms("OF-1", "Accounts", today())
    contract = create_contract(acting_user=SYSTEM, organization=program.partner, terms=terms)
    foreign = {
        "contract": contract.public_id,
        "organization": program.partner.public_id,
        "member": program.people["developer"].public_id,
        "application": application.public_id,
        "client": client.client_id,
        "regeneration": regeneration.public_id,
        "end_users": ask_for_end_users(
            acting_user=SYSTEM,
            client=client,
            asked_by=program.people["developer"],
            persons=[Person("Maja Lind", "m@a.example", "19900101")],
            reason="Tests",
        ).public_id,
        "subscription": client.subscriptions.get().public_id,
        "registration_token": make_registration_token(
            acting_user=SYSTEM,
            organization=program.partner,
            environment=program.sandbox,
            created_by=None,
            note="x",
            uses=1,
            days=1,
        )[0].public_id,
    }
    invented = {name: value[:-4] + "zzzz" for name, value in foreign.items()}
    outsider = program.callers["outsider"]
    events = Event.objects.count()
    for method, path, body in PATHS:
        answers = [outsider(method, path.format(**names), body) for names in (foreign, invented)]
        told = [(each.status, each.code, each.body["message"]) for each in answers]
        assert told[0] == told[1], path
        assert told[0][0] == 404, path
    assert Event.objects.count() == events
    assert Application.objects.get(pk=application.pk).name == application.name
    assert Client.objects.get(pk=client.pk).redirect_uris == client.redirect_uris


def test_lists_hold_ones_own_only(program: Program) -> None:
    program.register()
    program.register("Theirs", organization=program.other)
    outsider = program.callers["outsider"]
    assert [each["name"] for each in outsider.get("/applications").body["data"]] == ["Theirs"]
    assert [each["name"] for each in outsider.get("/organizations").body["data"]] == ["Other Ltd"]
    assert len(outsider.get("/clients").body["data"]) == 1
    assert len(program.callers["auditor"].get("/applications").body["data"]) == 2


def test_a_role_elsewhere_gives_nothing_here(program: Program) -> None:
    """A developer of one organization who is analyst of another does not develop there."""
    from propylon.accounts.actions import add_member

    application, _, _ = program.register("Theirs", organization=program.other)
    add_member(acting_user=SYSTEM, organization=program.other, user=program.people["developer"], role="analyst")
    developer = program.callers["developer"]
    assert developer.get(f"/applications/{application.public_id}").status == 403
    assert developer.get("/applications").body["data"] == []
    answer = developer.post("/applications", {"name": "N", "type": "server", "contact_email": "a@b.example"})
    assert answer.code == "application.organization.missing"
