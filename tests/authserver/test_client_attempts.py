"""Guessing of client secrets is slowed per client and per address: RFC 6749, 2.3.1 and 10.10."""

from __future__ import annotations

import pytest

from authserver.bank import Bank, Caller, credentials
from propylon.authserver.client_attempts import WINDOW, ClientAttempts, TooManyFailures
from propylon.authserver.models import AuthorizationRequest

HERE, THERE = {"x-propylon-source-address": "192.0.2.1"}, {"x-propylon-source-address": "192.0.2.2"}
FORM = {"grant_type": "client_credentials", "scope": "accounts"}


def test_rfc_6749_section_2_3_1_guessing_a_secret_is_answered_429_also_with_the_right_one(
    bank: Bank, caller: Caller
) -> None:
    party = bank.client("web", method="client_secret_post")
    wrong = FORM | {"client_id": party.id, "client_secret": "wrong"}
    answers = [caller.token(wrong, HERE) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [401] * 20 + [429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= WINDOW + 1
    right = FORM | credentials(party)
    assert caller.token(right, HERE).status_code == 429
    assert caller.post("/oauth/introspect", credentials(party) | {"token": "x"}, HERE).status_code == 429
    refused = caller.post("/oauth/par", credentials(party), HERE)
    assert refused.status_code == 429
    assert refused.headers["retry-after"]
    assert not AuthorizationRequest.objects.exists()
    elsewhere = caller.post("/oauth/introspect", credentials(party) | {"token": "x"}, THERE)
    assert elsewhere.status_code == 200  # whose secret is guessed here goes on there


def test_a_client_id_that_nobody_has_is_slowed_and_answered_as_one_that_somebody_has(
    bank: Bank, caller: Caller
) -> None:
    known, unknown = bank.client("web").id, "cl_nobody"
    seen = {
        name: [
            caller.post("/oauth/introspect", {"client_id": name, "client_secret": "wrong", "token": "x"}, HERE)
            for _ in range(21)
        ]
        for name in (known, unknown)
    }
    told = {name: [(answer.status_code, answer.json()["error"]) for answer in seen[name]] for name in seen}
    assert told[known] == told[unknown]


def _fail(attempts: ClientAttempts, times: int, client: str, address: str) -> None:
    for number in range(times):
        attempts.note_failure(client.format(number), address.format(number), 1000.0)


def test_an_address_that_tries_many_clients_waits_but_not_the_clients_known_there() -> None:
    attempts = ClientAttempts()
    attempts.note_success("neighbour", "192.0.2.1", 1000.0)
    _fail(attempts, 120, "cl_{}", "192.0.2.1")
    with pytest.raises(TooManyFailures):
        attempts.check("another", "192.0.2.1", 1001.0)
    attempts.check("neighbour", "192.0.2.1", 1001.0)
    attempts.check("another", "192.0.2.2", 1001.0)
    attempts.check("another", "192.0.2.1", 1000.0 + WINDOW)


def test_a_client_that_is_tried_from_many_addresses_waits_but_not_where_it_is_known() -> None:
    attempts = ClientAttempts()
    attempts.note_success("cl", "198.51.100.1", 1000.0)
    _fail(attempts, 300, "cl", "192.0.2.{}")
    with pytest.raises(TooManyFailures):
        attempts.check("cl", "203.0.113.1", 1001.0)
    attempts.check("cl", "198.51.100.1", 1001.0)


def test_what_is_remembered_is_bounded() -> None:
    attempts = ClientAttempts()
    for number in range(70_000):
        attempts.note_failure(f"cl_{number}" * 60, f"192.0.2.{number}", 1000.0)
        attempts.note_success(f"cl_{number}", "", 1000.0)
    assert len(attempts._counts) <= 60_000
    assert len(attempts._trusted) <= 20_000
