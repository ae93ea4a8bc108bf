"""What the sandbox bank holds, computed from a seed: the same seed gives the same bank, to the last öre.

Amounts are whole hundredths here. A balance is the sum of its bookings; no booked balance is ever below zero. Time
ends at AS_OF, whenever the bank is made: documentation and tests may name what is in it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from propylon.sandbox.iban import swedish_iban
from propylon.sandbox.people import PEOPLE, SandboxPerson

DEFAULT_SEED = "propylon"
LAST_DAY = date(2026, 6, 30)
AS_OF = "2026-06-30T20:00:00Z"
MANY_TRANSACTIONS = 10_000  # one account has as many, so that paging means something
_MANY_DAYS = 5 * 365

_SHOPS = (
    ("Hörnbutiken", "Groceries"),
    ("Torghallen", "Groceries"),
    ("Stadsbussen", "Ticket"),
    ("Elverket", "Electricity"),
    ("Bokladan", "Books"),
    ("Café Linden", "Coffee"),
    ("Apotek Svan", "Pharmacy"),
    ("Bredband Nord", "Internet"),
    ("Järnhandeln", "Tools"),
    ("Biografen", "Cinema"),
)
_PAYERS = (("Norrsken AB", "Salary"), ("Skatteverket", "Tax refund"), ("Vikarie AB", "Fee"))
_KINDS = {"current": "Everyday account", "savings": "Savings account", "custody": "Custody account"}


@dataclass(frozen=True, slots=True)
class Booking:
    """`number` counts from 1, oldest first. A pending one is not in the booked balance yet."""

    number: int
    status: str
    booked_on: date
    value_on: date
    amount: int
    description: str
    counterparty: str
    counterparty_iban: str


@dataclass(frozen=True, slots=True)
class BankAccount:
    number: int  # 1 and up: the id is acc-000001
    owner: SandboxPerson
    name: str
    type: str
    iban: str
    currency: str
    status: str
    opened_on: date
    bookings: tuple[Booking, ...]

    @property
    def booked(self) -> int:
        return sum(booking.amount for booking in self.bookings if booking.status == "booked")

    @property
    def available(self) -> int:
        """What is booked, less what is on its way out; what is on its way in does not count yet."""
        leaving = (booking.amount for booking in self.bookings if booking.status == "pending" and booking.amount < 0)
        return self.booked + sum(leaving)


def bank_accounts(seed: str = DEFAULT_SEED) -> Iterator[BankAccount]:
    """All accounts in the order of their numbers; the first is the one with MANY_TRANSACTIONS."""
    choice = random.Random(f"propylon bank {seed}")  # noqa: S311  (data for show, not a secret)
    number = 0
    for position, person in enumerate(PEOPLE):
        for type_ in _types(position, choice):
            number += 1
            yield _account(number, person, type_, choice)


def _types(position: int, choice: random.Random) -> tuple[str, ...]:
    more: list[str] = [type_ for type_ in ("savings", "custody") if choice.random() < 0.7]
    return ("current", "current", *more) if position % 3 == 0 else ("current", *(more or ["savings"]))


def _account(number: int, owner: SandboxPerson, type_: str, choice: random.Random) -> BankAccount:
    count, days = (MANY_TRANSACTIONS, _MANY_DAYS) if number == 1 else (choice.randint(12, 220), choice.randint(90, 900))
    is_closed = number == 6  # exactly one, and it is empty
    opened_on = LAST_DAY - timedelta(days=days)
    bookings = _bookings(count, opened_on, days, choice, is_closed=is_closed)
    return BankAccount(
        number=number,
        owner=owner,
        name=_KINDS[type_],
        type=type_,
        iban=swedish_iban(choice.randrange(10**10, 10**11)),
        currency="EUR" if number % 7 == 0 else "SEK",
        status="closed" if is_closed else "open",
        opened_on=opened_on,
        bookings=tuple(bookings),
    )


def _bookings(count: int, opened_on: date, days: int, choice: random.Random, *, is_closed: bool) -> Iterator[Booking]:
    balance = 0
    pending = 0 if is_closed else choice.randint(1, 3)
    for number in range(1, count + 1):
        booked_on = opened_on + timedelta(days=(number - 1) * days // count)
        if is_closed and number == count:
            amount, (counterparty, description) = -balance, ("Own account", "Closing balance")
        else:
            amount, counterparty, description = _movement(balance, choice)
        balance += amount
        yield Booking(
            number=number,
            status="pending" if number > count - pending else "booked",
            booked_on=booked_on,
            value_on=booked_on + timedelta(days=choice.randint(0, 1)),
            amount=amount,
            description=description,
            counterparty=counterparty,
            counterparty_iban=swedish_iban(10**11 + sum(counterparty.encode())) if number % 3 == 0 else "",
        )


def _movement(balance: int, choice: random.Random) -> tuple[int, str, str]:
    """What comes next: money in when there is too little or by chance, money out otherwise."""
    spent = int(choice.random() ** 3 * 250_000) + 900
    if spent > balance or choice.random() < 0.004:
        payer, reason = choice.choice(_PAYERS)
        return choice.randrange(1_800_000, 3_400_000), payer, reason
    shop, goods = choice.choice(_SHOPS)
    return -spent, shop, goods
