"""Marks: exact values, extended but never shortened, written down, gone when their tokens are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from propylon.accounts.actions import create_access_token
from propylon.accounts.models import Membership, Organization, User
from propylon.audit.models import Event
from propylon.gateway.marks import GatewayMark
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.marks.actions import LONGEST_TOKEN_LIFETIME, expire_marks, lift_mark, place_mark, settle_marks
from propylon.marks.models import Mark
from propylon.marks.selectors import live_marks, oldest_unsettled

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def place(kind: str = "client", value: str = "c1.1", lifetime: timedelta = HOUR) -> None:
    place_mark(acting_user=SYSTEM, kind=kind, value=value, reason="test", lifetime=lifetime)


def test_a_mark_is_live_at_once_and_written_down() -> None:
    place()
    assert live_marks() == (GatewayMark("client", "c1.1"),)
    event = Event.objects.get()
    assert (event.action, event.object_id, event.actor_kind) == ("mark.placed", "client:c1.1", "system")


@pytest.mark.parametrize(("second", "longest"), [(HOUR / 2, HOUR), (HOUR * 2, HOUR * 2)])
def test_a_second_mark_on_the_same_value_keeps_the_later_expiry(second: timedelta, longest: timedelta) -> None:
    now = timezone.now()
    place()
    place(lifetime=second)
    assert abs(Mark.objects.get().expires_at - now - longest) < timedelta(seconds=10)


def test_marks_come_in_a_stable_order_and_only_while_their_tokens_could_live() -> None:
    place("token", "jti-2")
    place("client", "c2.1")
    place("client", "c1.1")
    Mark.objects.filter(value="c2.1").update(expires_at=timezone.now())
    assert live_marks() == (GatewayMark("client", "c1.1"), GatewayMark("token", "jti-2"))


def test_expired_marks_are_deleted_and_only_then_something_is_written_down() -> None:
    place()
    assert expire_marks() == 0
    Mark.objects.update(expires_at=timezone.now())
    assert expire_marks() == 1
    assert not Mark.objects.exists()
    assert Event.objects.filter(action="mark.expired").count() == 1


def test_a_mark_that_could_match_nothing_is_refused_with_every_mistake_and_changes_nothing() -> None:
    with pytest.raises(PropylonError) as refused:
        place("colour", " ", timedelta(0))
    assert refused.value.code == "marks.mark.invalid"
    assert [error.field for error in refused.value.errors] == ["kind", "value", "lifetime"]
    assert not Mark.objects.exists()
    assert not Event.objects.exists()


def headers_of(role: str, *, is_staff: bool) -> dict[str, str]:
    now = timezone.now()
    organization = Organization.objects.create(public_id=role, name=role, is_operator=is_staff, created_at=now)
    user = User.objects.create(public_id=f"user_{role}", email=f"{role}@x.example", name=role, created_at=now)
    Membership.objects.create(user=user, organization=organization, role=role, created_at=now)
    _, secret = create_access_token(acting_user=SYSTEM, user=user, name="test", lifetime=HOUR)
    return {"Authorization": f"Bearer {secret.reveal()}"}


def test_an_operator_places_a_mark_by_hand_and_the_staff_sees_it(client: Client) -> None:
    operator = headers_of("operator", is_staff=True)
    body = {"kind": "token", "value": "jti-9", "reason": "leaked"}
    placed = client.post("/manage/v1/marks", body, content_type="application/json", headers=operator)
    assert placed.status_code == 201
    assert Mark.objects.get().expires_at - timezone.now() > LONGEST_TOKEN_LIFETIME - timedelta(minutes=1)
    listed = client.get("/manage/v1/marks", headers=headers_of("auditor", is_staff=True))
    assert [mark["value"] for mark in listed.json()["data"]] == ["jti-9"]
    assert Event.objects.filter(action="mark.placed", actor_label="operator@x.example").exists()


@pytest.mark.parametrize(
    ("role", "is_staff", "may_see"), [("auditor", True, True), ("organization_manager", False, False)]
)
def test_who_may_not_place_a_mark_is_refused_and_nothing_changes(
    client: Client, role: str, is_staff: bool, may_see: bool
) -> None:
    headers = headers_of(role, is_staff=is_staff)
    body = {"kind": "token", "value": "jti-9"}
    refused = client.post("/manage/v1/marks", body, content_type="application/json", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "access.permission.missing")
    assert not Mark.objects.exists()
    assert client.get("/manage/v1/marks", headers=headers).status_code == (200 if may_see else 403)


def test_what_can_be_lifted_is_never_settled_and_gone_at_once() -> None:
    place("product", "accounts")
    place("token", "jti-1")
    assert oldest_unsettled()[0] == 1
    assert settle_marks(number=1) == (GatewayMark("token", "jti-1"),)
    assert live_marks(settled_after=1) == (GatewayMark("product", "accounts"),)
    lift_mark(acting_user=SYSTEM, kind="product", value="accounts", reason="mended")
    assert live_marks(settled_after=1) == ()
    assert Event.objects.latest("pk").action == "mark.lifted"


@pytest.mark.parametrize(
    ("kind", "value", "code"), [("token", "jti-1", "marks.mark.permanent"), ("quota_day", "c1", "marks.mark.unknown")]
)
def test_a_revocation_is_not_taken_back_and_nothing_cannot_be_lifted(kind: str, value: str, code: str) -> None:
    place("token", "jti-1")
    with pytest.raises(PropylonError) as refused:
        lift_mark(acting_user=SYSTEM, kind=kind, value=value, reason="")
    assert refused.value.code == code
    assert Mark.objects.count() == 1


def test_only_some_kinds_end_when_asked_for() -> None:
    place("token", "jti-1")
    place("quota_day", "c1")
    Mark.objects.update(expires_at=timezone.now())
    assert expire_marks(kinds=("quota_day",)) == 1
    assert Mark.objects.get().kind == "token"
    assert expire_marks(kinds=("quota_day",)) == 0
