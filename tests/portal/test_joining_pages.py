"""Sign-up, verification and invitations, by page (FEATURES P1, P7)."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from management import Program
from portal.account_pages import at_home, link_of, text_of
from propylon.accounts.legal import current_terms
from propylon.accounts.models import Invitation, SignUp, TermsAcceptance, User
from propylon.audit.models import Event
from propylon.notifications.models import Mail

TERMS_VERSION = current_terms().version
WISH = {
    "name": "Nova Ny",
    "organization_name": "New Fintech",
    "email": "nova@new.example",
    "password": "seven green lanterns",
    "terms_version": TERMS_VERSION,
}


@pytest.mark.django_db
def test_from_sign_up_to_the_first_step_in_two_forms() -> None:
    browser = Browser()
    sent = browser.post("/sign-up", WISH)
    assert (sent.status_code, sent["Location"]) == (303, "/sign-up/sent")
    assert WISH["email"] in text_of(browser.get("/sign-up/sent"))
    assert not User.objects.exists()

    done = browser.post("/verify-email", {"token": link_of(Mail.objects.get()).split("token=")[1]})

    assert (done.status_code, done["Location"]) == (303, "/apps/new")
    assert browser.get("/account/profile").status_code == 200
    user = User.objects.get()
    assert TermsAcceptance.objects.get(user=user).version == TERMS_VERSION
    actions = set(Event.objects.values_list("action", flat=True))
    assert {"sign_up.requested", "user.created", "terms.accepted", "organization.created", "user.signed_in"} <= actions


@pytest.mark.django_db
def test_every_mistake_is_at_its_field_and_nothing_is_kept() -> None:
    answer = Browser().post("/sign-up", {**WISH, "name": "N", "email": "nobody", "password": "short"})
    page = text_of(answer)
    assert answer.status_code == 400
    for field in ("name", "email", "password"):
        assert f'id="id_{field}_error"' in page
    assert "short" not in page.replace("too short", "")
    assert not SignUp.objects.exists()
    assert not Mail.objects.exists()


@pytest.mark.django_db
def test_nobody_accepts_terms_that_they_were_not_shown() -> None:
    refused = Browser().post("/sign-up", {**WISH, "terms_version": "1999-01"})
    assert refused.status_code == 400
    assert f'value="{TERMS_VERSION}"' in text_of(refused), "the page shown again is about the text of now"
    assert not SignUp.objects.exists()


def test_a_known_address_gets_the_same_page(program: Program) -> None:
    known = Browser().post("/sign-up", {**WISH, "email": program.people["developer"].email})
    unknown = Browser().post("/sign-up", WISH)
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "You have an account already" in Mail.objects.get(to=program.people["developer"].email).subject


def test_who_names_an_existing_organization_is_no_member_and_told_what_to_do(program: Program) -> None:
    browser = Browser()
    browser.post("/sign-up", {**WISH, "organization_name": "partner ab"})
    done = browser.post("/verify-email", {"token": link_of(Mail.objects.get(to=WISH["email"])).split("token=")[1]})
    assert done["Location"] == "/organizations"
    assert "You belong to no organization yet" in text_of(browser.get("/organizations"))
    assert browser.get(f"/organizations/{program.partner.public_id}/members").status_code == 404


def test_a_manager_invites_and_the_second_person_is_in(program: Program) -> None:
    manager, fresh = at_home(program, "organization_manager"), Browser()
    place = f"/organizations/{program.partner.public_id}"
    assert manager.post(f"{place}/invite", {"email": "fresh@people.example", "role": "analyst"}).status_code == 303
    assert "fresh@people.example" in text_of(manager.get(f"{place}/members"))
    link = link_of(Mail.objects.get(to="fresh@people.example"))
    page = text_of(fresh.get(link))
    assert "Partner AB" in page
    assert Invitation.objects.get().accepted_at is None

    wish = {"token": link.split("token=")[1], "name": "Fresh", "password": "eleven orange kites"}
    assert fresh.post("/accept-invitation", {**wish, "password": "short", "terms_version": ""}).status_code == 400
    done = fresh.post("/accept-invitation", {**wish, "terms_version": TERMS_VERSION})

    assert (done.status_code, done["Location"]) == (303, "/apps")
    assert "Fresh" in text_of(fresh.get(f"{place}/members"))
    assert fresh.post(f"{place}/invite", {"email": "x@people.example", "role": "analyst"}).status_code == 403
    assert TermsAcceptance.objects.filter(user__email="fresh@people.example").exists()


def test_a_known_person_accepts_with_one_button_and_signs_in_themselves(program: Program) -> None:
    manager, outsider = at_home(program, "organization_manager"), program.people["outsider"]
    place = f"/organizations/{program.partner.public_id}"
    manager.post(f"{place}/invite", {"email": outsider.email, "role": "developer"})
    token = link_of(Mail.objects.get(to=outsider.email)).split("token=")[1]
    browser = Browser()
    done = browser.post("/accept-invitation", {"token": token})
    assert done["Location"] == "/sign-in?next=/organizations"
    assert browser.get("/account/profile").status_code == 303, "the link alone signs nobody with an account in"
    assert outsider.memberships.count() == 2


def test_a_withdrawn_invitation_says_so(program: Program) -> None:
    manager = at_home(program, "organization_manager")
    place = f"/organizations/{program.partner.public_id}"
    manager.post(f"{place}/invite", {"email": "fresh@people.example", "role": "analyst"})
    row = Invitation.objects.get()
    assert manager.post(f"{place}/invitations/{row.public_id}/withdraw").status_code == 303
    refused = Browser().get(link_of(Mail.objects.get(to="fresh@people.example")))
    assert refused.status_code == 400
    assert "withdrawn" in text_of(refused)


@pytest.mark.django_db
def test_only_a_language_that_was_chosen_becomes_that_of_the_account() -> None:
    for email, chosen in (("as-asked@new.example", ""), ("chosen@new.example", "sv")):
        browser = Browser(headers={"accept-language": "sv"})
        if chosen:
            browser.post("/preferences", {"language": chosen}, secure=True)
        browser.post("/sign-up", {**WISH, "email": email, "organization_name": email}, secure=True)
        mail = Mail.objects.get(to=email)
        assert "/verify-email" in mail.body
        assert "Hej" in mail.body, "the mail speaks as the page that asked for it did"
        browser.post("/verify-email", {"token": link_of(mail).split("token=")[1]}, secure=True)
        assert User.objects.get(email=email).language == chosen


def test_the_language_pressed_below_a_page_is_also_that_of_the_mails(program: Program) -> None:
    developer = at_home(program, "developer")
    developer.post("/preferences", {"language": "sv"}, secure=True)
    assert User.objects.get(pk=program.people["developer"].pk).language == "sv"
    assert Event.objects.filter(action="user.profile_changed").count() == 1


def test_the_invited_staff_begin_in_the_console(program: Program) -> None:
    manager, fresh = at_home(program, "operator"), Browser()
    manager.post(
        f"/organizations/{program.bank.public_id}/invite", {"email": "fresh@people.example", "role": "operator"}
    )
    token = link_of(Mail.objects.get(to="fresh@people.example")).split("token=")[1]
    wish = {"token": token, "name": "Fresh", "password": "eleven orange kites", "terms_version": TERMS_VERSION}
    assert fresh.post("/accept-invitation", wish)["Location"] == "/console"
