"""FEATURES D5: subscribers are told of versions that change what they call, each person once and each event once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from management import Program
from propylon.applications.actions import tell_version_news
from propylon.catalog import actions
from propylon.catalog.actions import LifecycleWish
from propylon.catalog.models import Operation, ProductVersion
from propylon.kernel.actor import SYSTEM
from propylon.notifications.models import Mail

NEW = """
openapi: 3.0.3
info: {title: Accounts, version: "2.0"}
security: [{login: [accounts]}]
paths:
  /accounts: {get: {operationId: listAccounts, responses: {"200": {description: all}}}}
  /accounts/{id}/balances:
    get:
      operationId: balances
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: them}}
components:
  securitySchemes:
    login:
      type: oauth2
      flows: {clientCredentials: {tokenUrl: https://bank.example/token, scopes: {accounts: See your accounts}}}
"""


def old() -> ProductVersion:
    return ProductVersion.objects.get(product__name="accounts", version="v1")


def publish(version: ProductVersion, place: str = "sandbox") -> None:
    publication = old().publications.get(environment__name=place)
    actions.publish(
        acting_user=SYSTEM,
        product_version=version,
        environment=publication.environment,
        upstream=publication.upstream,
        upstream_prefix="/accounts/v2",
    )


@pytest.fixture
def newer(program: Program) -> ProductVersion:
    """v2 is imported; two applications of one organization subscribe; nothing is left to tell."""
    for name in ("First", "Second"):
        program.register(name=name)
    version = actions.import_product(acting_user=SYSTEM, text=NEW, name="accounts")
    assert tell_version_news() == 0  # history
    Mail.objects.all().delete()
    return version


def mails() -> list[Mail]:
    assert tell_version_news() >= 1
    found = list(Mail.objects.order_by("pk"))
    Mail.objects.all().delete()
    return found


def test_a_new_version_is_told_to_everybody_once_with_the_operations_that_change(newer: ProductVersion) -> None:
    publish(newer)
    told = mails()
    assert len(told) == len({mail.to for mail in told}) > 1
    body = told[0].body
    assert told[0].subject == "Accounts: version v2"
    assert "First, Second" in body
    assert "GET /accounts/{id}/balances\n" in body
    assert "GET /accounts/{id}/transactions (can break a program)" in body
    assert "/products/accounts/v2/versions?since=v1" in body
    assert tell_version_news() == 0
    assert not Mail.objects.exists()


def test_another_upstream_is_no_news(newer: ProductVersion) -> None:
    publish(newer)
    assert mails()
    row = newer.publications.get()
    actions.publish(
        acting_user=SYSTEM,
        product_version=newer,
        environment=row.environment,
        upstream=row.upstream,
        upstream_prefix="/accounts/v3",
    )
    assert mails() == []


def test_nobody_of_another_environment_is_told(program: Program, newer: ProductVersion) -> None:
    publish(newer, "production")
    assert mails() == []


def test_an_operation_of_other_plans_is_not_named(program: Program, newer: ProductVersion) -> None:
    Operation.objects.filter(product_version=newer, operation_id="balances").update(plans=["gold"])
    publish(newer)
    assert "balances" not in mails()[0].body


def test_an_end_is_told_with_its_dates_and_what_to_use(newer: ProductVersion) -> None:
    wish = LifecycleWish(
        datetime(2026, 1, 1, tzinfo=UTC), timezone.now() + timedelta(days=60), newer, ends_at_sunset=True
    )
    actions.set_lifecycle(acting_user=SYSTEM, product_version=old(), wish=wish)
    mail = mails()[0]
    assert mail.subject == "Accounts v1 ends"
    assert "deprecated from 2026-01-01 00:00 UTC" in mail.body
    assert "calls are refused then" in mail.body
    assert "Use v2 instead." in mail.body
    assert "GET /accounts/{id}/transactions (can break a program)" in mail.body
    ProductVersion.objects.filter(pk=old().pk).update(sunset_at=timezone.now())
    actions.end_versions()
    assert mails()[0].subject == "Accounts v1 has ended"
    actions.set_lifecycle(acting_user=SYSTEM, product_version=old(), wish=LifecycleWish())
    assert mails() == []  # taken back


def test_a_document_that_is_replaced_while_it_answers_is_told(newer: ProductVersion) -> None:
    publish(newer)
    assert mails()
    actions.import_product(acting_user=SYSTEM, text=NEW.replace("/balances:", "/saldo:"), name="accounts")
    body = mails()[0].body
    assert "GET /accounts/{id}/saldo" in body
    assert "GET /accounts/{id}/balances (can break a program)" in body


def test_a_version_taken_back_from_an_environment_is_told_there(newer: ProductVersion) -> None:
    publish(newer)
    mails()
    actions.unpublish(acting_user=SYSTEM, publication=newer.publications.get())
    (told,) = {mail.subject for mail in mails()}
    assert told.startswith(f"Accounts {newer.version} was taken back from")
    publish(newer)
    mails()
    actions.unpublish(acting_user=SYSTEM, publication=newer.publications.get())
    publish(newer)
    assert mails() == [], "it answers again before anybody was told"


def test_a_failure_tells_nobody_and_the_next_run_tells_all(
    newer: ProductVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(newer)
    with monkeypatch.context() as patched:
        patched.setattr("propylon.applications.actions.version_news.version_told", _broken)
        with pytest.raises(RuntimeError):
            tell_version_news()
    assert not Mail.objects.exists()
    assert mails()


def _broken(*_: object) -> None:
    raise RuntimeError("no mail today")
