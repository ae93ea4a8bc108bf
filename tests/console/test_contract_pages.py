"""Contracts by page: the operator keeps them, the partner reads them, its applications' pages say what they allow."""

from __future__ import annotations

from datetime import timedelta

import pytest
from console_visitor import Visitor

from management import Program
from propylon.applications.actions import create_contract, end_contract
from propylon.applications.check_contract import ContractTerms
from propylon.applications.contracts import today
from propylon.applications.models import Contract
from propylon.catalog.actions import create_plan
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def sent(**changes: object) -> dict[str, object]:
    ends_on = today() + timedelta(days=12)
    return {
        "number": "OF-2026-17",
        "title": "Account information",
        "starts_on": str(today()),
        "ends_on": str(ends_on),
        "environments": ["sandbox"],
        "calls_per_day": "5000",
        "calls_per_month": "",
        "note": "Signed by both.",
        "document_link": "https://archive.bank.example/17",
        **changes,
    }


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


@pytest.fixture
def agreed(program: Program) -> Contract:
    terms = ContractTerms("OF-1", "Payments", today(), environments=("sandbox",), calls_per_month=900)
    return create_contract(acting_user=SYSTEM, organization=program.partner, terms=terms)


def test_a_contract_is_added_and_seen_by_the_partner(program: Program, operator: Visitor) -> None:
    place = f"/console/organizations/{program.partner.public_id}"
    assert f"{place}/contracts/new" in operator.text(place)
    answer = operator.post(f"{place}/contracts/new", sent())
    made = Contract.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/console/contracts/{made.public_id}")
    assert (made.environments, made.calls_per_day, made.calls_per_month) == (["sandbox"], 5000, None)
    assert "12 days left" in operator.text(place)
    developer = Visitor(program.people["developer"])
    text = developer.text(f"/organizations/{program.partner.public_id}/contracts")
    assert all(each in text for each in ("OF-2026-17", "5,000 calls a day", "12 days left", "Signed by both."))
    application, _, _ = program.register()
    page = developer.text(f"/apps/{application.public_id}")
    assert "What your contract allows" in page
    assert "5,000 calls a day" in page


def test_a_mistake_stands_at_its_field(program: Program, operator: Visitor) -> None:
    page = f"/console/organizations/{program.partner.public_id}/contracts/new"
    answer = operator.post(page, sent(environments=[]))
    assert answer.status_code == 400
    assert "at least one where the limits count" in answer.content.decode()
    assert not Contract.objects.exists()


def test_it_is_changed_and_ended_by_page(operator: Visitor, agreed: Contract) -> None:
    page = f"/console/contracts/{agreed.public_id}"
    assert operator.post(page, sent(number="OF-1", title="Payments and more")).status_code == 303
    assert "Payments and more" in operator.text(page)
    assert operator.post(f"{page}/end", {"reason": " "}).status_code == 400
    assert operator.post(f"{page}/end", {"reason": "Merged."}).status_code == 303
    text = operator.text(page)
    assert "Merged." in text
    assert "Change it" not in text
    assert operator.post(f"{page}/end", {"reason": "Merged."}).status_code == 409


def test_without_a_contract_the_page_says_so_and_the_plans_limits_stand(program: Program) -> None:
    application, client, _ = program.register()
    client.plan = create_plan(acting_user=SYSTEM, name="gold", title="Gold", requests_per_second=9, burst=9)
    client.plan.quota_kind, client.plan.calls_per_day = "metered", 1234
    client.plan.save()
    client.save()
    developer = Visitor(program.people["developer"])
    assert "No contract yet" in developer.text(f"/organizations/{program.partner.public_id}/contracts")
    page = developer.text(f"/apps/{application.public_id}")
    assert "1,234 calls a day" in page
    assert "What your contract allows" not in page


def test_another_organizations_contract_is_not_there(program: Program, agreed: Contract) -> None:
    outsider = Visitor(program.people["outsider"])
    outsider.text(f"/organizations/{program.partner.public_id}/contracts", 404)
    Visitor(program.people["analyst"]).text(f"/organizations/{program.partner.public_id}/contracts", 403)


def test_an_ended_contract_is_kept_for_the_partner(program: Program, agreed: Contract) -> None:
    end_contract(acting_user=SYSTEM, contract=agreed, reason="Merged.")
    text = Visitor(program.people["developer"]).text(f"/organizations/{program.partner.public_id}/contracts")
    assert "Merged." in text
