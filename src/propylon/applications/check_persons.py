"""The persons of a request for end users: every mistake, by its place in the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from propylon.accounts.checks import check_email, check_name, normal_email
from propylon.kernel.errors import FieldError

MOST_PERSONS = 20
_IDENTITY_NUMBER = re.compile(r"[0-9A-Za-z-]{4,40}")


@dataclass(frozen=True, slots=True)
class Person:
    """`identity_number` is what the person logs in with."""

    name: str
    email: str
    identity_number: str

    def as_dict(self) -> dict[str, str]:
        return {
            "name": self.name.strip(),
            "email": normal_email(self.email),
            "identity_number": self.identity_number.strip(),
        }


def check_persons(persons: Sequence[Person]) -> list[FieldError]:
    if not 1 <= len(persons) <= MOST_PERSONS:
        return [FieldError("persons", "body", f"takes 1 to {MOST_PERSONS} persons")]
    found: list[FieldError] = []
    numbers: set[str] = set()
    for place, person in enumerate(persons):
        at = f"persons.{place}"
        number = person.identity_number.strip()
        found += check_name(person.name, f"{at}.name") + check_email(person.email, f"{at}.email")
        if not _IDENTITY_NUMBER.fullmatch(number):
            found.append(FieldError(f"{at}.identity_number", "body", "takes 4 to 40 letters, digits and hyphens"))
        elif number in numbers:
            found.append(FieldError(f"{at}.identity_number", "body", "is there twice"))
        numbers.add(number)
    return found
