"""The ledger of exact quotas: never more than the contract, whatever is asked and given back."""

from __future__ import annotations

import json
import random

import pytest
from django.utils import timezone
from starlette.testclient import TestClient

from propylon.accounts.models import Organization
from propylon.applications.models import Application, Client, Contract
from propylon.catalog.models import Environment, Plan
from propylon.controlplane.models import QuotaCount
from propylon.controlplane.offering import Offering
from propylon.controlplane.protocol import NodeProtocol
from propylon.controlplane.quota_leases import block_of, forget_days, lease_calls


@pytest.fixture
def plan(db: None) -> Plan:
    """Of client `cl_1`: 100 calls a day, 150 a month."""
    now = timezone.now()
    plan = Plan.objects.create(
        name="exact", requests_per_second=1, burst=1, quota_kind="exact", calls_per_day=100, calls_per_month=150
    )
    organization = Organization.objects.create(public_id="org_1", name="Partner", created_at=now)
    application = Application.objects.create(
        public_id="app_1", organization=organization, name="App", type="web", created_at=now
    )
    environment = Environment.objects.create(name="sandbox", path_prefix="/sandbox")
    Client.objects.create(
        client_id="cl_1", application=application, environment=environment, plan=plan, status="approved", created_at=now
    )
    return plan


def _today() -> str:
    return f"{timezone.now():%Y-%m-%d}"


def _counted() -> dict[str, int]:
    return dict(QuotaCount.objects.filter(client_id="cl_1").values_list("period", "calls"))


def _lease_all(wanted: int = 10) -> int:
    total = 0
    while granted := lease_calls(client_id="cl_1", wanted=wanted).granted:
        total += granted
    return total


def test_the_whole_contract_is_leased_and_not_one_more(plan: Plan) -> None:
    assert _lease_all() == 100
    lease = lease_calls(client_id="cl_1", wanted=1)
    assert (lease.granted, lease.spent, lease.limit, lease.day) == (0, "day", 100, _today())
    assert 0 < lease.seconds <= 86_400
    assert _counted() == {_today(): 100, _today()[:7]: 100}


def test_the_month_ends_it_too(plan: Plan) -> None:
    QuotaCount.objects.create(client_id="cl_1", period=_today()[:7], calls=120)
    assert _lease_all() == 30
    lease = lease_calls(client_id="cl_1", wanted=1)
    assert (lease.spent, lease.limit) == ("month", 150)


def test_a_contracts_numbers_take_the_place_of_the_plans(plan: Plan) -> None:
    contract = Contract.objects.create(
        public_id="con_1",
        organization=Organization.objects.get(),
        number="1",
        title="Large",
        starts_on=timezone.now().date(),
        environments=["sandbox"],
        calls_per_day=130,
        created_at=timezone.now(),
    )
    assert _lease_all() == 130
    assert lease_calls(client_id="cl_1", wanted=1).limit == 130
    contract.calls_per_day, contract.calls_per_month = 500, 140
    contract.save()
    assert _lease_all() == 10
    lease = lease_calls(client_id="cl_1", wanted=1)
    assert (lease.spent, lease.limit) == ("month", 140)


@pytest.mark.parametrize(
    ("day", "month", "first", "spent"),
    [
        (None, 150, 1, ""),
        (100, None, 1, ""),
        (0, None, 0, "day"),
        (None, 0, 0, "month"),
        (0, 0, 0, "month"),
        (1, 1, 1, ""),
    ],
)
def test_zero_is_none_and_null_is_unlimited(
    plan: Plan, day: int | None, month: int | None, first: int, spent: str
) -> None:
    plan.calls_per_day, plan.calls_per_month = day, month
    plan.save()
    lease = lease_calls(client_id="cl_1", wanted=1)
    assert (lease.granted, lease.spent) == (first, spent)


def test_what_is_given_back_can_be_leased_again(plan: Plan) -> None:
    assert _lease_all() == 100
    assert lease_calls(client_id="cl_1", wanted=50, back=7, back_day=_today()).granted == 1
    assert _lease_all() == 6


def test_what_is_given_back_of_another_day_counts_for_its_month(plan: Plan) -> None:
    QuotaCount.objects.create(client_id="cl_1", period="2026-01-31", calls=40)
    QuotaCount.objects.create(client_id="cl_1", period="2026-01", calls=90)
    lease_calls(client_id="cl_1", wanted=0, back=10, back_day="2026-01-31")
    assert _counted() | {"2026-01-31": 30, "2026-01": 80} == _counted()


def test_what_was_served_without_a_lease_is_counted_even_beyond_the_contract(plan: Plan) -> None:
    lease = lease_calls(client_id="cl_1", wanted=10, over=130)
    assert (lease.granted, lease.spent) == (0, "day")
    assert _counted()[_today()] == 130


def test_a_contract_that_changes_counts_at_once(plan: Plan) -> None:
    assert _lease_all() == 100
    plan.calls_per_day = 110
    plan.save()
    assert _lease_all() == 10
    plan.calls_per_day = 20
    plan.save()
    assert lease_calls(client_id="cl_1", wanted=1).spent == "day"


@pytest.mark.parametrize("kind", ["", "metered"])
def test_a_client_without_an_exact_quota_is_not_counted(plan: Plan, kind: str) -> None:
    plan.quota_kind = kind
    plan.save()
    assert lease_calls(client_id="cl_1", wanted=500, over=3).granted == 500
    assert lease_calls(client_id="unknown", wanted=500, back=3, back_day=_today()).granted == 500
    assert _counted() == {}


def test_however_it_is_asked_the_sum_stays(plan: Plan) -> None:
    chance, held = random.Random(7), 0
    for _ in range(200):
        back = chance.randint(0, held)
        lease = lease_calls(client_id="cl_1", wanted=chance.randint(0, 40), back=back, back_day=_today())
        held += lease.granted - back
        assert held == _counted()[_today()] <= 100


def test_days_long_past_are_forgotten_and_months_are_not(plan: Plan) -> None:
    lease_calls(client_id="cl_1", wanted=1)
    for period in ("2025-01-31", "2025-01"):
        QuotaCount.objects.create(client_id="cl_1", period=period, calls=5)
    forget_days()
    assert _counted().keys() == {"2025-01", _today(), _today()[:7]}


def test_blocks_are_small_near_the_end() -> None:
    assert [block_of(1000, [left]) for left in (100_000, 1600, 160, 31, 16, 1, 0)] == [1000, 25, 2, 1, 1, 1, 0]
    assert block_of(1000, []) == 1000
    assert block_of(1000, [640, 10_000]) == 10


async def _never(*_: object) -> int:
    raise AssertionError


@pytest.mark.django_db(transaction=True)
def test_nodes_ask_over_their_protocol() -> None:
    client = TestClient(NodeProtocol(Offering(), _never).application(asks_for_certificate=False))
    answer = client.post("/v1/nodes/node-1/quota", content=json.dumps({"client": "cl_9", "wanted": 5}))
    assert answer.status_code == 200
    assert answer.json() | {"granted": 5, "spent": "", "day": _today()} == answer.json()


@pytest.mark.parametrize(
    "wrong",
    [{"client": ""}, {"client": 1}, {"wanted": -1}, {"wanted": "5"}, {"wanted": True}, {"over": 10**9}, {"back": 1}],
)
def test_a_question_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    client = TestClient(NodeProtocol(Offering(), _never).application(asks_for_certificate=False))
    answer = client.post("/v1/nodes/node-1/quota", content=json.dumps({"client": "cl_9", "wanted": 5, **wrong}))
    assert (answer.status_code, answer.json()["code"]) == (400, "controlplane.request.invalid")
