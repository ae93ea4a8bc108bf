"""Kill switches by page: chosen, confirmed, thrown, seen on every page and in the portal, lifted."""

from __future__ import annotations

import pytest
from console_visitor import Visitor

from management import Program
from propylon.audit.models import Event
from propylon.controlplane.kill_switches import kill_switches
from propylon.gateway.marks import GatewayMark
from propylon.marks.selectors import live_marks

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
LIST = "/console/kill-switches"
THROW = f"{LIST}/new/product"
WISH = {"target": "accounts", "environment": "sandbox", "reason": "wrong balances"}
BANNER = "kill switch is thrown"


@pytest.fixture
def officer(program: Program) -> Visitor:
    return Visitor(program.people["security_officer"])


def test_the_first_step_stops_nothing_and_says_what_it_means(officer: Visitor) -> None:
    answer = officer.post(THROW, WISH)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "in Sandbox?" in text
    assert "refused with 503" in text
    assert "No application called in the last 7 days." in text
    assert live_marks() == ()


def test_confirmed_it_is_stopped_and_every_page_of_the_console_says_so(program: Program, officer: Visitor) -> None:
    auditor = Visitor(program.people["auditor"])
    assert BANNER not in auditor.text("/console")
    answer = officer.post(THROW, {**WISH, "confirmed": "yes"})
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert live_marks() == (GatewayMark("product", "accounts@sandbox"),)
    text = officer.text(LIST)
    assert all(each in text for each in ("wrong balances", "security_officer@people.example", "Sandbox"))
    assert f"{LIST}/product/accounts@sandbox" in text
    assert BANNER in auditor.text("/console")
    assert f"{LIST}/product/accounts@sandbox" not in auditor.text(LIST), "who may not lift it has no button"


@pytest.mark.parametrize(
    "place", ["/products/accounts", "/products/accounts/v1/reference/listAccounts"], ids=["product", "operation"]
)
def test_the_portal_says_where_it_is_stopped_and_not_why(officer: Visitor, place: str) -> None:
    stranger = Visitor(None)
    assert "Stopped for the moment by the bank" not in stranger.text(place)
    officer.post(THROW, {**WISH, "confirmed": "yes"})
    text = stranger.text(place)
    assert "Stopped for the moment by the bank: Sandbox" in text
    assert "wrong balances" not in text


def test_a_stopped_environment_stops_the_products_in_it_only(officer: Visitor) -> None:
    sent = {"target": "production", "reason": "core is down", "confirmed": "yes"}
    assert officer.post(f"{LIST}/new/environment", sent).status_code == 303
    assert "Stopped for the moment by the bank: Production" in Visitor(None).text("/products/accounts")
    assert "Stopped for the moment" not in Visitor(None).text("/products/authentication")


def test_an_organization_is_found_by_its_name(program: Program, officer: Visitor) -> None:
    page = f"{LIST}/new/organization"
    refused = officer.post(page, {"target": "Nobody AB", "reason": "abuse", "confirmed": "yes"})
    assert refused.status_code == 400
    assert "as this installation names it" in refused.content.decode()
    assert officer.post(page, {"target": "partner ab", "reason": "abuse", "confirmed": "yes"}).status_code == 303
    assert live_marks() == (GatewayMark("organization", program.partner.public_id),)


def test_without_a_reason_nothing_is_stopped(officer: Visitor) -> None:
    assert officer.post(THROW, {**WISH, "reason": " ", "confirmed": "yes"}).status_code == 400
    assert live_marks() == ()


def test_it_is_lifted_with_a_reason_once(officer: Visitor) -> None:
    officer.post(THROW, {**WISH, "confirmed": "yes"})
    page = f"{LIST}/product/accounts@sandbox"
    assert "wrong balances" in officer.text(page)
    assert officer.post(page, {"reason": " "}).status_code == 400
    assert len(kill_switches()) == 1
    assert officer.post(page, {"reason": "mended"}).status_code == 303
    assert live_marks() == ()
    assert Event.objects.get(action="kill_switch.lifted").data["reason"] == "mended"
    assert officer.post(page, {"reason": "mended"}).status_code == 404


def test_nothing_else_can_be_stopped(officer: Visitor) -> None:
    officer.text(f"{LIST}/new/application", 404)
