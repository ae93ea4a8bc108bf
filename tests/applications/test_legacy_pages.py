"""The profile `legacy` by API, by console and on the developers' pages: allowed, warned of, ended (FEATURES O4)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from management import Program
from portal.my_apps_pages import person
from propylon.applications.models import Client
from propylon.audit.models import Event

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


def day(days: int = 0) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def test_by_api(program: Program, client: Client) -> None:
    operator, path = program.callers["operator"], f"/clients/{client.client_id}/legacy"
    answer = operator("PUT", path, {"reason": "Until the new one is live.", "last_day": str(day(30))})
    assert (answer.status, answer.body["legacy_reason"]) == (200, "Until the new one is live.")
    assert answer.body["legacy_ends_at"].startswith(str(day(31)))
    client.refresh_from_db()
    assert client.is_legacy
    ended = operator("POST", f"{path}/end", {"reason": "A leak."})
    assert (ended.status, ended.body["legacy_ends_at"]) == (200, None)
    again = operator("POST", f"{path}/end", {"reason": "A leak."})
    assert (again.status, again.code) == (409, "client.legacy.none")


@pytest.mark.parametrize(
    ("reason", "days", "field"), [(" ", 0, "reason"), ("x", -1, "last_day"), ("x", 400, "last_day")]
)
def test_a_refusal_of_the_api_changes_nothing(
    program: Program, client: Client, reason: str, days: int, field: str
) -> None:
    path = f"/clients/{client.client_id}/legacy"
    answer = program.callers["operator"]("PUT", path, {"reason": reason, "last_day": str(day(days))})
    assert (answer.status, answer.code) == (400, "client.legacy.invalid")
    assert answer.body["errors"][0]["field"] == field
    client.refresh_from_db()
    assert client.legacy_ends_at is None
    assert not Event.objects.filter(action__startswith="client.legacy").exists()


def test_by_console_with_a_warning_that_developers_see_on_every_page(program: Program, client: Client) -> None:
    otto, dana = person(program, "operator"), person(program, "developer")
    app, place = f"/apps/{client.application.public_id}", f"/console/clients/{client.client_id}/legacy"
    assert "Weaker than the standard" not in dana.get(app).text
    assert place in otto.get(f"/console/applications/{client.application.public_id}").html
    assert "A stolen code can be used by others" in otto.get(place).text
    assert otto.post(place, reason="", last_day=str(day())).status == 400
    assert otto.post(place, reason="x", last_day=str(day(400))).status == 400
    client.refresh_from_db()
    assert client.legacy_ends_at is None
    assert otto.post(place, reason="The old one goes in May.", last_day=str(day(3))).status == 303
    for page in (app, f"{app}/keys", f"{app}/settings"):
        seen = dana.get(page).text
        assert "Weaker than the standard, and only until" in seen
        assert "The old one goes in May." in seen
    assert "Authorization endpoint" in dana.get(app).text
    assert "Profile legacy allowed: weaker than the standard" in dana.get(f"{app}/history").text
    facts = otto.get(f"/console/applications/{client.application.public_id}").text
    assert "Allowed until" in facts
    assert otto.post(f"{place}/end", reason="").status == 400
    assert otto.post(f"{place}/end", reason="A leak.").status == 303
    assert "Weaker than the standard" not in dana.get(app).text
    assert "Profile legacy ended" in dana.get(f"{app}/history").text
    assert otto.post(f"{place}/end", reason="A leak.").status == 409


def test_the_page_says_who_cannot_have_it(program: Program) -> None:
    server = program.register("Batch", "server")[1]
    otto, place = person(program, "operator"), f"/console/clients/{server.client_id}/legacy"
    seen = otto.get(place)
    assert "This client cannot have it" in seen.text
    assert 'name="last_day"' not in seen.html
    assert otto.post(place, reason="x", last_day=str(day())).status == 409
