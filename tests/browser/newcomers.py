"""People who come new to the system, so that what they do to their accounts disturbs nobody else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from browser.mails import link_in_mail
from browser.person import People, Person, Size
from running_system import DemoUser

PASSWORD = "seven quiet lighthouses"


@dataclass(frozen=True)
class Newcomer:
    name: str
    email: str
    organization: str
    password: str = PASSWORD


def newcomer(name: str) -> Newcomer:
    mark = secrets.token_hex(4)
    return Newcomer(name, f"{name.split(maxsplit=1)[0].lower()}{mark}@newcomers.example", f"{name} {mark} AB")


def joins(people: People, who: Newcomer, *, size: Size = "desktop") -> Person:
    """Signs up, opens the mail's link, is signed in, and comes to a browser only then: `joins_by_page` is slower."""
    session = people.stranger()
    page = session.page("/sign-up")
    wanted = {"name": who.name, "organization_name": who.organization, "email": who.email, "password": who.password}
    answer = session.send(page.form_with("organization_name"), page.url, **wanted)
    assert answer.status_code == 303, answer.text
    page = session.page(link_in_mail(people.system, who.email))
    answer = session.send(page.form_with("token"), page.url)
    assert answer.headers.get("Location") == "/apps/new", answer.text
    people.sessions[who.email] = session
    return people.sign_in(DemoUser("", who.email, who.password), size=size)


def joins_by_page(people: People, who: Newcomer, *, size: Size = "desktop") -> Person:
    """The same at a browser."""
    person = people.visitor(size=size)
    person.goes_to("/sign-up")
    person.fills("Your name", who.name)
    person.fills("Organization", who.organization)
    person.fills("E-mail address", who.email)
    person.fills("Password", who.password)
    person.presses("Sign up", within="main form")
    person.sees(who.email)
    person.goes_to(link_in_mail(people.system, who.email))
    person.presses("Verify and sign in")
    person.is_at("/apps/new")
    return person


def types_password(person: Person, who: Newcomer, password: str = "") -> None:
    """At the sign-in page."""
    person.fills("E-mail address", who.email)
    person.fills("Password", password or who.password)
    person.presses("Sign in", within="main form")


def confirms(person: Person, who: Newcomer) -> None:
    """That it is still them, where something delicate asks."""
    person.sees_heading("Confirm that it is you")
    person.fills("Password", who.password)
    person.presses("Continue")
