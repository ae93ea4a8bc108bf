"""Accounts as people use them, on the running system (FEATURES P1, P4, P5, P7); a second person looks at the effect."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser.mails import link_in_mail, mails_to
from browser.newcomers import PASSWORD, confirms, joins, joins_by_page, newcomer, types_password
from browser.person import People, Person, Size
from browser.sizes import desktop_first
from portal.account_pages import code_now

NEW_PASSWORD = "four patient lighthouses"


def signs_out(person: Person) -> None:
    person.opens("Your account")
    person.presses("Sign out", within="header")


@desktop_first
def test_from_sign_up_over_the_mail_to_signed_in_and_out(people: People, size: Size) -> None:
    nova = newcomer("Nova Ny")
    person = joins_by_page(people, nova, size=size)
    person.is_accessible()
    person.goes_to("/organizations")
    person.sees(nova.organization)
    person.sees("Organization manager")
    person.goes_to("/account/profile")
    person.sees(re.compile("Terms and conditions .* accepted on"))
    signs_out(person)
    person.goes_to("/account/profile")
    person.sees_heading("Sign in")
    types_password(person, nova)
    person.is_at("/account/profile")


def test_the_operator_sees_who_came(people: People) -> None:
    nova = newcomer("Nova Ny")
    joins(people, nova)
    otto = people.sign_in("operator")
    otto.goes_to(f"/console/users?text={nova.email}")
    otto.sees(nova.email)


def test_wrong_password_and_unknown_address_read_the_same(people: People) -> None:
    nova = newcomer("Nova Ny")
    joins(people, nova)
    words = []
    for who, password in ((nova, "not my password"), (newcomer("Nobody Known"), PASSWORD)):
        stranger = people.visitor()
        stranger.goes_to("/sign-in")
        types_password(stranger, who, password)
        stranger.sees("Address or password is wrong")
        stranger.is_accessible()
        words.append(stranger.page.locator("#form-problems p").first.text_content())
    assert words[0] == words[1]


def test_a_forgotten_password_is_set_anew_and_signs_out_elsewhere(people: People) -> None:
    nova = newcomer("Nova Ny")
    elsewhere = joins(people, nova)
    person = people.visitor(size="telephone")
    person.goes_to("/sign-in")
    person.follows("Forgot your password?")
    person.fills("E-mail address", nova.email)
    seen = len(mails_to(people.system, nova.email))
    person.presses("Send the link")
    person.sees_heading("Check your mail")
    link = link_in_mail(people.system, nova.email, seen=seen)
    person.goes_to(link)
    person.fills("New password", NEW_PASSWORD)
    person.presses("Set the password")
    types_password(person, nova, NEW_PASSWORD)
    person.goes_to("/account/profile")

    elsewhere.goes_to("/account/profile")
    elsewhere.sees_heading("Sign in")
    elsewhere.goes_to(link)
    elsewhere.sees_heading("This link does not work")


def test_an_authenticator_app_is_asked_for_and_a_recovery_code_helps(people: People) -> None:
    nova = newcomer("Nova Ny")
    person = joins(people, nova)
    person.goes_to("/account/security")
    person.presses("Set up an app")
    confirms(person, nova)
    person.sees_heading("Set up an authenticator app")
    person.is_accessible()
    expect(person.page.locator("img.qr")).to_have_js_property("complete", True)
    secret = person.page.locator(".copyable code").first.text_content() or ""
    person.fills("Code that the app shows", code_now(secret))
    person.presses("Set up", exact=True)
    person.sees_heading("Recovery codes")
    person.is_accessible()
    recovery = person.page.locator(".codes code").first.text_content() or ""

    for code in (code_now(secret, ahead=1), recovery):
        other = people.visitor(size="telephone")
        other.goes_to("/sign-in?next=/account/security")
        types_password(other, nova)
        other.sees_heading("Second step")
        other.is_accessible()
        other.fills("Code", "000000")
        other.presses("Continue")
        other.sees("This code is not right")
        other.fills("Code", code)
        other.presses("Continue")
        other.is_at("/account/security")
    other.sees("9 are left")


def test_a_passkey_signs_in_alone(people: People) -> None:
    nova = newcomer("Nova Ny")
    person = joins(people, nova)
    device = person.page.context.new_cdp_session(person.page)
    device.send("WebAuthn.enable")
    device.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    person.goes_to("/account/security")
    person.presses("Add a passkey")
    confirms(person, nova)
    person.fills("Name", "Laptop")
    person.presses("Continue")
    person.sees_heading("Recovery codes")
    person.goes_to("/account/security")
    person.sees("Laptop")
    person.is_accessible()
    signs_out(person)

    person.goes_to("/sign-in?next=/account/security")
    person.presses("Sign in with a passkey")
    person.is_at("/account/security")
    person.sees("Laptop")


def test_a_session_is_ended_elsewhere(people: People) -> None:
    nova = newcomer("Nova Ny")
    lost = joins(people, nova, size="telephone")
    person = people.visitor()
    person.goes_to("/sign-in?next=/account/sessions")
    types_password(person, nova)
    person.presses("End this session")
    person.sees("That browser is signed out.")
    lost.goes_to("/account/profile")
    lost.sees_heading("Sign in")
    person.goes_to("/account/sessions")
    person.does_not_see("End this session")


def test_a_changed_password_signs_out_elsewhere(people: People) -> None:
    nova = newcomer("Nova Ny")
    elsewhere = joins(people, nova)
    person = people.visitor()
    person.goes_to("/sign-in?next=/account/security")
    types_password(person, nova)
    person.presses("Change the password")
    person.fills("Current password", "not this one")
    person.fills("New password", NEW_PASSWORD)
    person.presses("Change the password")
    person.sees("This is not your password")
    person.fills("Current password", PASSWORD)
    person.fills("New password", NEW_PASSWORD)
    person.presses("Change the password")
    person.sees("Your password was changed")
    elsewhere.goes_to("/account/profile")
    elsewhere.sees_heading("Sign in")


@desktop_first
def test_an_invitation_a_role_and_a_removal_as_the_second_person_sees_them(people: People, size: Size) -> None:
    nova, mio = newcomer("Nova Ny"), newcomer("Mio Lund")
    manager = joins(people, nova, size=size)
    manager.goes_to("/organizations")
    manager.presses("Invite", within="main")
    manager.fills("E-mail address", mio.email)
    manager.chooses(re.compile("Business analyst"))
    manager.presses("Send the invitation")
    manager.sees(mio.email, within="main")
    place = manager.page.url

    invited = people.visitor(size=size)
    invited.goes_to(link_in_mail(people.system, mio.email))
    invited.sees(mio.email)
    invited.is_accessible()
    invited.fills("Your name", mio.name)
    invited.fills("Password", mio.password)
    invited.presses("Accept")
    invited.sees("You are a member of")
    invited.goes_to(place)
    invited.does_not_see("Invite somebody")
    invited.does_not_see("History")

    manager.goes_to(place)
    manager.presses(f"Change {mio.name}")
    manager.chooses(re.compile("^Developer"))
    manager.presses("Save the role")
    manager.sees(f"{mio.name} is Developer now.")
    invited.goes_to("/apps/new")
    invited.goes_to(place.replace("/members", "/history"))
    invited.sees("Member: role changed")

    manager.presses(f"Change {mio.name}")
    manager.opens(f"Remove {mio.name}")
    manager.presses("Remove now")
    manager.sees("is no member any more")
    invited.goes_to(place, status=404)


@pytest.mark.parametrize("role", ["developer", "analyst", "product_manager"])
def test_members_without_the_right_are_refused(people: People, role: str) -> None:
    member = people.sign_in(role)
    member.goes_to("/organizations")
    member.sees("Nordlicht Pay")
    member.does_not_see("Change", within="table")
    member.goes_to(member.page.url.replace("/members", "/invite"), status=403)


def test_an_access_token_made_by_page_works_until_revoked(people: People) -> None:
    nova = newcomer("Nova Ny")
    person = joins(people, nova)
    person.goes_to("/account/access-tokens")
    person.presses("New token")
    confirms(person, nova)
    person.fills("Name", "Pipeline")
    person.presses("Make the token")
    person.sees("This is the only time")
    token = person.page.locator(".copyable code").first.text_content()
    with people.system.client() as client:
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get("/manage/v1/me", headers=headers).json()["email"] == nova.email
        person.presses("Done")
        person.presses("Revoke Pipeline")
        person.sees("is refused from now on")
        assert client.get("/manage/v1/me", headers=headers).status_code == 401


def test_the_language_of_a_profile_is_that_of_the_pages(people: People) -> None:
    nova = newcomer("Nova Ny")
    person = joins(people, nova)
    person.goes_to("/account/profile")
    person.chooses("Language", "Svenska")
    person.presses("Save", exact=True)
    expect(person.page.locator("html")).to_have_attribute("lang", "sv")
