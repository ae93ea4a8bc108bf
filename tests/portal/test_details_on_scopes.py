"""What developers read of a product's types of `authorization_details` (RFC 9396), and of scopes about accounts."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from management import Program
from propylon.catalog.actions import add_detail_type, set_asks_accounts
from propylon.catalog.detail_type_wish import DetailTypeWish
from propylon.catalog.models import Product, Scope
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db
HERE = "/products/accounts/v1/scopes"


def page() -> str:
    answer = Browser().get(HERE, secure=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_types_stand_below_the_scopes_with_their_schema(program: Program) -> None:
    assert 'id="details"' not in page()
    schema = {"type": "object", "properties": {"until": {"type": "string", "format": "date", "title": "<b>Until"}}}
    wish = DetailTypeWish("accounts_read", "See your accounts", schema, ["v1"], scope="accounts")
    add_detail_type(acting_user=SYSTEM, product=Product.objects.get(name="accounts"), wish=wish)
    text = page()
    for part in ("accounts_read", "See your accounts", "&lt;b&gt;Until"):
        assert part in text
    assert "<b>Until" not in text


def test_a_scope_about_accounts_says_so(program: Program) -> None:
    assert "The customer chooses the accounts." not in page()
    set_asks_accounts(acting_user=SYSTEM, scope=Scope.objects.get(name="accounts"), asks_accounts=True)
    assert "The customer chooses the accounts." in page()
