"""The operator refuses the tokens of a client that goes on: those it has are dead, those it gets work."""

from __future__ import annotations

import pytest

from authserver.bank import Bank, Caller, approve, claims_of, redemption
from propylon.applications.actions import refuse_tokens
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.authserver.client_cache import clients
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.marks.models import Mark
from propylon.marks.selectors import live_marks


def test_refused_tokens_are_of_a_generation_that_new_ones_have_not(bank: Bank, browser: Caller) -> None:
    web = bank.client("web", method="client_secret_post")
    keys = {"client_id": web.id, "client_secret": web.secret}
    first = browser.token(redemption(approve(browser, web)["code"]) | keys).json()
    refuse_tokens(acting_user=SYSTEM, client=web.row, reason="seen in a log")
    clients.forget()

    refused = {mark.value for mark in live_marks() if mark.kind == "client"}
    assert claims_of(first["access_token"])["cgn"] in refused
    renewed = browser.token({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]} | keys)
    assert renewed.status_code == 200, renewed.text
    asked = browser.token(redemption(approve(browser, web)["code"]) | keys)
    for answer in (renewed, asked):
        assert claims_of(answer.json()["access_token"])["cgn"] not in refused
    assert Event.objects.get(action="client.tokens_refused").data["reason"] == "seen in a log"


def test_a_client_that_may_not_call_is_left_as_it_is(bank: Bank) -> None:
    web = bank.client("web", method="client_secret_post")
    Client.objects.filter(pk=web.row.pk).update(status="rejected")
    for reason, code in (("", "client.tokens.reason_missing"), ("leaked", "client.tokens.client_not_approved")):
        with pytest.raises(PropylonError) as told:
            refuse_tokens(acting_user=SYSTEM, client=web.row, reason=reason)
        assert told.value.code == code
    assert not Mark.objects.exists()
