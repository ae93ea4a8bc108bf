"""The operator's pages about consents: types of `authorization_details`, and scopes that name accounts."""

from __future__ import annotations

import pytest
from console_visitor import Visitor

from management import Program
from propylon.catalog.models import DetailType, Scope

pytestmark = pytest.mark.django_db
HERE = "/console/products/accounts/consents"
SCHEMA = '{"type": "object", "properties": {"accounts": {"type": "array", "items": {"type": "string"}}}}'
FORM = {
    "name": "account_information",
    "title": "See your accounts",
    "versions": "v1",
    "schema": SCHEMA,
    "account_member": "accounts",
    "scope": "accounts",
}


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def test_an_operator_adds_changes_and_removes_a_type(operator: Visitor) -> None:
    assert "No types yet" in operator.get(HERE).text
    assert operator.post(f"{HERE}/new", FORM).status_code == 303
    row = DetailType.objects.get()
    assert (row.name, row.account_member, row.schema["type"]) == ("account_information", "accounts", "object")
    assert [each.version for each in row.versions.all()] == ["v1"]
    assert "See your accounts" in operator.get(HERE).text
    here = f"{HERE}/types/account_information"
    assert "&quot;accounts&quot;" in operator.get(here).text
    assert operator.post(here, FORM | {"title": "Look at accounts", "step": "save"}).status_code == 303
    assert DetailType.objects.get().title == "Look at accounts"
    assert operator.post(here, {"step": "remove"}).status_code == 303
    assert not DetailType.objects.exists()
    assert operator.get(here).status_code == 404


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"schema": "{"}, "This is not JSON"),
        ({"schema": "[]"}, "Write one JSON object"),
        ({"schema": "{}"}, "a JSON Schema with type object and properties"),
        ({"account_member": "nothing"}, "with the member for accounts"),
        ({"name": "a b"}, "letters, digits"),
        ({"versions": "v9"}, "v9"),
    ],
)
def test_a_mistake_stands_at_its_field_and_nothing_is_stored(
    operator: Visitor, change: dict[str, str], words: str
) -> None:
    page = operator.post(f"{HERE}/new", FORM | change)
    assert page.status_code == 400
    assert words in page.text
    assert not DetailType.objects.exists()


def test_scopes_that_ask_for_accounts_are_ticked(operator: Visitor) -> None:
    assert operator.post(HERE, {"scopes": "accounts"}).status_code == 303
    assert Scope.objects.get(name="accounts").asks_accounts
    assert "checked" in operator.get(HERE).text
    assert operator.post(HERE, {}).status_code == 303
    assert not Scope.objects.get(name="accounts").asks_accounts
    assert operator.post(HERE, {"scopes": "nothing"}).status_code == 400
