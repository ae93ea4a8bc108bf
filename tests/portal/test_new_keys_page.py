"""New keys at the page of keys (FEATURES A3): asked for, withdrawn, told, kept as history."""

from __future__ import annotations

import pytest

from management import PASSWORD, Program
from portal.my_apps_pages import person
from propylon.accounts.access import actor_of
from propylon.applications.actions import approve_regeneration, end_old_secret, refuse_regeneration
from propylon.applications.models import Client, Regeneration
from propylon.kernel.actor import SYSTEM

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
HOSTILE = "<img src=x onerror=alert(1)>" + "W" * 300


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


@pytest.fixture
def path(client: Client) -> str:
    return f"/apps/{client.application.public_id}/keys"


@pytest.mark.parametrize("role", ["developer", "organization_manager"])
def test_who_may_hold_the_keys_asks_for_new_ones(program: Program, path: str, role: str) -> None:
    dana = person(program, role)
    seen = dana.post(path, ask="1", reason="A laptop was stolen.")
    assert (seen.status, seen.location) == (303, path)
    text = dana.get(path).text
    assert "Waiting for a decision" in text
    assert "A laptop was stolen." in text
    assert f"Asked for by The {role}" in text
    assert 'name="ask"' not in dana.get(path).html
    assert "A laptop was stolen." in person(program, "product_manager").get(path).text


def test_without_a_reason_nothing_is_asked_and_nothing_is_shown(program: Program, path: str) -> None:
    dana = person(program, "developer")
    for reason in ("", "  ", "x" * 401, "a\x00b", "a\x1bb"):
        seen = dana.post(path, ask="1", reason=reason, password=PASSWORD)
        assert seen.status == 400, reason
        assert "For HTTP Basic" not in seen.text
    assert not Regeneration.objects.exists()


def test_pressing_twice_makes_one_request(program: Program, path: str) -> None:
    dana = person(program, "developer")
    dana.post(path, ask="1", reason="once")
    seen = dana.post(path, ask="1", reason="once more")
    assert seen.status == 409
    assert Regeneration.objects.get().reason == "once"


def test_a_request_is_withdrawn_once_and_another_may_follow(program: Program, path: str) -> None:
    dana = person(program, "developer")
    dana.post(path, ask="1", reason="too early")
    request = Regeneration.objects.get().public_id
    for said in ("is withdrawn", "waits no longer"):
        assert dana.post(path, withdraw=request).status == 303
        assert said in dana.get(path).text
    text = dana.get(path).text
    assert "Withdrawn" in text
    assert "Ask for new keys" in text


def test_nobody_withdraws_the_request_of_another_organization(program: Program, path: str) -> None:
    _, theirs, _ = program.register("Theirs", organization=program.other)
    person(program, "outsider").post(f"/apps/{theirs.application.public_id}/keys", ask="1", reason="ours")
    request = Regeneration.objects.get()
    assert person(program, "developer").post(path, withdraw=request.public_id).status == 404
    assert person(program, "developer").post(path, withdraw="x" * 5000).status == 404
    request.refresh_from_db()
    assert request.state == "waiting"


def test_while_two_secrets_work_the_page_says_until_when(program: Program, client: Client, path: str) -> None:
    dana, otto = person(program, "developer"), actor_of(program.people["operator"])
    dana.post(path, ask="1", reason="rotation")
    approve_regeneration(acting_user=otto, regeneration=Regeneration.objects.get(), overlap="7d", note="As agreed.")
    text = dana.get(path).text
    assert "Two secrets work now." in text
    assert "The old secret works for 7 days longer" in text
    assert "As agreed." in text
    assert "New keys asked for" in (history := dana.get(path.replace("/keys", "/history")).text)
    assert "Client secret replaced" in history
    end_old_secret(acting_user=otto, client=client)
    assert "Two secrets work now." not in dana.get(path).text
    assert "Old client secret ended before its time" in dana.get(path.replace("/keys", "/history")).text


def test_hostile_words_stay_words(program: Program, path: str) -> None:
    dana = person(program, "developer")
    dana.post(path, ask="1", reason=HOSTILE)
    assert "<img src=x" not in dana.get(path).html
    refuse_regeneration(acting_user=SYSTEM, regeneration=Regeneration.objects.get(), note=HOSTILE)
    for page in (path, path.replace("/keys", "/history")):
        html = dana.get(page).html
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html


@pytest.mark.parametrize("type_", ["server", "spa"])
def test_without_a_secret_there_is_nothing_to_ask_for(program: Program, type_: str) -> None:
    application, _, _ = program.register("Other", type_)
    dana = person(program, "developer")
    assert 'name="ask"' not in dana.get(f"/apps/{application.public_id}/keys").html
    assert dana.post(f"/apps/{application.public_id}/keys", ask="1", reason="new").status == 409
    assert not Regeneration.objects.exists()
