"""Looking calls up and counting them through the management API, and who may."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from call_lines import call_line
from propylon.accounts.models import Membership, Organization, PersonalAccessToken, User
from propylon.applications.models import Application
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest
from propylon.usage.actions import ingest_lines
from propylon.usage.models import CallRecord
from propylon.usage.rollups import add_up
from propylon.usage.selectors import CallFilter, recent_calls

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
Get = Callable[..., Any]
MANAGE = "/manage/v1"
NOW = timezone.now()


def _organization(name: str, *, is_operator: bool = False) -> Organization:
    return Organization.objects.create(
        public_id=f"org_{name}", name=name, is_operator=is_operator, created_at=timezone.now()
    )


def _application(organization: Organization, name: str) -> Application:
    return Application.objects.create(
        public_id=f"app_{name}",
        organization=organization,
        name=name,
        type="server",
        contact_email="team@partner.example",
        created_at=timezone.now(),
    )


@pytest.fixture
def partner() -> Organization:
    return _organization("partner")


@pytest.fixture
def application(partner: Organization) -> Application:
    return _application(partner, "first")


@pytest.fixture
def get() -> Get:
    """GET as a new user with this role in this organization."""

    def call(path: str, organization: Organization, role: str, **query: object) -> Any:
        name = uuid.uuid4().hex
        user = User.objects.create(
            public_id=f"usr_{name}", email=f"{name}@partner.example", name="Somebody", created_at=timezone.now()
        )
        Membership.objects.create(user=user, organization=organization, role=role, created_at=timezone.now())
        PersonalAccessToken.objects.create(
            public_id=f"pat_{name}",
            user=user,
            name="test",
            digest=digest(Secret(name)),
            created_at=timezone.now(),
            expires_at=timezone.now() + timedelta(hours=1),
        )
        return Browser().get(f"{MANAGE}{path}", query, headers={"Authorization": f"Bearer {name}"})

    return call


def _record(application_id: str, **changes: object) -> str:
    """A call record, through ingestion as always; its tracking id."""
    identifier = str(uuid.uuid4())
    call = {
        "id": identifier,
        "at": NOW.timestamp(),
        "listener": "mutual",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "method": "GET",
        "path": "/sandbox/accounts/v1/accounts",
        "status": 200,
        "details": "via_upstream",
        "application": application_id,
        "duration_ms": 10,
    }
    ingest_lines(node="node-1", segment=identifier, offset=0, data=call_line(call | changes))
    return identifier


def test_a_developer_finds_the_own_call_by_its_tracking_id(
    get: Get, partner: Organization, application: Application
) -> None:
    identifier = _record(application.public_id, status=401, details="rbac_access_denied_matched_policy[binding]")
    answer = get(f"/calls/{identifier}", partner, "developer")
    assert answer.status_code == 200
    body = answer.json()
    assert body["tracking_id"] == identifier
    assert (body["status"], body["refusal_code"]) == (401, "gateway.token.binding")
    assert get(f"/calls/{identifier.upper()}", partner, "developer").status_code == 200
    assert body["is_from_console"] is False
    tried = _record(application.public_id, jti="ct_abc")
    assert get(f"/calls/{tried}", partner, "developer").json()["is_from_console"] is True


def test_the_calls_of_a_deleted_application_are_still_found(
    get: Get, partner: Organization, application: Application
) -> None:
    identifier = _record(application.public_id)
    Application.objects.update(deleted_at=timezone.now())
    assert get(f"/calls/{identifier}", partner, "developer").status_code == 200


def test_another_organizations_call_is_as_unknown_as_one_that_never_was(get: Get, application: Application) -> None:
    identifier = _record(application.public_id)
    other = _organization("other")
    theirs, never = (get(f"/calls/{name}", other, "developer") for name in (identifier, uuid.uuid4()))
    assert theirs.status_code == never.status_code == 404
    assert theirs.json()["code"] == never.json()["code"] == "call.unknown"
    for path in ("calls", "usage"):
        assert get(f"/applications/{application.public_id}/{path}", other, "developer").status_code == 404


def test_the_role_must_allow_usage(get: Get, partner: Organization, application: Application) -> None:
    identifier = _record(application.public_id)
    base = f"/applications/{application.public_id}"
    for path in (f"/calls/{identifier}", f"{base}/calls", f"{base}/usage"):
        assert get(path, partner, "analyst").status_code == 403
        assert get(path, partner, "product_manager").status_code == 200


def test_only_staff_see_calls_of_which_no_application_is_known(get: Get, partner: Organization) -> None:
    token_request = _record("", environment=None, product=None, path="/oauth/token", method="POST")
    assert get(f"/calls/{token_request}", partner, "organization_manager").status_code == 404
    bank = _organization("bank", is_operator=True)
    for role in ("operator", "auditor", "relationship_manager"):
        answer = get(f"/calls/{token_request}", bank, role)
        assert answer.status_code == 200
        assert (answer.json()["product"], answer.json()["path"]) == ("", "/oauth/token")


def test_without_a_token_nothing_is_shown(application: Application) -> None:
    answer = Browser().get(f"{MANAGE}/calls/{_record(application.public_id)}")
    assert answer.status_code == 401


def test_calls_are_paged_newest_first_each_once_also_within_one_moment(
    get: Get, partner: Organization, application: Application
) -> None:
    expected = [
        _record(application.public_id, at=(NOW - timedelta(seconds=age)).timestamp()) for age in (5, 4, 3, 3, 3, 2, 1)
    ]
    _record("app_other")
    seen: list[str] = []
    query: dict[str, object] = {"limit": 2}
    while True:
        body = get(f"/applications/{application.public_id}/calls", partner, "developer", **query).json()
        seen += [call["tracking_id"] for call in body["data"]]
        if body["paging"]["next"] is None:
            break
        query = dict(part.split("=", 1) for part in body["paging"]["next"].replace("%3D", "=").split("&"))
    assert seen == expected[::-1]


def test_a_page_of_calls_reads_the_index_and_sorts_nothing(application: Application) -> None:
    with CaptureQueriesContext(connections["usage"]) as captured:
        recent_calls(application.public_id, CallFilter(), before=(NOW, 10**6), limit=50)
    with connections["usage"].cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {captured[0]['sql']}")
        steps = [row[-1] for row in cursor.fetchall()]
    assert len(steps) == 1
    assert "USING INDEX" in steps[0]
    assert "(application_id=? AND at<?)" in steps[0]


def test_a_cursor_belongs_to_its_application_and_its_filters(
    get: Get, partner: Organization, application: Application
) -> None:
    second = _application(partner, "second")
    for _ in range(3):
        _record(application.public_id)
    path = f"/applications/{application.public_id}/calls"
    after = get(path, partner, "developer", limit=1).json()["paging"]["next"].split("&")[0].removeprefix("after=")
    after = after.replace("%3D", "=")
    for refused in (
        get(path, partner, "developer", after=after, status=200),
        get(path, partner, "developer", after=after[:-2]),
        get(f"/applications/{second.public_id}/calls", partner, "developer", after=after),
    ):
        assert refused.status_code == 400
        assert refused.json()["code"] == "paging.cursor.invalid"


def test_counts_by_status_refusal_and_operation(get: Get, partner: Organization, application: Application) -> None:
    mine = application.public_id
    for duration in (10, 20):
        _record(mine, duration_ms=duration)
    _record(mine, status=500, duration_ms=30)
    _record(mine, status=403, details="rbac_access_denied_matched_policy[scope]", operation="listTransactions")
    _record(mine, status=429, details="local_rate_limited", operation="listTransactions")
    _record(mine, at=(NOW - timedelta(days=2)).timestamp())
    _record("app_other")
    add_up()
    body = get(
        f"/applications/{mine}/usage",
        partner,
        "product_manager",
        since=(NOW - timedelta(days=1)).isoformat(),
        until=(NOW + timedelta(days=1)).isoformat(),
    ).json()
    assert body["calls"] == 5
    assert body["by_status_class"] == {"2xx": 2, "4xx": 2, "5xx": 1}
    assert body["by_refusal_code"] == {"gateway.scope.missing": 1, "gateway.rate.exceeded": 1}
    place = {"environment": "sandbox", "product": "accounts", "version": "v1"}
    assert body["by_operation"] == [
        place | {"operation": "listAccounts", "calls": 3, "refused": 0, "failed": 1, "mean_duration_ms": 20},
        place | {"operation": "listTransactions", "calls": 2, "refused": 2, "failed": 0, "mean_duration_ms": 10},
    ]
    assert get(f"/applications/{mine}/usage", partner, "developer").json()["calls"] == 6


def test_calls_can_be_chosen_by_status_refusal_and_time(
    get: Get, partner: Organization, application: Application
) -> None:
    mine = application.public_id
    _record(mine)
    _record(mine, at=(NOW - timedelta(days=2)).timestamp())
    limited = _record(mine, status=429, details="local_rate_limited")
    path = f"/applications/{mine}/calls"
    for query in ({"status": 429}, {"refusal_code": "gateway.rate.exceeded"}):
        found = get(path, partner, "developer", **query).json()["data"]
        assert [call["tracking_id"] for call in found] == [limited]
    since = get(path, partner, "developer", since=(NOW - timedelta(days=1)).isoformat()).json()["data"]
    assert len(since) == 2
    assert len(get(path, partner, "developer", refusal_code="").json()["data"]) == 2


@pytest.mark.parametrize("query", [{"since": "yesterday"}, {"since": "2026-11-22T00:00:00"}, {"limit": 0}])
def test_a_period_or_limit_that_cannot_be_read_is_refused_with_its_place(
    get: Get, partner: Organization, application: Application, query: dict[str, object]
) -> None:
    answer = get(f"/applications/{application.public_id}/calls", partner, "developer", **query)
    assert answer.status_code == 400
    assert [error["location"] for error in answer.json()["errors"]] == ["query"]
    assert CallRecord.objects.count() == 0
