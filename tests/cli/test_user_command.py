"""`propylon user add`: the first operator of an installation without demonstration."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from propylon.accounts.actions import sign_in
from propylon.accounts.models import Membership, User
from propylon.cli.user import user
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db


def add(*arguments: str) -> str:
    result = CliRunner().invoke(user, ["add", *arguments], catch_exceptions=False, standalone_mode=False)
    return result.output


def test_the_first_operator_can_sign_in() -> None:
    said = add("Ops@Bank.example", "--name", "Olle Operator")
    password = said.split("Password: ")[1].split()[0]
    membership = Membership.objects.get()
    assert (membership.role, membership.organization.is_operator) == ("operator", True)
    assert sign_in(email="ops@bank.example", password=password, source_address="127.0.0.1") == membership.user


def test_staff_shares_one_organization_and_partners_have_their_own() -> None:
    add("one@bank.example", "--name", "One Person")
    add("two@bank.example", "--name", "Two Person", "--role", "auditor", "--organization", "ignored")
    add("dev@partner.example", "--name", "Dev Person", "--role", "developer", "--organization", "Partner")
    found = Membership.objects.order_by("pk").values_list("role", "organization__name")
    assert list(found) == [("operator", "Operator"), ("auditor", "Operator"), ("developer", "Partner")]


def test_a_refusal_stores_nothing() -> None:
    with pytest.raises(PropylonError) as refused:
        add("no address", "--name", "")
    assert [error.field for error in refused.value.errors] == ["email", "name"]
    assert not User.objects.exists()
