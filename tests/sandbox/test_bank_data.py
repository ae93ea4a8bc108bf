"""The bank is the same for the same seed, and its books balance."""

from __future__ import annotations

import sqlite3
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from propylon.sandbox.bank_data import MANY_TRANSACTIONS, BankAccount, bank_accounts
from propylon.sandbox.bank_database import ensure_bank, open_bank
from propylon.sandbox.iban import is_valid_iban
from propylon.sandbox.people import PEOPLE


@pytest.fixture(scope="module")
def accounts() -> list[BankAccount]:
    return list(bank_accounts("propylon"))


def _dump(path: Path) -> list[str]:
    connection = open_bank(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()


def test_the_same_seed_gives_the_same_bank_and_another_seed_another(tmp_path: Path) -> None:
    first, second, other = (ensure_bank(tmp_path / name, seed) for name, seed in (("a", "s"), ("b", "s"), ("c", "t")))
    assert _dump(first) == _dump(second)
    assert _dump(first) != _dump(other)


def test_a_second_start_keeps_the_file_and_another_seed_replaces_it(tmp_path: Path) -> None:
    made = ensure_bank(tmp_path, "s").stat()
    assert ensure_bank(tmp_path, "s").stat().st_ino == made.st_ino
    ensure_bank(tmp_path, "t")
    connection = open_bank(tmp_path / "bank.sqlite3")
    assert connection.execute("SELECT seed FROM bank").fetchall() == [("t",)]
    connection.close()
    assert [path.name for path in tmp_path.iterdir()] == ["bank.sqlite3"]


def test_a_broken_file_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "bank.sqlite3").write_bytes(b"half a bank")
    assert _dump(ensure_bank(tmp_path, "s"))


def test_two_processes_that_start_at_once_both_find_a_whole_bank(tmp_path: Path) -> None:
    counts: list[int] = []

    def start() -> None:
        connection = open_bank(ensure_bank(tmp_path, "s"))
        counts.append(connection.execute("SELECT count(*) FROM account").fetchone()[0])
        connection.close()

    threads = [threading.Thread(target=start) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(counts) == 3
    assert len(set(counts)) == 1


def test_the_bank_cannot_be_written(tmp_path: Path) -> None:
    connection = open_bank(ensure_bank(tmp_path))
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM account")
    connection.close()


def test_exactly_one_account_has_10000_transactions(accounts: list[BankAccount]) -> None:
    assert [account.number for account in accounts if len(account.bookings) >= MANY_TRANSACTIONS] == [1]
    assert len(accounts[0].bookings) == 10_000


def test_balances_follow_the_bookings_and_never_fall_below_zero(accounts: list[BankAccount]) -> None:
    for account in accounts:
        balance = 0
        for booking in account.bookings:
            balance += booking.amount if booking.status == "booked" else 0
            assert balance >= 0
        assert account.booked == balance
        assert account.available <= balance


def test_bookings_are_in_the_order_of_time(accounts: list[BankAccount]) -> None:
    for account in accounts:
        days = [booking.booked_on for booking in account.bookings]
        assert days == sorted(days)
        assert days[0] >= account.opened_on


def test_every_person_has_accounts_and_every_iban_is_valid_and_once(accounts: list[BankAccount]) -> None:
    assert {account.owner for account in accounts} == set(PEOPLE)
    ibans = [account.iban for account in accounts]
    assert len(set(ibans)) == len(ibans)
    others = {booking.counterparty_iban for account in accounts for booking in account.bookings} - {""}
    for iban in (*ibans, *others):
        assert iban.startswith("SE")
        assert len(iban) == 24
        assert is_valid_iban(iban)
    assert not is_valid_iban("SE0000000000000000000000")


def test_the_only_closed_account_is_empty(accounts: list[BankAccount]) -> None:
    closed = [account for account in accounts if account.status == "closed"]
    assert [(account.booked, account.available) for account in closed] == [(0, 0)]


def test_people_have_valid_check_digits_and_distinct_opaque_subjects() -> None:
    numbers = {person.identity_number for person in PEOPLE}
    assert {"199311219639", "198811215477"} <= numbers
    assert len(numbers) == len({person.subject for person in PEOPLE}) == len(PEOPLE)
    for person in PEOPLE:
        digits = [int(digit) * (2 - position % 2) for position, digit in enumerate(person.identity_number[2:])]
        assert sum(digit // 10 + digit % 10 for digit in digits) % 10 == 0
        assert person.identity_number not in person.subject
        assert len(person.subject) <= 64


def test_amounts_are_exact_decimals_of_the_bookings(accounts: list[BankAccount]) -> None:
    from propylon.sandbox.accounts_api import decimal_text

    for hundredths in (0, 5, -5, 99, -100, -4250, 123_456_789):
        assert Decimal(decimal_text(hundredths)) == Decimal(hundredths) / 100
    assert decimal_text(-4250) == "-42.50"
    assert decimal_text(-5) == "-0.05"
