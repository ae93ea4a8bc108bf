"""Marks placed by hand: tokens that are out there are refused, those that are issued next are of another generation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from management import Program
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.authserver.models import Grant
from propylon.controlplane.marks_by_hand import place_by_hand
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.marks.models import Mark

pytestmark = pytest.mark.django_db


def place(kind: str, value: str, hours: int = 1) -> str:
    return place_by_hand(acting_user=SYSTEM, kind=kind, value=value, reason="leaked", hours=hours)


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


@pytest.fixture
def grant(client: Client) -> Grant:
    now = timezone.now()
    ends = now + timedelta(days=9)
    return Grant.objects.create(public_id="gr_1", client=client, subject="s", created_at=now, expires_at=ends)


def generations(*rows: Any) -> list[int]:
    for row in rows:
        row.refresh_from_db()
    return [row.generation for row in rows]


def marks() -> set[tuple[str, str]]:
    return set(Mark.objects.values_list("kind", "value"))


@pytest.mark.parametrize("form", ["{}", "{}.1"])
def test_new_tokens_of_a_marked_client_are_of_another_generation(client: Client, form: str) -> None:
    assert place("client", form.format(client.client_id)) == f"{client.client_id}.1"
    assert generations(client) == [2]
    assert marks() == {("client", f"{client.client_id}.1")}
    assert Event.objects.filter(action="client.tokens_refused").exists()


def test_new_tokens_of_a_marked_grant_are_of_another_generation(grant: Grant) -> None:
    assert place("grant", "gr_1") == "gr_1.1"
    assert generations(grant, grant.client) == [2, 1]
    assert grant.revoked_at is None
    assert marks() == {("grant", "gr_1.1")}


def test_an_earlier_generation_is_marked_alone(client: Client, grant: Grant) -> None:
    for kind, name in (("client", client.client_id), ("grant", "gr_1")):
        place(kind, name)
        assert place(kind, f"{name}.1") == f"{name}.1"
    assert generations(client, grant) == [2, 2]


@pytest.mark.parametrize("ending", [".2", ".0", ".x", ".1.1", "."])
def test_a_generation_that_no_token_has_is_refused(client: Client, ending: str) -> None:
    with pytest.raises(PropylonError) as refused:
        place("client", client.client_id + ending)
    assert [error.field for error in refused.value.errors] == ["value"]
    assert not Mark.objects.exists()
    assert generations(client) == [1]


@pytest.mark.parametrize("kind", ["client", "grant"])
def test_what_nobody_knows_is_refused(program: Program, kind: str) -> None:
    with pytest.raises(PropylonError, match=r"marks\.mark\.target_unknown"):
        place(kind, "nobody.1")
    assert not Mark.objects.exists()


def test_a_blocked_customer_stays_blocked_and_a_token_is_marked_for_as_long_as_it_may_live(program: Program) -> None:
    now = timezone.now()
    for kind, value in (("subject", "s"), ("token", "jti"), ("quota_day", "c")):
        place(kind, value, hours=1)
    ends = {row.kind: row.expires_at - now for row in Mark.objects.all()}
    assert ends["subject"] > timedelta(days=1_000)
    assert all(timedelta(minutes=59) < ends[kind] < timedelta(minutes=61) for kind in ("token", "quota_day"))


def test_page_and_management_api_do_the_same(program: Program, client: Client) -> None:
    answer = program.callers["security_officer"].post("/marks", {"kind": "client", "value": client.client_id})
    assert (answer.status, answer.body["value"]) == (201, f"{client.client_id}.1")
    browser = Browser()
    browser.force_login(program.people["security_officer"])
    sent = {"kind": "client", "value": client.client_id, "hours": "1", "reason": "leaked again"}
    assert browser.post("/console/marks/new", sent, secure=True).status_code == 303
    assert generations(client) == [3]
    assert marks() == {("client", f"{client.client_id}.{number}") for number in (1, 2)}
    answer = browser.post("/console/marks/new", {**sent, "value": "nobody"}, secure=True)
    assert answer.status_code == 404
    assert "of this installation" in answer.content.decode()
