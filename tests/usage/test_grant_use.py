"""How often a customer's consent was used, from call records."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connections
from django.utils import timezone

from propylon.usage.grant_use import MOST_COUNTED, GrantUse, answered_calls, uses_of_grants
from propylon.usage.models import CallRecord

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def calls(number: int, grant_id: str, **more: object) -> None:
    first, now = CallRecord.objects.count(), timezone.now()
    CallRecord.objects.bulk_create(
        CallRecord(
            tracking_id=f"00000000-0000-4000-8000-{first + each:012d}",
            node="node-1",
            listener="public",
            method="GET",
            path="/",
            status=200,
            grant_id=grant_id,
            duration_ms=1,
            **{"at": now - timedelta(seconds=each), **more},
        )
        for each in range(number)
    )


def test_calls_are_counted_up_to_a_bound_and_others_are_not_counted() -> None:
    calls(MOST_COUNTED + 5, "gr_much")
    calls(2, "gr_little")
    calls(3, "gr_little", refusal_code="gateway.token.revoked")
    calls(5, "")
    found = uses_of_grants(["gr_much", "gr_little", "gr_never"])
    assert found["gr_much"].are_more
    assert (found["gr_little"].calls, found["gr_little"].are_more) == (2, False)
    assert found["gr_never"] == GrantUse()
    assert uses_of_grants([""]) == {"": GrantUse()}


def test_an_index_answers_so_it_costs_the_same_among_millions() -> None:
    statement, parameters = answered_calls("gr_1").query.sql_with_params()
    with connections["usage"].cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plan = " ".join(str(row[-1]) for row in cursor.fetchall())
    assert "USING INDEX calls_of_grants" in plan, plan
