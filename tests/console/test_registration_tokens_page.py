"""Initial access tokens and addresses after logging out, by the operator's pages."""

from __future__ import annotations

import re

import pytest
from console_visitor import Visitor

from management import Program
from propylon.applications.models import Client, RegistrationToken
from propylon.audit.models import Event
from propylon.authserver.logout_addresses import logout_addresses
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
WISH = {"environment": "sandbox", "note": "Build system", "uses": "3", "days": "30"}


def test_a_token_is_shown_once_and_ended_by_hand(program: Program) -> None:
    operator, address = Visitor(program.people["operator"]), f"/console/organizations/{program.partner.public_id}"
    assert "registration-tokens/new" in operator.text(address)
    answer = operator.post(f"{address}/registration-tokens/new", WISH)
    text = answer.content.decode()
    found = re.search(r"pit_[A-Za-z0-9_-]+", text)
    assert found
    token = RegistrationToken.objects.get(digest=digest(Secret(found[0])))
    assert (token.uses_left, token.organization, token.note) == (3, program.partner, "Build system")
    assert "no-store" in answer["Cache-Control"]
    listed = operator.text("/console/registration-tokens")
    assert found[0] not in listed
    assert "Build system" in listed
    assert "/end" in listed
    assert operator.post(f"/console/registration-tokens/{token.public_id}/end", {}).status_code == 303
    token.refresh_from_db()
    assert not token.is_live
    assert "/end" not in operator.text("/console/registration-tokens")
    assert Event.objects.filter(action__startswith="registration_token.").count() == 2


@pytest.mark.parametrize(
    "wrong",
    [{"uses": "0"}, {"uses": "101"}, {"days": "91"}, {"note": ""}, {"note": "x" * 121}, {"environment": "moon"}],
)
def test_wrong_bounds_make_nothing(program: Program, wrong: dict[str, str]) -> None:
    operator = Visitor(program.people["operator"])
    address = f"/console/organizations/{program.partner.public_id}/registration-tokens/new"
    assert operator.post(address, WISH | wrong).status_code == 400
    assert not RegistrationToken.objects.exists()


def test_an_auditor_sees_the_list_without_buttons(program: Program) -> None:
    address = f"/console/organizations/{program.partner.public_id}/registration-tokens/new"
    Visitor(program.people["operator"]).post(address, WISH)
    text = Visitor(program.people["auditor"]).text("/console/registration-tokens")
    assert "Build system" in text
    assert "/end" not in text


def test_addresses_after_logging_out_are_set_by_the_operator(program: Program) -> None:
    client: Client = program.register(type="web", redirect_uris=["https://a.example/cb"])[1]
    operator, address = Visitor(program.people["operator"]), f"/console/clients/{client.client_id}/logout-addresses"
    good = "https://a.example/bye\r\n\r\nhttps://a.example/gone"
    assert operator.post(address, {"post_logout_redirect_uris": good}).status_code == 303
    assert logout_addresses(client.client_id) == ["https://a.example/bye", "https://a.example/gone"]
    assert "https://a.example/gone" in operator.text(address)
    wrong = operator.post(address, {"post_logout_redirect_uris": "ftp://a.example/bye"})
    assert wrong.status_code == 400
    assert "ftp://a.example/bye" in wrong.content.decode()
    assert len(logout_addresses(client.client_id)) == 2
    assert operator.post(address, {"post_logout_redirect_uris": ""}).status_code == 303
    assert logout_addresses(client.client_id) == []
