"""The bank's own SQLite file: made from the seed at the first start, read-only afterwards."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
from collections.abc import Iterable
from pathlib import Path

from propylon.sandbox.bank_data import DEFAULT_SEED, BankAccount, bank_accounts

_LAYOUT = 1  # count up when the tables or the data change: an older file is then made anew
_TABLES = """
CREATE TABLE bank (seed TEXT NOT NULL, cursor_key BLOB NOT NULL);
CREATE TABLE account (
    number INTEGER PRIMARY KEY, owner TEXT NOT NULL, owner_name TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    iban TEXT NOT NULL UNIQUE, currency TEXT NOT NULL, status TEXT NOT NULL, opened_on TEXT NOT NULL,
    booked INTEGER NOT NULL, available INTEGER NOT NULL, transactions INTEGER NOT NULL
);
CREATE INDEX account_of_owner ON account (owner, number);
CREATE TABLE booking (
    account INTEGER NOT NULL, number INTEGER NOT NULL, status TEXT NOT NULL, booked_on TEXT NOT NULL,
    value_on TEXT NOT NULL, amount INTEGER NOT NULL, description TEXT NOT NULL, counterparty TEXT NOT NULL,
    counterparty_iban TEXT NOT NULL, PRIMARY KEY (account, number)
) WITHOUT ROWID;
"""


def ensure_bank(folder: Path, seed: str = DEFAULT_SEED) -> Path:
    """The database file in `folder`; made if it is absent, of another layout or of another seed.

    It appears whole or not at all: it is built beside and renamed, so a crash or a second process does no harm.
    """
    path = folder / "bank.sqlite3"
    if not _is_current(path, seed):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=".making-") as unfinished:
            made = Path(unfinished) / path.name
            _build(made, seed)
            made.replace(path)
    return path


def open_bank(path: Path) -> sqlite3.Connection:
    """A read-only connection without locks: the file never changes, a new one takes its place."""
    # One connection is used from one event loop; tests move it between threads, one at a time.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False)


def _is_current(path: Path, seed: str) -> bool:
    if not path.exists():
        return False
    try:
        connection = open_bank(path)
        try:
            layout = connection.execute("PRAGMA user_version").fetchone()[0]
            return bool(layout == _LAYOUT and connection.execute("SELECT seed FROM bank").fetchone() == (seed,))
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return False


def _build(path: Path, seed: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript(
            f"PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA user_version={_LAYOUT}; {_TABLES}"
        )
        connection.execute("BEGIN")
        # Cursors protect nothing (the caller's rights are checked each time): the key tells a forgery from a position.
        key = hashlib.sha256(f"propylon bank cursors {seed}".encode()).digest()
        connection.execute("INSERT INTO bank VALUES (?, ?)", (seed, key))
        _fill(connection, bank_accounts(seed))
        connection.execute("COMMIT")
    finally:
        connection.close()
    with path.open("rb") as written:
        os.fsync(written.fileno())


def _fill(connection: sqlite3.Connection, accounts: Iterable[BankAccount]) -> None:
    for account in accounts:
        connection.execute(
            f"INSERT INTO account VALUES ({', '.join('?' * 12)})",  # noqa: S608  (question marks only)
            (
                account.number,
                account.owner.subject,
                account.owner.name,
                account.name,
                account.type,
                account.iban,
                account.currency,
                account.status,
                account.opened_on.isoformat(),
                account.booked,
                account.available,
                len(account.bookings),
            ),
        )
        connection.executemany(
            f"INSERT INTO booking VALUES ({', '.join('?' * 9)})",  # noqa: S608  (question marks only)
            (
                (
                    account.number,
                    booking.number,
                    booking.status,
                    booking.booked_on.isoformat(),
                    booking.value_on.isoformat(),
                    booking.amount,
                    booking.description,
                    booking.counterparty,
                    booking.counterparty_iban,
                )
                for booking in account.bookings
            ),
        )
