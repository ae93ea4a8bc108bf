"""Consents that name accounts: the sandbox bank answers these only, and believes the gateway's header alone."""

from __future__ import annotations

import json
from base64 import b64encode

import httpx
import pytest

from propylon.sandbox.people import PEOPLE

Headers = dict[str, str]
ACCOUNTS = "/accounts/v1/accounts"


def _consent(person: int = 0, accounts: object = None, text: str | None = None) -> Headers:
    """A customer's token as the gateway tells of it."""
    told = b64encode(json.dumps(accounts).encode()).decode() if text is None else text
    return {
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
