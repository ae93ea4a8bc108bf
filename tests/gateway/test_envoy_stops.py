"""Kill switches and spent quotas on a real Envoy: what stands on the route, on the organization, on the client."""

from __future__ import annotations

import datetime

import pytest

from propylon.gateway.marks import Enforcement, GatewayMark

LIST = "/sandbox/accounts/v1/accounts"
OPEN = "/sandbox/accounts/v1/rates"
OTHER_PRODUCT = "/sandbox/psd2/v1/consents/1"


def enforce(gateway, *marks):
    gateway.enforce(Enforcement(marks=tuple(GatewayMark(kind, value) for kind, value in marks)))


def answers(gateway, **claims):
    """Status and code of a call to each: the product, its open operation, another product."""
    token = gateway.token(**claims)
    calls = (gateway.call(LIST, token=token), gateway.call(OPEN), gateway.call(OTHER_PRODUCT, token=token))
    return [call.status if call.status == 200 else (call.status, _code(call)) for call in calls]


def _code(answer):
    body = answer.json()
    return body["code"] if "code" in body else body["tppMessages"][0]["code"]


def test_a_stopped_product_refuses_every_call_of_its_and_no_other(gateway):
    stopped = (503, "gateway.stopped")
    enforce(gateway, ("product", "accounts"))
    assert answers(gateway) == [stopped, stopped, 200]
    enforce(gateway, ("product", "accounts@sandbox"), ("product", "nothing"))
    assert answers(gateway) == [stopped, stopped, 200]
    enforce(gateway, ("product", "accounts@production"), ("product", "account"))
    assert answers(gateway) == [200, 200, 200]


def test_a_stopped_environment_refuses_everything_in_it(gateway):
    enforce(gateway, ("environment", "sandbox"))
    assert answers(gateway) == [(503, "gateway.stopped"), (503, "gateway.stopped"), (503, "SERVICE_BLOCKED")]
    enforce(gateway, ("environment", "production"))
    assert answers(gateway) == [200, 200, 200]


def test_a_stopped_organization_refuses_its_tokens(gateway):
    enforce(gateway, ("organization", "org-1"))
    assert answers(gateway, org="org-1") == [(403, "gateway.organization.stopped"), 200, (403, "FORBIDDEN")]
    assert answers(gateway, org="org-12") == [200, 200, 200]


def test_a_blocked_customer_is_a_revoked_token(gateway):
    enforce(gateway, ("subject", "person-1"))
    answer = gateway.call(LIST, token=gateway.token(sub="person-1"))
    assert (answer.status, answer.json()["code"]) == (401, "gateway.token.revoked")
    assert gateway.call(LIST, token=gateway.token(sub="person-2")).status == 200


@pytest.mark.parametrize(("period", "code"), [("day", "gateway.quota.day"), ("month", "gateway.quota.month")])
def test_a_spent_quota_says_when_it_is_full_again(gateway, period, code):
    enforce(gateway, (f"quota_{period}", "client-1"))
    before = datetime.datetime.now(datetime.UTC)
    answer = gateway.call(LIST, token=gateway.token())
    assert (answer.status, answer.json()["code"], answer.json()["transient"]) == (429, code, "true")
    midnight = before.replace(hour=0, minute=0, second=0, microsecond=0) + datetime.timedelta(days=1)
    first = (before.replace(day=1) + datetime.timedelta(days=32)).replace(day=1, hour=0, minute=0, second=0)
    end = {"day": midnight, "month": first}[period]
    assert abs(int(answer.headers["retry-after"]) - (end - before).total_seconds()) <= 2
    told = {"ratelimit-remaining": "0", "ratelimit-reset": answer.headers["retry-after"]}
    assert told.items() <= answer.headers.items()
    assert gateway.call(LIST, token=gateway.token(client="client-2")).status == 200
    assert gateway.call(OPEN).status == 200
