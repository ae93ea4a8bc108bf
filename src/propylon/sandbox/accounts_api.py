"""The accounts product, version 1, as documents/accounts-v1.yaml describes it."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from propylon.kernel.errors import Kind, PropylonError
from propylon.sandbox.answers import json_answer
from propylon.sandbox.bank_data import AS_OF
from propylon.sandbox.bank_queries import Bank, Page, Record
from propylon.sandbox.caller import BASE_PATH, Caller, caller_of
from propylon.sandbox.consent import ACCOUNT_ID
from propylon.sandbox.customer_names import CustomerNames
from propylon.sandbox.page_request import CursorList, PageRequest, paging_object, parse_page_request


class AccountsApi:
    """Its three operations. Reads take microseconds, so they run in the event loop."""

    def __init__(self, bank: Bank, names: CustomerNames) -> None:
        self._bank = bank
        self._names = names

    def routes(self) -> Sequence[Route]:
        return (
            Route(f"{BASE_PATH}/accounts", self.list_accounts, methods=["GET"]),
            Route(f"{BASE_PATH}/accounts/{{id}}", self.get_account, methods=["GET"]),
            Route(f"{BASE_PATH}/accounts/{{id}}/transactions", self.list_transactions, methods=["GET"]),
        )

    async def list_accounts(self, request: Request) -> Response:
        caller = caller_of(request.headers, self._names)
        numbers = caller.consent.numbers("accounts")
        chosen = "" if numbers is None else f" {sorted(numbers)}"
        cursors = self._bank.cursors(f"accounts of {caller.owner or '*'}{chosen}")
        wanted = parse_page_request(request.query_params.multi_items(), cursors)
        page = self._bank.accounts(caller.owner, wanted, numbers)
        return _list_answer(request, [_account(record, caller) for record in page.records], page, wanted, cursors)

    async def get_account(self, request: Request) -> Response:
        caller = caller_of(request.headers, self._names)
        return json_answer(request, _account(self._find(caller, request, "accounts"), caller))

    async def list_transactions(self, request: Request) -> Response:
        caller = caller_of(request.headers, self._names)
        account = self._find(caller, request, "accounts", "transactions")
        if not caller.consent.allows("read_transactions", account["number"]):
            raise PropylonError(
                "consent.transactions_not_covered",
                "The customer's consent does not cover the transactions of this account. Ask for read_transactions.",
                kind=Kind.FORBIDDEN,
            )
        cursors = self._bank.cursors(f"transactions of {account['number']}")
        wanted = parse_page_request(request.query_params.multi_items(), cursors)
        page = self._bank.bookings(account, wanted)
        data = [_transaction(record, account, caller) for record in page.records]
        return _list_answer(request, data, page, wanted, cursors)

    def _find(self, caller: Caller, request: Request, *scopes: str) -> Record:
        """Another customer's account is as unknown as one that does not exist; so is one that was not chosen."""
        form = ACCOUNT_ID.fullmatch(request.path_params["id"])
        found = self._bank.account(caller.owner, int(form[1]), caller.consent.numbers(*scopes)) if form else None
        if found is None:
            raise PropylonError(
                "account.unknown",
                "There is no such account. Take an id from the list of accounts.",
                kind=Kind.NOT_FOUND,
            )
        return found


def _list_answer(
    request: Request, data: list[dict[str, object]], page: Page, wanted: PageRequest, cursors: CursorList
) -> Response:
    paging = paging_object(wanted, cursors, total=page.total, previous=page.previous, following=page.following)
    return json_answer(request, {"data": data, "paging": paging})


def _account(record: Record, caller: Caller) -> dict[str, object]:
    identifier = f"acc-{record['number']:06d}"
    href = f"{caller.base_url}/accounts/{identifier}"
    currency = record["currency"]
    return {
        "id": identifier,
        "name": record["name"],
        "type": record["type"],
        "iban": record["iban"],
        "currency": currency,
        "status": record["status"],
        "ownerName": record["owner_name"],
        "openedOn": record["opened_on"],
        "balances": [
            {"type": type_, "amount": decimal_text(record[type_]), "currency": currency, "asOf": AS_OF}
            for type_ in ("booked", "available")
            if caller.consent.allows("read_balances", record["number"])
        ],
        "links": [{"rel": "self", "href": href}, {"rel": "transactions", "href": f"{href}/transactions"}],
    }


def _transaction(record: Record, account: Record, caller: Caller) -> dict[str, object]:
    account_id = f"acc-{record['account']:06d}"
    counterparty = {"name": record["counterparty"]}
    if record["counterparty_iban"]:
        counterparty["iban"] = record["counterparty_iban"]
    return {
        "id": f"txn-{record['account']:06d}-{record['number']:06d}",
        "accountId": account_id,
        "status": record["status"],
        "bookedOn": record["booked_on"],
        "valueOn": record["value_on"],
        "amount": decimal_text(record["amount"]),
        "currency": account["currency"],
        "description": record["description"],
        "counterparty": counterparty,
        "links": [{"rel": "account", "href": f"{caller.base_url}/accounts/{account_id}"}],
    }


def decimal_text(hundredths: int) -> str:
    """-4250 is "-42.50"."""
    whole, rest = divmod(abs(hundredths), 100)
    return f"{'-' if hundredths < 0 else ''}{whole}.{rest:02d}"
