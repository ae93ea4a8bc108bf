"""Initial access tokens (RFC 7591, 3) in the management API: who makes them, for what, and how they end."""

from __future__ import annotations

from typing import Any

import pytest

from management import Program
from portal.my_apps_pages import person
from propylon.applications.actions import register_client
from propylon.applications.models import RegistrationToken
from propylon.audit.models import Event
from propylon.oauth.registration import read_registration

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def wish(program: Program, **changes: Any) -> dict[str, Any]:
    return {"organization": program.partner.public_id, "environment": "sandbox", "note": "Fintech Ltd"} | changes


def test_the_operator_makes_lists_and_ends_one(program: Program) -> None:
    operator = program.callers["operator"]
    made = operator("POST", "/registration-tokens", wish(program, uses=3, days=2))
    assert made.status == 201
    assert made.body["token"].startswith("pit_")
    assert made.body["token"] not in str(list(RegistrationToken.objects.values()))
    listed = operator("GET", "/registration-tokens").body["data"]
    assert [(each["id"], each["uses_left"], each["is_live"]) for each in listed] == [(made.body["id"], 3, True)]
    assert "token" not in listed[0]
    for _ in range(2):
        assert operator("DELETE", f"/registration-tokens/{made.body['id']}").status == 204
    assert not RegistrationToken.objects.get().is_live
    assert Event.objects.filter(action="registration_token.ended").count() == 1
    assert operator("DELETE", "/registration-tokens/rgt_none").code == "registration_token.unknown"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"note": " "}, "note"), ({"note": "x" * 121}, "note"), ({"uses": 0}, "uses"), ({"uses": 101}, "uses"),
     ({"days": 0}, "days"), ({"days": 91}, "days"), ({"environment": "nowhere"}, "environment")],
)  # fmt: skip
def test_a_wrong_wish_makes_none(program: Program, changes: dict[str, Any], field: str) -> None:
    answer = program.callers["operator"]("POST", "/registration-tokens", wish(program, **changes))
    assert answer.status == 400
    assert [each["field"] for each in answer.body["errors"]] == [field]
    assert not RegistrationToken.objects.exists()


def test_managers_make_them_where_the_installation_lets_partners(program: Program, settings: Any) -> None:
    manager = program.callers["organization_manager"]
    assert manager("POST", "/registration-tokens", wish(program)).status == 403
    settings.PROPYLON_REGISTRATION_BY_PARTNERS = True
    assert manager("POST", "/registration-tokens", wish(program)).status == 201
    assert program.callers["developer"]("POST", "/registration-tokens", wish(program)).status == 403
    assert program.callers["outsider"]("POST", "/registration-tokens", wish(program)).status == 404
    assert program.callers["outsider"]("GET", "/registration-tokens").body["data"] == []


def test_my_apps_and_the_console_say_where_it_comes_from(program: Program) -> None:
    program.callers["operator"]("POST", "/registration-tokens", wish(program))
    sent = {"client_name": "Ledger", "contacts": ["a@partner.example"], "redirect_uris": ["https://a.example/"]}
    made = register_client(token=RegistrationToken.objects.get(), wish=read_registration(sent))
    assert made is not None
    client = made[0]
    seen = person(program, "developer").get(f"/apps/{client.application.public_id}").text
    assert "Registered itself (dynamic registration)" in seen
    facts = person(program, "operator").get(f"/console/applications/{client.application.public_id}").text
    assert "Registered itself (dynamic registration)" in facts
    assert "Application has registered itself" in facts
