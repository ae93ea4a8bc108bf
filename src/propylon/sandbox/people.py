"""The sandbox identities: the bank's simulated customers, as data from a seed.

Whoever seeds an environment's customer directory takes them from here: both know a customer by the same subject.
Identity numbers and names are public: the documentation names them, and nobody real has them. How they log in is the
business of whoever asks them to.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

_SEED = "propylon sandbox people 1"


@dataclass(frozen=True, slots=True)
class SandboxPerson:
    """`identity_number`: 12 digits, the last a check digit; `subject`: what tokens carry, the same everywhere."""

    identity_number: str
    name: str
    subject: str


def _person(identity_number: str, name: str) -> SandboxPerson:
    # The hash keeps the number out of tokens; it need not resist guessing, the documentation prints the numbers.
    digest = hashlib.sha256(f"{_SEED} {identity_number}".encode()).hexdigest()
    return SandboxPerson(identity_number, name, f"cus_{digest[:20]}")


PEOPLE: tuple[SandboxPerson, ...] = tuple(
    _person(identity_number, name)
    for identity_number, name in (
        ("199311219639", "Astrid Lindqvist"),  # owns the account with 10,000 transactions
        ("198811215477", "Björn Hedlund"),
        ("196202219801", "Cecilia Åkerman"),
        ("194507099812", "Daniel Östberg"),
        ("197103149824", "Elsa Nyström"),
        ("198310059830", "Fredrik Sandell"),
        ("197906309849", "Gunilla Ekdahl"),
        ("200104122387", "Hampus Wiklund"),
        ("199608189859", "Ingrid Sjöholm"),
        ("195301239868", "Johan Bergfors"),
        ("200412242398", "Klara Dahlberg"),
        ("198705179870", "Lars Ekholm"),
    )
)
