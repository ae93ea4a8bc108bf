"""Self sign-up with mail verification (FEATURES P1)."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client as Browser
from django.utils import timezone

from management import PASSWORD, Caller, Program, secret_of_mail
from propylon.accounts.models import Membership, Organization, SignUp, User
from propylon.audit.models import Event
from propylon.notifications.models import Mail

nobody = Caller()
WISH = {
    "email": "Nova@New.example",
    "name": "Nova Ny",
    "password": "seven green lanterns",
    "organization_name": "New Fintech",
}


@pytest.mark.django_db
def test_a_verified_sign_up_makes_the_manager_of_a_new_organization() -> None:
    assert nobody.post("/sign-ups", WISH).status == 202
    assert not User.objects.exists()
    assert not Organization.objects.exists()

    answer = nobody.post("/email-verifications", {"token": secret_of_mail(Mail.objects.get())})

    assert answer.status == 201
    assert answer.body["email"] == "nova@new.example"
    assert [(each["organization"]["name"], each["role"]) for each in answer.body["memberships"]] == [
        ("New Fintech", "organization_manager")
    ]
    token = nobody.post("/access-tokens", {"email": WISH["email"], "password": WISH["password"]}).body["access_token"]
    assert Caller(token).get("/me").body["id"] == answer.body["id"]
    assert set(Event.objects.values_list("action", flat=True)) >= {
        "sign_up.requested",
        "user.created",
        "organization.created",
        "member.added",
    }


@pytest.mark.django_db
def test_a_known_address_gets_the_same_answer_and_a_different_mail(program: Program) -> None:
    known = program.people["developer"]
    unknown_answer = nobody.post("/sign-ups", WISH)
    Mail.objects.all().delete()

    answer = nobody.post("/sign-ups", {**WISH, "email": known.email.upper()})

    assert (answer.status, answer.body) == (unknown_answer.status, unknown_answer.body)
    mail = Mail.objects.get()
    assert mail.to == known.email
    assert "token=" not in mail.body
    assert not SignUp.objects.filter(email=known.email).exists()
    known.refresh_from_db()
    assert known.check_password(PASSWORD)


@pytest.mark.django_db
def test_a_link_works_once() -> None:
    nobody.post("/sign-ups", WISH)
    token = {"token": secret_of_mail(Mail.objects.get())}
    nobody.post("/email-verifications", token)

    again = nobody.post("/email-verifications", token)

    assert (again.status, again.code) == (400, "sign_up.link.invalid")
    assert User.objects.count() == 1
    assert Membership.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["", "nonsense", "x" * 200])
def test_a_link_that_was_never_sent_is_refused(token: str) -> None:
    assert nobody.post("/email-verifications", {"token": token}).code == "sign_up.link.invalid"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_link_expires() -> None:
    nobody.post("/sign-ups", WISH)
    SignUp.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    answer = nobody.post("/email-verifications", {"token": secret_of_mail(Mail.objects.get())})

    assert answer.code == "sign_up.link.invalid"
    assert not User.objects.exists()


@pytest.mark.django_db
def test_each_link_stands_for_its_own_password() -> None:
    """Somebody else's sign-up with my address must not decide my password."""
    nobody.post("/sign-ups", WISH)
    nobody.post("/sign-ups", {**WISH, "password": "an intruder's wish"})
    mine, theirs = Mail.objects.order_by("pk")

    nobody.post("/email-verifications", {"token": secret_of_mail(mine)})

    assert User.objects.get().check_password(WISH["password"])
    assert nobody.post("/email-verifications", {"token": secret_of_mail(theirs)}).code == "sign_up.link.invalid"
    assert User.objects.get().check_password(WISH["password"])


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Partner AB", "partner ab", "The Bank"])
def test_who_names_an_existing_organization_is_no_member_of_it(program: Program, name: str) -> None:
    nobody.post("/sign-ups", {**WISH, "organization_name": name})

    answer = nobody.post("/email-verifications", {"token": secret_of_mail(Mail.objects.get())})

    assert answer.body["memberships"] == []
    told = set(Mail.objects.filter(subject__contains="asks to join").values_list("to", flat=True))
    expected = "operator" if name == "The Bank" else "organization_manager"
    assert told == {program.people[expected].email}


@pytest.mark.django_db
def test_every_mistake_is_listed_and_nothing_is_stored() -> None:
    answer = nobody.post(
        "/sign-ups", {"email": "no address", "name": " ", "password": "password", "organization_name": "\u0007bell"}
    )

    assert (answer.status, answer.code) == (400, "sign_up.request.invalid")
    assert answer.fields == {"email", "name", "password", "organization_name"}
    assert not SignUp.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_a_password_like_the_address_is_refused() -> None:
    answer = nobody.post("/sign-ups", {**WISH, "password": "nova@new.example"})
    assert answer.fields == {"password"}


@pytest.mark.django_db
def test_one_address_cannot_be_flooded_with_mails() -> None:
    statuses = [nobody.post("/sign-ups", WISH).status for _ in range(12)]
    assert statuses == [202] * 10 + [429] * 2
    assert Mail.objects.count() == 10


@pytest.mark.django_db
def test_opening_the_link_changes_nothing_until_the_button_is_pressed() -> None:
    """Mail scanners follow links."""
    nobody.post("/sign-ups", WISH)
    token = secret_of_mail(Mail.objects.get())
    browser = Browser(enforce_csrf_checks=True)
    page = browser.get(f"/verify-email?token={token}", secure=True)
    assert page.status_code == 200
    assert not User.objects.exists()

    form = dict(re.findall(r'name="(\w+)" value="([^"]+)"', page.content.decode()))
    assert form["token"] == token
    refused = browser.post("/verify-email", {"token": token}, secure=True, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert not User.objects.exists()

    done = browser.post("/verify-email", form, secure=True, headers={"Origin": "https://testserver"})
    assert (done.status_code, done["Location"]) == (303, "/apps/new")
    assert browser.get("/account/profile", secure=True).status_code == 200
    assert User.objects.count() == 1
