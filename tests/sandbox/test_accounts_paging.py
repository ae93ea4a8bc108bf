"""Cursor paging in the source document's form (FEATURES G4)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import parse_qsl

import httpx
import pytest

from propylon.kernel.cursor import encode_cursor
from propylon.kernel.home import Home
from propylon.sandbox.bank_queries import Bank
from propylon.sandbox.page_request import Direction, PageRequest

Headers = dict[str, str]
Follow = Callable[[str, str, str, Headers], list[httpx.Response]]
MANY = "/accounts/v1/accounts/acc-000001/transactions"
FEW = "/accounts/v1/accounts/acc-000002/transactions"
ACCOUNTS = "/accounts/v1/accounts"
TEXTS = ("first", "last", "previous", "next", "self")


def _ids(answers: list[httpx.Response]) -> list[str]:
    return [item["id"] for answer in answers for item in answer.json()["data"]]


def test_all_10000_forwards_each_once_newest_first(follow: Follow, service: Headers) -> None:
    seen = _ids(follow(MANY, "limit=97", "next", service))
    assert seen == [f"txn-000001-{number:06d}" for number in range(10_000, 0, -1)]


def test_all_10000_backwards_each_once(bank_client: httpx.Client, follow: Follow, service: Headers) -> None:
    last = bank_client.get(f"{MANY}?limit=97", headers=service).json()["paging"]["last"]
    pages = follow(MANY, last, "previous", service)
    assert _ids(pages[::-1]) == [f"txn-000001-{number:06d}" for number in range(10_000, 0, -1)]


def test_going_on_and_back_again_gives_the_same_page(bank_client: httpx.Client, service: Headers) -> None:
    first = bank_client.get(f"{MANY}?limit=20", headers=service).json()
    second = bank_client.get(f"{MANY}?{first['paging']['next']}", headers=service).json()
    back = bank_client.get(f"{MANY}?{second['paging']['previous']}", headers=service).json()
    assert back["data"] == first["data"]
    assert back["paging"]["previous"] is None
    again = bank_client.get(f"{MANY}?{second['paging']['self']}", headers=service).json()
    assert again == second


def test_every_text_is_a_query_string_of_before_and_after(bank_client: httpx.Client, service: Headers) -> None:
    second = bank_client.get(MANY, headers=service).json()["paging"]["next"]
    paging = bank_client.get(f"{MANY}?{second}", headers=service).json()["paging"]
    assert list(paging) == ["totalCount", "limit", *TEXTS]
    assert (paging["totalCount"], paging["limit"]) == (10_000, 15)
    for text in TEXTS:
        assert re.fullmatch(r"before=[A-Za-z0-9_=-]*&after=[A-Za-z0-9_=-]*", paging[text])
        cursors = dict(parse_qsl(paging[text]))
        assert len(cursors) == 1  # one of both is empty
        base64.b64decode(next(iter(cursors.values())), altchars=b"-_", validate=True)


def test_following_a_text_as_it_is_keeps_the_limit_and_a_sent_limit_wins(
    bank_client: httpx.Client, service: Headers
) -> None:
    paging = bank_client.get(f"{MANY}?limit=7", headers=service).json()["paging"]
    for text in ("first", "last", "next", "self"):
        answer = bank_client.get(f"{MANY}?{paging[text]}", headers=service).json()
        assert answer["paging"]["limit"] == len(answer["data"]) == 7
    answer = bank_client.get(f"{MANY}?{paging['next']}&limit=3", headers=service).json()
    assert answer["paging"]["limit"] == len(answer["data"]) == 3
    assert answer["data"][0]["id"] == "txn-000001-009993"


def test_at_the_ends_previous_and_next_are_null(bank_client: httpx.Client, service: Headers) -> None:
    first = bank_client.get(f"{MANY}?before=&after=", headers=service).json()
    assert first["paging"]["previous"] is None
    assert first["data"][0]["id"] == "txn-000001-010000"
    last = bank_client.get(f"{MANY}?{first['paging']['last']}", headers=service).json()
    assert last["paging"]["next"] is None
    assert last["data"][-1]["id"] == "txn-000001-000001"


def test_a_list_that_fits_one_page_has_no_others(bank_client: httpx.Client, service: Headers) -> None:
    total = bank_client.get(f"{FEW}?limit=1", headers=service).json()["paging"]["totalCount"]
    for text in ("first", "last"):
        paging = bank_client.get(f"{FEW}?limit={total}", headers=service).json()["paging"]
        answer = bank_client.get(f"{FEW}?{paging[text]}", headers=service).json()
        assert len(answer["data"]) == total
        assert answer["paging"]["previous"] is answer["paging"]["next"] is None


def test_accounts_page_in_the_order_of_their_ids_both_ways(
    bank_client: httpx.Client, follow: Follow, service: Headers, customer: Headers
) -> None:
    for headers in (service, customer):
        forwards = follow(ACCOUNTS, "limit=2", "next", headers)
        seen = _ids(forwards)
        assert seen == sorted(set(seen))
        assert len(seen) == forwards[0].json()["paging"]["totalCount"]
        backwards = follow(ACCOUNTS, forwards[0].json()["paging"]["last"], "previous", headers)
        assert _ids(backwards[::-1]) == seen
    assert bank_client.get(ACCOUNTS, headers=service).json()["paging"]["limit"] == 15


def _steps(bank: Bank, request: PageRequest) -> int:
    """How many instructions SQLite's machine runs for one page of the many transactions: exact, unlike a clock."""
    account = bank.account(None, 1)
    assert account is not None
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    bank.connection.set_progress_handler(tick, 1)
    try:
        bank.bookings(account, request)
    finally:
        bank.connection.set_progress_handler(None, 1)
    return count


@pytest.mark.parametrize("direction", list(Direction))
def test_page_50_costs_what_page_1_costs(sandbox_home: Home, direction: Direction) -> None:
    bank = Bank(sandbox_home.sandbox)
    at_the_end = _steps(bank, PageRequest(direction, None, 15))
    inside = {_steps(bank, PageRequest(direction, 10_000 - 15 * page, 15)) for page in (2, 3, 49, 50, 500)}
    assert len(inside) == 1  # the same wherever the page lies
    assert inside.pop() <= at_the_end + 20


def test_no_page_is_found_by_scanning_or_sorting(sandbox_home: Home) -> None:
    bank = Bank(sandbox_home.sandbox)
    statements: list[str] = []
    bank.connection.set_trace_callback(statements.append)
    account = bank.account(None, 1)
    assert account is not None
    for direction in Direction:
        for position in (None, 5_000):
            bank.bookings(account, PageRequest(direction, position, 15))
    bank.connection.set_trace_callback(None)
    bookings = [statement for statement in statements if "FROM booking" in statement]
    assert len(bookings) == 8  # one for the page, one for what lies on the other side
    for statement in bookings:
        plan = [row["detail"] for row in bank.connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
        assert all("SEARCH booking USING PRIMARY KEY" in step for step in plan), plan


def test_a_tampered_cursor_is_refused_wherever_it_was_changed(bank_client: httpx.Client, service: Headers) -> None:
    text = bank_client.get(MANY, headers=service).json()["paging"]["next"].removeprefix("before=&after=")
    broken = [text[:-1], text + "A", "AAAA" + text[4:], text[4:], "15/9985", "%00", "💸", "=", text.swapcase()]
    broken += [
        text[:place] + ("B" if text[place] == "A" else "A") + text[place + 1 :] for place in range(len(text) - 3)
    ]
    for cursor in broken:
        for name in ("before", "after"):
            answer = bank_client.get(MANY, params={name: cursor}, headers=service)
            assert answer.status_code == 400, cursor
            body = answer.json()
            assert body["code"] == "paging.cursor.invalid"
            assert [(error["field"], error["location"]) for error in body["errors"]] == [(name, "query")]


def test_a_forged_cursor_with_another_key_is_refused(bank_client: httpx.Client, service: Headers) -> None:
    forged = encode_cursor("15/9985", scope="transactions of 1", key=b"guessed")
    assert bank_client.get(MANY, params={"after": forged}, headers=service).status_code == 400


def test_a_cursor_of_another_list_is_refused(bank_client: httpx.Client, service: Headers, customer: Headers) -> None:
    of_many = bank_client.get(MANY, headers=service).json()["paging"]["next"]
    of_accounts = bank_client.get(f"{ACCOUNTS}?limit=1", headers=service).json()["paging"]["next"]
    for path, text, headers in (
        (FEW, of_many, service),
        (MANY, of_accounts, service),
        (ACCOUNTS, of_accounts, customer),
    ):
        answer = bank_client.get(f"{path}?{text}", headers=headers)
        assert answer.status_code == 400
        assert answer.json()["code"] == "paging.cursor.invalid"


def test_an_ends_cursor_under_the_other_name_is_refused(bank_client: httpx.Client, service: Headers) -> None:
    paging = bank_client.get(MANY, headers=service).json()["paging"]
    first = paging["first"].removeprefix("before=&after=")
    last = paging["last"].removeprefix("before=").removesuffix("&after=")
    for query in ({"before": first}, {"after": last}):
        assert bank_client.get(MANY, params=query, headers=service).json()["code"] == "paging.cursor.invalid"


@pytest.mark.parametrize(
    "limit",
    ["0", "501", "-1", "1.5", "1e2", "ten", "", " 5", "+5", "\u0665", "0x5", "9" * 11],
)
def test_a_limit_that_is_no_number_from_1_to_500_is_refused(
    bank_client: httpx.Client, service: Headers, limit: str
) -> None:
    for path in (MANY, ACCOUNTS):
        answer = bank_client.get(path, params={"limit": limit}, headers=service)
        assert answer.status_code == 400
        assert answer.json()["code"] == "paging.limit.invalid"
        assert [error["field"] for error in answer.json()["errors"]] == ["limit"]


@pytest.mark.parametrize("limit", ["1", "500"])
def test_the_bounds_of_the_limit_are_allowed(bank_client: httpx.Client, service: Headers, limit: str) -> None:
    answer = bank_client.get(f"{MANY}?limit={limit}", headers=service)
    assert len(answer.json()["data"]) == int(limit)


def test_all_mistakes_of_a_query_are_told_at_once(bank_client: httpx.Client, service: Headers) -> None:
    answer = bank_client.get(f"{MANY}?limit=0&after=x&limit=3", headers=service)
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["limit", "limit", "after"]


def test_before_and_after_together_are_refused(bank_client: httpx.Client, service: Headers) -> None:
    cursor = bank_client.get(MANY, headers=service).json()["paging"]["next"].removeprefix("before=&after=")
    answer = bank_client.get(MANY, params={"before": cursor, "after": cursor}, headers=service)
    assert answer.status_code == 400
    assert answer.json()["code"] == "paging.cursor.both"
