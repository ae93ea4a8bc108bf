"""Registering applications (straight line (c)): what each type gets, and every mistake at once."""

from __future__ import annotations

import pytest

from management import Program
from propylon.applications.models import Application, Client
from propylon.applications.selectors import client_source_ranges
from propylon.audit.models import Event
from propylon.gateway.marks import ClientSourceRanges
from propylon.notifications.models import Mail

WEB = {
    "name": "Account View",
    "type": "web",
    "contact_email": "team@partner.example",
    "redirect_uris": ["https://app.example/callback"],
    "products": ["accounts"],
}
SERVER = {"name": "Ledger", "type": "server", "contact_email": "team@partner.example", "products": ["accounts"]}


def test_the_sandbox_approves_by_itself_and_gives_keys(program: Program) -> None:
    answer = program.callers["developer"].post("/applications", WEB)

    assert answer.status == 201
    (client,) = answer.body["clients"]
    assert client["status"] == "approved"
    assert client["token_endpoint_auth_method"] == "client_secret_basic"
    assert client["scopes"] == ["accounts", "transactions"]
    assert len(answer.body["client_secret"]) >= 43
    stored = Client.objects.get(client_id=client["client_id"])
    assert answer.body["client_secret"] not in (stored.secret_digest, stored.secret_sealed)
    history = program.callers["developer"].get(f"/applications/{answer.body['id']}/history").body["data"]
    assert [event["action"] for event in reversed(history)] == [
        "application.registered",
        "client.requested",
        "client.subscribed",
        "client.approved",
    ]


def test_a_server_application_gets_a_service_account_and_no_secret(program: Program) -> None:
    answer = program.callers["developer"].post("/applications", SERVER)
    (client,) = answer.body["clients"]
    assert answer.body["client_secret"] is None
    assert client["token_endpoint_auth_method"] == "tls_client_auth"
    assert client["binds_tokens_to_certificate"] is True
    assert client["service_account"] == "svcPartnerABV01"
    again = program.callers["developer"].post("/applications", {**SERVER, "name": "Second"})
    assert again.body["clients"][0]["service_account"] == "svcPartnerABV02"


@pytest.mark.parametrize("type_", ["spa", "native"])
def test_a_public_client_has_no_secret(program: Program, type_: str) -> None:
    answer = program.callers["developer"].post("/applications", {**WEB, "type": type_})
    (client,) = answer.body["clients"]
    assert (answer.body["client_secret"], client["has_secret"]) == (None, False)
    assert client["token_endpoint_auth_method"] == "none"


def test_a_fapi2_web_application_has_a_certificate_for_its_method(program: Program) -> None:
    answer = program.callers["developer"].post("/applications", {**WEB, "security_profile": "fapi2"})
    (client,) = answer.body["clients"]
    assert client["token_endpoint_auth_method"] == "tls_client_auth"
    assert client["service_account"] == "svcPartnerABV01"


def test_every_mistake_is_listed_and_nothing_is_stored(program: Program) -> None:
    events = Event.objects.count()
    answer = program.callers["developer"].post(
        "/applications",
        {
            "name": "x",
            "type": "web",
            "contact_email": "nobody",
            "redirect_uris": ["https://a.example/#part", "https://*.example/", "ftp://a.example/"],
            "source_ranges": ["10.0.0.1/8", "0.0.0.0/0", "home"],
            "products": ["accounts", "gold"],
            "token_endpoint_auth_method": "tls_client_auth",
        },
    )
    assert (answer.status, answer.code) == (400, "application.request.invalid")
    assert answer.fields == {
        "name",
        "contact_email",
        "redirect_uris.0",
        "redirect_uris.1",
        "redirect_uris.2",
        "source_ranges.0",
        "source_ranges.1",
        "source_ranges.2",
        "products.1",
        "token_endpoint_auth_method",
    }
    assert not Application.objects.exists()
    assert Event.objects.count() == events


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "robot"}, "type"),
        ({"security_profile": "legacy"}, "security_profile"),
        ({"environment": "moon"}, "environment"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": [f"https://a.example/{n}" for n in range(11)]}, "redirect_uris"),
        ({"redirect_uris": ["https://a.example/", "https://a.example/"]}, "redirect_uris"),
        ({"type": "server"}, "redirect_uris.0"),
        ({"type": "spa", "source_ranges": ["192.0.2.0/24"]}, "source_ranges"),
        ({"type": "native", "binds_tokens_to_certificate": True}, "binds_tokens_to_certificate"),
    ],
)
def test_what_a_type_does_not_take_is_named(program: Program, change: dict[str, object], field: str) -> None:
    answer = program.callers["developer"].post("/applications", {**WEB, **change})
    assert answer.status == 400
    assert answer.fields == {field}
    assert not Application.objects.exists()


def test_a_name_is_unique_in_its_organization_only(program: Program) -> None:
    developer = program.callers["developer"]
    assert developer.post("/applications", WEB).status == 201
    assert developer.post("/applications", {**WEB, "name": "ACCOUNT view"}).fields == {"name"}
    assert program.callers["outsider"].post("/applications", WEB).status == 201


def test_production_waits_for_the_operator(program: Program) -> None:
    developer, operator = program.callers["developer"], program.callers["operator"]
    application = developer.post("/applications", WEB).body["id"]
    asked = developer.post(
        f"/applications/{application}/clients",
        {"environment": "production", "redirect_uris": WEB["redirect_uris"], "products": ["accounts"]},
    )
    client_id = asked.body["client_id"]
    assert (asked.body["status"], asked.body["client_secret"]) == ("pending", None)
    assert developer.post(f"/clients/{client_id}/secret", {"password": "three quiet harbours"}).code == (
        "client.secret.none"
    )
    waiting = operator.get("/clients?status=pending").body["data"]
    assert [each["client_id"] for each in waiting] == [client_id]

    decided = operator.post(f"/clients/{client_id}/decision", {"decision": "approve", "reason": "Checked."})

    assert (decided.body["status"], decided.body["has_secret"]) == ("approved", True)
    assert "client_secret" not in decided.body
    shown = developer.post(f"/clients/{client_id}/secret", {"password": "three quiet harbours"})
    assert shown.status == 200
    assert Mail.objects.get(to="team@partner.example").subject == "Account View in Production: approved"
    assert operator.post(f"/clients/{client_id}/decision", {"decision": "approve"}).code == "client.status.unfit"


def test_a_rejection_needs_a_reason(program: Program) -> None:
    _, client, _ = program.register(environment=program.production)
    path = f"/clients/{client.client_id}/decision"
    operator = program.callers["operator"]
    assert operator.post(path, {"decision": "reject"}).code == "client.decision.reason_missing"
    assert operator.post(path, {"decision": "reject", "reason": "No contract."}).body["status"] == "rejected"


def test_source_ranges_reach_the_gateway_in_canonical_form(program: Program) -> None:
    _, client, _ = program.register(type_="server")
    path = f"/clients/{client.client_id}/source-ranges"
    developer = program.callers["developer"]
    wish = ["2001:DB8:0::/32", "192.0.2.7", "192.0.2.7/32"]
    assert developer("PUT", path, {"source_ranges": wish}).body["source_ranges"] == ["192.0.2.7/32", "2001:db8::/32"]
    assert client_source_ranges() == (ClientSourceRanges(client.client_id, ("192.0.2.7/32", "2001:db8::/32")),)

    refused = developer("PUT", path, {"source_ranges": ["192.0.2.0/33", "10.0.0.0/8"]})
    assert refused.fields == {"source_ranges.0"}
    assert developer.get(path).body["source_ranges"] == ["192.0.2.7/32", "2001:db8::/32"]

    assert developer("PUT", path, {"source_ranges": []}).status == 200
    assert client_source_ranges() == ()


def test_name_and_contact_can_be_changed(program: Program) -> None:
    application, _, _ = program.register()
    path = f"/applications/{application.public_id}"
    developer = program.callers["developer"]
    assert developer("PATCH", path, {"name": "Renamed"}).body["name"] == "Renamed"
    assert developer("PATCH", path, {"name": "", "contact_email": "x"}).fields == {"name", "contact_email"}
    assert developer.get(path).body["contact_email"] == "team@partner.example"


def test_redirect_uris_are_replaced_whole(program: Program) -> None:
    _, client, _ = program.register()
    path = f"/clients/{client.client_id}/redirect-uris"
    developer = program.callers["developer"]
    assert developer("PUT", path, {"redirect_uris": ["https://new.example/cb"]}).status == 200
    assert developer("PUT", path, {"redirect_uris": ["https://new.example/cb", "http://far.example/"]}).fields == {
        "redirect_uris.1"
    }
    client.refresh_from_db()
    assert client.redirect_uris == ["https://new.example/cb"]


@pytest.mark.parametrize("uri", ["http://partner.example/cb", "http://localhost/cb", "com.partner:/cb"])
def test_a_fapi2_web_application_redirects_to_https_only_fapi2_5_3_2_2_8(program: Program, uri: str) -> None:
    answer = program.callers["developer"].post(
        "/applications", {**WEB, "security_profile": "fapi2", "redirect_uris": [uri]}
    )
    assert (answer.status, answer.fields) == (400, {"redirect_uris.0"})
