"""Contracts: whose limits a client has, what may not be agreed, who is told of the end (FEATURES A9)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from management import Program
from propylon.applications.actions import change_contract, create_contract, end_contract, tell_contract_ends
from propylon.applications.check_contract import ContractTerms
from propylon.applications.contracts import quota_in_force, quotas_in_force, quotas_of, today
from propylon.applications.models import Client, Contract
from propylon.audit.models import Event
from propylon.catalog.models import Plan
from propylon.catalog.quotas import Quota
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.notifications.models import Mail

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


def terms(**changes: object) -> ContractTerms:
    wanted = {
        "number": "OF-2026-17",
        "title": "Account information",
        "starts_on": today() - DAY,
        "ends_on": today() + YEAR,
        "environments": ("sandbox",),
        "calls_per_day": 5_000,
        "calls_per_month": 100_000,
    }
    return ContractTerms(**{**wanted, **changes})


def agreed(program: Program, **changes: object) -> Contract:
    return create_contract(acting_user=SYSTEM, organization=program.partner, terms=terms(**changes))


@pytest.fixture
def client(program: Program) -> Client:
    _, made, _ = program.register()
    Plan.objects.update(quota_kind="exact", calls_per_day=10, calls_per_month=None, quota_outage="refuse")
    return loaded(made)


def loaded(client: Client) -> Client:
    return Client.objects.select_related("application", "environment", "plan").get(pk=client.pk)


def test_without_a_contract_the_plans_quota_is_in_force(client: Client) -> None:
    assert quota_in_force(client) == Quota("exact", 10, None, "refuse")


def test_a_contract_gives_the_numbers_and_the_plan_how_they_are_kept(program: Program, client: Client) -> None:
    agreed(program)
    assert quota_in_force(client) == Quota("exact", 5_000, 100_000, "refuse")


def test_a_limit_that_a_contract_leaves_out_is_unlimited(program: Program, client: Client) -> None:
    agreed(program, calls_per_day=None)
    assert quota_in_force(client) == Quota("exact", None, 100_000, "refuse")


def test_a_plan_without_a_quota_counts_a_contracts_calls_as_metered(program: Program, client: Client) -> None:
    Plan.objects.update(quota_kind="", calls_per_day=None)
    agreed(program)
    assert quota_in_force(loaded(client)) == Quota("metered", 5_000, 100_000, "refuse")


@pytest.mark.parametrize(
    "changes",
    [
        {"environments": ("production",)},
        {"environments": (), "calls_per_day": None, "calls_per_month": None},
        {"starts_on": today() + DAY},
        {"starts_on": today() - YEAR, "ends_on": today() - DAY},
    ],
    ids=["of another environment", "without limits", "that begins tomorrow", "that ended yesterday"],
)
def test_a_contract_changes_no_quota(program: Program, client: Client, changes: dict[str, object]) -> None:
    agreed(program, **changes)
    assert quota_in_force(client) == Quota("exact", 10, None, "refuse")


def test_the_first_and_the_last_day_count(program: Program, client: Client) -> None:
    agreed(program, starts_on=today(), ends_on=today())
    assert quota_in_force(client).calls_per_day == 5_000


def test_one_query_tells_the_quotas_of_many_clients(
    program: Program, client: Client, django_assert_num_queries
) -> None:
    other = loaded(program.register("Theirs", organization=program.other)[1])
    agreed(program)
    with django_assert_num_queries(1):
        found = quotas_of([client, other])
    assert {key: quota.calls_per_day for key, quota in found.items()} == {client.client_id: 5_000, other.client_id: 10}


def test_quotas_of_a_kind_count_those_that_a_contract_makes(program: Program, client: Client) -> None:
    other = program.register("Theirs", organization=program.other)[1]
    assert set(quotas_in_force("exact")) == {client.client_id, other.client_id}
    Plan.objects.update(quota_kind="", calls_per_day=None)
    agreed(program)
    assert (quotas_in_force("exact"), set(quotas_in_force("metered"))) == ({}, {client.client_id})


def test_every_mistake_of_the_terms_is_named_and_nothing_stored(program: Program) -> None:
    with pytest.raises(PropylonError) as caught:
        agreed(
            program,
            number=" ",
            title="x" * 121,
            ends_on=today() - YEAR,
            environments=("moon",),
            calls_per_day=-1,
            note="x" * 401,
            document_link="http://plain.example/",
        )
    assert caught.value.code == "contract.terms.invalid"
    assert {each.field for each in caught.value.errors} == {
        "number",
        "title",
        "ends_on",
        "environments",
        "calls_per_day",
        "note",
        "document_link",
    }
    assert not Contract.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"environments": ()}, "environments"), ({"calls_per_day": None, "calls_per_month": None}, "calls_per_day")],
)
def test_limits_and_environments_come_together(program: Program, changes: dict[str, object], field: str) -> None:
    with pytest.raises(PropylonError) as caught:
        agreed(program, **changes)
    assert [each.field for each in caught.value.errors] == [field]


def test_no_environment_has_the_limits_of_two_contracts_on_one_day(program: Program) -> None:
    first = agreed(program)
    with pytest.raises(PropylonError) as caught:
        agreed(program, number="OF-2", starts_on=first.ends_on)
    assert "OF-2026-17" in caught.value.errors[0].reason
    agreed(program, number="OF-3", starts_on=first.ends_on + DAY, ends_on=None)
    agreed(program, number="OF-4", environments=("production",))
    end_contract(acting_user=SYSTEM, contract=first, reason="Replaced.")
    agreed(program, number="OF-5", ends_on=today() + YEAR)


def test_a_change_counts_at_once_and_says_what_was_before(program: Program, client: Client) -> None:
    contract = agreed(program)
    change_contract(acting_user=SYSTEM, contract=contract, terms=terms(calls_per_day=7_000))
    change_contract(acting_user=SYSTEM, contract=contract, terms=terms(calls_per_day=7_000))
    assert quota_in_force(client).calls_per_day == 7_000
    event = Event.objects.get(action="contract.changed")
    assert (event.data["before"], event.data["after"]) == ({"calls_per_day": 5_000}, {"calls_per_day": 7_000})
    assert event.organization_id == program.partner.public_id


def test_an_ended_contract_counts_no_more_and_stays_as_it_was(program: Program, client: Client) -> None:
    contract = agreed(program)
    end_contract(acting_user=SYSTEM, contract=contract, reason="Merged with another bank.")
    assert quota_in_force(client).calls_per_day == 10
    mail = Mail.objects.get(to="organization_manager@people.example", subject__contains="OF-2026-17")
    assert "Merged with another bank." in mail.body
    for again in (
        lambda: end_contract(acting_user=SYSTEM, contract=contract, reason="Once more."),
        lambda: change_contract(acting_user=SYSTEM, contract=contract, terms=terms(title="Other")),
    ):
        with pytest.raises(PropylonError, match=r"contract\.ended"):
            again()
    assert Contract.objects.get().end_reason == "Merged with another bank."


@pytest.mark.parametrize(("left", "notice"), [(31, None), (30, 30), (8, 30), (7, 7), (0, 7)])
def test_managers_and_operators_are_told_once_of_the_end(program: Program, left: int, notice: int | None) -> None:
    contract = agreed(program, ends_on=today() + timedelta(days=left))
    tell_contract_ends()
    tell_contract_ends()
    contract.refresh_from_db()
    assert contract.notice_days == notice
    told = Mail.objects.filter(subject__contains="Contract OF-2026-17 ends")
    people = {"organization_manager@people.example", "operator@people.example"}
    assert sorted(told.values_list("to", flat=True)) == (sorted(people) if notice else [])
    if notice == 30:
        Contract.objects.update(ends_on=today() + timedelta(days=3))
        assert tell_contract_ends() == 1, "the second notice"


def test_who_prolongs_a_contract_is_told_of_the_new_end(program: Program) -> None:
    contract = agreed(program, ends_on=today() + timedelta(days=5))
    assert tell_contract_ends() == 1
    later = change_contract(acting_user=SYSTEM, contract=contract, terms=terms(ends_on=today() + timedelta(days=20)))
    assert later.notice_days is None
    assert tell_contract_ends() == 1
