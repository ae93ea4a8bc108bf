"""End users: asked for at My apps, decided in the console, able to log in at their environment (FEATURES P11)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from django.test import Client as Browser

from management import Program
from portal.my_apps_pages import person
from propylon.applications.actions.end_users import approve_end_users, ask_for_end_users
from propylon.applications.check_persons import Person
from propylon.applications.models import Client, EndUserRequest
from propylon.audit.models import Event
from propylon.customers.actions import add_customer
from propylon.customers.directory import authenticate
from propylon.customers.directory_records import use_directory
from propylon.customers.models import Customer, PasswordLink
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.kernel.secret import Secret
from propylon.notifications.models import Mail

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
PERSONS = "Maja Lind; maja@people.example; 199001010017\nPer Berg; per@people.example; 199102020028"
PASSWORD = "seven grey geese over a barn"


@pytest.fixture
def client(program: Program) -> Client:
    return program.register()[1]


class Stranger:
    """The person of a mail, in a browser of their own."""

    def get(self, path: str) -> HttpResponse:
        return Browser().get(path)

    def post(self, path: str, form: dict[str, str]) -> HttpResponse:
        return Browser().post(path, urlencode(form), content_type="application/x-www-form-urlencoded")


def _page(client: Client) -> str:
    return f"/apps/{client.application.public_id}/end-users"


def _asked(program: Program, client: Client) -> EndUserRequest:
    return ask_for_end_users(
        acting_user=SYSTEM,
        client=client,
        asked_by=program.people["developer"],
        persons=[Person("Maja Lind", "Maja@people.example", "199001010017")],
        reason="Tests",
    )


def test_from_the_request_to_the_login(program: Program, client: Client) -> None:
    developer, operator = person(program, "developer"), person(program, "operator")
    answer = developer.post(_page(client), persons=PERSONS, reason="To try consents")
    assert answer.status == 303, answer.html
    asked = EndUserRequest.objects.get()
    assert f"/console/end-user-requests/{asked.public_id}" in operator.get("/console?kind=end_users").html
    assert "199001010017" not in developer.get(_page(client)).html
    decided = operator.post(f"/console/end-user-requests/{asked.public_id}", decision="approve", note="")
    assert decided.status == 303, decided.html
    assert Customer.objects.count() == 2
    asked.refresh_from_db()
    assert "199001010017" not in str(asked.persons)
    assert "199001010017" not in str(list(Event.objects.values_list("data", flat=True)))
    assert authenticate("sandbox", "199001010017", "") is None  # no password yet
    mail = Mail.objects.get(to="maja@people.example").body
    link = re.search(r"https://\S+/oauth/customers/password\?token=(\S+)", mail)
    assert link
    stranger = Stranger()
    assert "Maja Lind" in stranger.get(f"/oauth/customers/password?token={link[1]}").content.decode()
    for wrong in ("short", "x 199001010017 y z"):
        form = {"token": link[1], "password": wrong, "again": wrong}
        assert stranger.post("/oauth/customers/password", form).status_code == 400
    form = {"token": link[1], "password": PASSWORD, "again": PASSWORD + "!"}
    assert stranger.post("/oauth/customers/password", form).status_code == 400
    assert stranger.post("/oauth/customers/password", form | {"again": PASSWORD}).status_code == 200
    assert stranger.get(f"/oauth/customers/password?token={link[1]}").status_code == 404  # once
    maja = authenticate("sandbox", "199001010017", PASSWORD)
    assert maja is not None
    assert maja.subject in developer.get(_page(client)).html
    assert authenticate("production", "199001010017", PASSWORD) is None


def test_a_refusal_adds_nobody_and_says_why(program: Program, client: Client) -> None:
    asked = _asked(program, client)
    operator = person(program, "operator")
    page = f"/console/end-user-requests/{asked.public_id}"
    assert operator.post(page, decision="refuse", note="").status == 400
    assert operator.post(page, decision="refuse", note="Use the published ones.").status == 303
    assert operator.post(page, decision="approve", note="").status == 409
    assert not Customer.objects.exists()
    assert "Use the published ones." in person(program, "developer").get(_page(client)).html


def test_a_number_that_is_taken_adds_nobody_and_only_the_operator_learns_it(program: Program, client: Client) -> None:
    add_customer(
        acting_user=SYSTEM,
        environment="sandbox",
        identity_number="199102020028",
        name="A",
        password="x y z",
        subject="cus_1",
    )
    developer = person(program, "developer")
    assert developer.post(_page(client), persons=PERSONS, reason="Tests").status == 303
    before = Mail.objects.count()
    with pytest.raises(PropylonError) as refused:
        approve_end_users(acting_user=SYSTEM, request=EndUserRequest.objects.get())
    assert [error.field for error in refused.value.errors] == ["persons.1.identity_number"]
    assert Customer.objects.count() == 1
    assert not PasswordLink.objects.exists()
    assert Mail.objects.count() == before
    assert EndUserRequest.objects.get().state == "waiting"


def test_every_mistake_is_at_its_line_and_nothing_stored(program: Program, client: Client) -> None:
    wrong = "Maja Lind; not an address; 1\nPer Berg; p@a.example; 19910202\nPer Berg; p@a.example; 19910202"
    answer = person(program, "developer").post(_page(client), persons=wrong, reason="")
    text = answer.html
    assert answer.status == 400
    answer = person(program, "developer").post(_page(client), persons=wrong, reason="Tests")
    text = answer.html
    assert "Line 1: email" in text
    assert "Line 1: identity number" in text
    assert "Line 3: identity number" in text
    assert person(program, "developer").post(_page(client), persons="Maja", reason="x").status == 400
    assert not EndUserRequest.objects.exists()


def test_one_request_waits_at_a_time_and_it_can_be_withdrawn(program: Program, client: Client) -> None:
    asked = _asked(program, client)
    developer = person(program, "developer")
    assert developer.post(_page(client), persons=PERSONS, reason="Tests").status == 400
    assert EndUserRequest.objects.count() == 1
    assert developer.post(_page(client), withdraw=asked.public_id).status == 303
    assert developer.post(_page(client), persons=PERSONS, reason="Tests").status == 303


def test_where_the_banks_own_directory_is_used_nobody_is_asked_for(program: Program, client: Client) -> None:
    asked = _asked(program, client)
    told = {"issuer": "https://login.example", "title": "Mobile ID", "client_id": "propylon"}
    use_directory(acting_user=SYSTEM, environment="sandbox", kind="openid", told=told, secret=Secret("long enough"))
    with pytest.raises(PropylonError) as refused:
        approve_end_users(acting_user=SYSTEM, request=asked)
    assert refused.value.code == "end_users.elsewhere"
    assert not Customer.objects.exists()
    assert "own directory" in person(program, "developer").get(_page(client)).html
