"""People who come new to the system, so that what they do to their accounts disturbs nobody else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from browser.mails import link_in_mail
from browser.person import People, Person, Size

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
    """Signs up, opens the mail's link, and is signed in."""
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
