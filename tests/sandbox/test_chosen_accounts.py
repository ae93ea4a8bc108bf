"""Consents that name accounts: the sandbox bank answers these only, and believes the gateway's header alone."""

from __future__ import annotations

import json
from base64 import b64encode

import httpx
import pytest

from propylon.sandbox.people import PEOPLE

Headers = dict[str, str]
ACCOUNTS = "/accounts/v1/accounts"


def _told(value: object) -> str:
    return b64encode(json.dumps(value).encode()).decode()


def _consent(person: int = 0, accounts: object = None, text: str | None = None, details: object = None) -> Headers:
    """A customer's token as the gateway tells of it."""
    told = _told(accounts) if text is None else text
    return {
        **({} if details is None else {"x-propylon-authorization-details": _told(details)}),
        "x-propylon-client": "cl_1",
        "x-propylon-subject": PEOPLE[person].subject,
        **({} if accounts is None and text is None else {"x-propylon-accounts": told}),
    }


def _ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["data"]]


def test_only_chosen_accounts_are_listed_and_counted(bank_client: httpx.Client) -> None:
    own = _ids(bank_client.get(ACCOUNTS, headers=_consent()))
    assert len(own) > 1
    answer = bank_client.get(ACCOUNTS, headers=_consent(accounts={"accounts": own[1:2]}))
    assert _ids(answer) == own[1:2]
    assert answer.json()["paging"]["totalCount"] == 1


def test_another_account_of_the_same_customer_is_unknown(bank_client: httpx.Client) -> None:
    first, second, *_ = _ids(bank_client.get(ACCOUNTS, headers=_consent()))
    headers = _consent(accounts={"accounts": [first]})
    assert bank_client.get(f"{ACCOUNTS}/{first}", headers=headers).status_code == 200
    for path in (f"{ACCOUNTS}/{second}", f"{ACCOUNTS}/{second}/transactions"):
        refused = bank_client.get(path, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (404, "account.unknown")


def test_an_account_of_somebody_else_stays_unknown_though_a_consent_names_it(bank_client: httpx.Client) -> None:
    foreign = _ids(bank_client.get(ACCOUNTS, headers=_consent(person=1)))[0]
    headers = _consent(accounts={"accounts": [foreign]})
    assert _ids(bank_client.get(ACCOUNTS, headers=headers)) == []
    assert bank_client.get(f"{ACCOUNTS}/{foreign}", headers=headers).status_code == 404


def test_a_choice_for_another_scope_leaves_this_api_alone(bank_client: httpx.Client) -> None:
    all_of_them = _ids(bank_client.get(ACCOUNTS, headers=_consent()))
    assert _ids(bank_client.get(ACCOUNTS, headers=_consent(accounts={"payments": ["acc-000001"]}))) == all_of_them


@pytest.mark.parametrize(
    "text", ["", "!", "e30", b64encode(b"[]").decode(), b64encode(b'{"accounts":7}').decode(),
             b64encode(b'{"accounts":[7]}').decode(), b64encode(b'{"accounts":"acc-000001"}').decode()]
)  # fmt: skip
def test_what_cannot_be_read_covers_nothing(bank_client: httpx.Client, text: str) -> None:
    assert _ids(bank_client.get(ACCOUNTS, headers=_consent(text=text))) == []


def test_a_cursor_of_one_consent_is_none_of_another(bank_client: httpx.Client) -> None:
    own = _ids(bank_client.get(ACCOUNTS, headers=_consent()))
    both, one = _consent(accounts={"accounts": own[:2]}), _consent(accounts={"accounts": own[:1]})
    following = bank_client.get(f"{ACCOUNTS}?limit=1", headers=both).json()["paging"]["next"]
    assert _ids(bank_client.get(f"{ACCOUNTS}?{following}", headers=both)) == own[1:2]
    assert bank_client.get(f"{ACCOUNTS}?{following}", headers=one).status_code == 400


def test_transactions_are_covered_by_either_scope_alone_and_by_both_together(bank_client: httpx.Client) -> None:
    first, second, *_ = _ids(bank_client.get(ACCOUNTS, headers=_consent()))

    def status(account: str, accounts: object) -> int:
        return bank_client.get(f"{ACCOUNTS}/{account}/transactions", headers=_consent(accounts=accounts)).status_code

    assert (status(first, {"transactions": [first]}), status(second, {"transactions": [first]})) == (200, 404)
    assert status(first, {"transactions": [first], "accounts": [second]}) == 404


def test_actions_of_account_information_are_kept_account_by_account(bank_client: httpx.Client) -> None:
    first, second, *_ = _ids(bank_client.get(ACCOUNTS, headers=_consent()))
    details = [
        {"type": "account_information", "actions": ["read_accounts"], "accounts": [first]},
        {"type": "account_information", "actions": ["read_balances", "read_transactions"], "accounts": [second]},
        {"type": "payment_initiation", "actions": ["read_transactions"]},
    ]
    headers = _consent(accounts={"accounts": [first, second]}, details=details)
    shown = {each["id"]: each["balances"] for each in bank_client.get(ACCOUNTS, headers=headers).json()["data"]}
    assert shown[first] == []
    assert len(shown[second]) == 2
    refused = bank_client.get(f"{ACCOUNTS}/{first}/transactions", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (403, "consent.transactions_not_covered")
    assert bank_client.get(f"{ACCOUNTS}/{second}/transactions", headers=headers).status_code == 200


def test_details_that_name_no_actions_leave_nothing_out(bank_client: httpx.Client) -> None:
    first = _ids(bank_client.get(ACCOUNTS, headers=_consent()))[0]
    headers = _consent(accounts={"accounts": [first]}, details=[{"type": "account_information", "accounts": [first]}])
    assert len(bank_client.get(f"{ACCOUNTS}/{first}", headers=headers).json()["balances"]) == 2
    assert bank_client.get(f"{ACCOUNTS}/{first}/transactions", headers=headers).status_code == 200
