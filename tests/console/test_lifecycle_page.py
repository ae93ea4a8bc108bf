"""The console's page of a version's changes and end."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from console_visitor import Visitor

from management import Program
from propylon.catalog.actions import LifecycleWish, import_product, set_lifecycle
from propylon.catalog.models import ProductVersion
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
NEWER = """
openapi: 3.0.3
info: {title: Accounts, version: "2"}
paths:
  /accounts: {get: {operationId: listAccounts, responses: {200: {description: all}}}}
"""


@pytest.fixture
def operator(program: Program) -> Visitor:
    import_product(acting_user=SYSTEM, text=NEWER, name="accounts")
    return Visitor(program.people["operator"])


def version(name: str = "v1") -> ProductVersion:
    return ProductVersion.objects.get(product__name="accounts", version=name)


def test_what_breaks_is_told_before_a_version_is_published(operator: Visitor) -> None:
    assert "can break a program" in operator.text("/console/products/accounts/v2")
    page = operator.text("/console/products/accounts/v2/lifecycle")
    assert "From v1 to v2" in page
    assert "The operation is gone." in page


def test_days_are_set_and_an_hour_that_was_set_stays_with_its_day(operator: Visitor) -> None:
    hour = datetime(2026, 1, 1, 14, tzinfo=UTC)
    set_lifecycle(acting_user=SYSTEM, product_version=version(), wish=LifecycleWish(hour))
    form = {"deprecated_at": "2026-01-01", "sunset_at": "2200-07-01", "successor": "v2", "ends_at_sunset": "on"}
    answer = operator.post("/console/products/accounts/v1/lifecycle", form)
    assert answer.status_code == 303
    row = version()
    assert (row.deprecated_at, row.sunset_at) == (hour, datetime(2200, 7, 1, tzinfo=UTC))
    assert (row.successor, row.ends_at_sunset) == (version("v2"), True)


def test_a_refusal_stands_at_its_field_and_changes_nothing(operator: Visitor) -> None:
    answer = operator.post("/console/products/accounts/v1/lifecycle", {"sunset_at": "2200-07-01"})
    assert answer.status_code == 400
    assert "since when should nobody begin with it?" in answer.content.decode()
    assert version().sunset_at is None
