"""Rich authorization requests (RFC 9396) and the choice of accounts, over the real endpoints and pages."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from authserver.bank import (
    Bank,
    Caller,
    Party,
    answer_of,
    approve,
    authorization,
    claims_of,
    credentials,
    hidden,
    log_in,
    redemption,
)
from authserver.details import EVERYDAY, PAYMENT, READING, SAVINGS, add_types, text
from authserver.test_legacy_profile import NO_PKCE, allowed, fragment_of
from authserver.test_signed_requests import KEY, request_object
from propylon.applications.actions import set_public_keys
from propylon.applications.models import Client, Subscription
from propylon.authserver.models import AuthorizationRequest, Grant
from propylon.catalog.models import DetailType, Publication, Scope
from propylon.customers.models import CustomerAccount
from propylon.kernel.actor import SYSTEM

READING_OF_ONE = {**READING, "accounts": [EVERYDAY.id]}
PAYING = {**PAYMENT, "debtorAccount": SAVINGS.id}


@pytest.fixture
def web(bank: Bank) -> Party:
    add_types(bank)
    return bank.client("web", method="client_secret_post", products=(bank.accounts, bank.payments))


def answer(browser: Caller, consent: httpx.Response, *fields: str, **named: str) -> httpx.Response:
    """Agree, with these boxes ticked and these fields filled."""
    form = {"request": hidden(consent), "decision": "allow", **dict.fromkeys(fields, "yes"), **named}
    return browser.post("/oauth/consent", form)


def tokens(browser: Caller, web: Party, details: str, *fields: str, scope: str = "", **form: str) -> dict[str, Any]:
    """The whole flow; `form` goes into the token request."""
    consent = log_in(browser, web, scope=scope, authorization_details=details)
    assert consent.status_code == 200, consent.text
    sent = {name.replace("__", "."): value for name, value in form.items() if name.startswith("account__")}
    back = answer(browser, consent, *fields, **sent)
    assert back.status_code == 303, back.text
    more = {name: value for name, value in form.items() if not name.startswith("account__")}
    response = browser.token(redemption(answer_of(back)["code"]) | more | credentials(web))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def refused(response: httpx.Response, *parts: str) -> None:
    body = response.json()
    assert (response.status_code, body["error"]) == (400, "invalid_authorization_details"), response.text
    for part in parts:
        assert part in body["error_description"]
    assert "access_token" not in body


def refresh(browser: Caller, web: Party, given: dict[str, Any], **form: str) -> httpx.Response:
    sent = {"grant_type": "refresh_token", "refresh_token": given["refresh_token"], **form}
    return browser.token(sent | credentials(web))


def introspected(browser: Caller, web: Party, token: str) -> dict[str, Any]:
    found: dict[str, Any] = browser.post("/oauth/introspect", {"token": token} | credentials(web)).json()
    return found


# ── asking, consenting, getting ──


def test_rfc9396_7_and_9_granted_details_stand_in_answer_token_and_introspection(web: Party, browser: Caller) -> None:
    given = tokens(browser, web, text(READING), "account.0.acc-000001")
    assert given["authorization_details"] == [READING_OF_ONE]
    assert given["scope"] == "accounts", "what the type stands for: with it the gateway lets the token call"
    claims = claims_of(given["access_token"])
    assert claims["authorization_details"] == [READING_OF_ONE]
    assert claims["acc"] == {"accounts": ["acc-000001"]}
    for token in (given["access_token"], given["refresh_token"]):
        assert introspected(browser, web, token)["authorization_details"] == [READING_OF_ONE]
    grant = Grant.objects.get()
    assert (grant.scope, grant.authorization_details) == ("", [READING_OF_ONE])
    assert grant.accounts == {"accounts": ["acc-000001"]}


def test_rfc9396_3_details_stand_beside_a_scope(web: Party, browser: Caller) -> None:
    given = tokens(browser, web, text(PAYMENT, READING), "account.1.acc-000001", "account.1.acc-000002",
                   scope="transactions", account__0=SAVINGS.id)  # fmt: skip
    both = {**READING, "accounts": [EVERYDAY.id, SAVINGS.id]}
    assert given["authorization_details"] == [PAYING, both]
    assert given["scope"].split() == ["transactions", "payments", "accounts"]
    chosen = {scope: [EVERYDAY.id, SAVINGS.id] for scope in ("accounts", "transactions")}
    assert claims_of(given["access_token"])["acc"] == {**chosen, "payments": [SAVINGS.id]}


def test_a_type_without_a_scope_makes_a_token_without_one(web: Party, browser: Caller) -> None:
    DetailType.objects.filter(name="payment_initiation").update(scope=None)
    given = tokens(browser, web, text(PAYMENT), account__0=SAVINGS.id)
    claims = claims_of(given["access_token"])
    assert not {"scope"} & given.keys()
    assert not {"scope", "scp", "acc"} & claims.keys()
    assert claims["authorization_details"] == [PAYING]
    assert "scope" not in introspected(browser, web, given["refresh_token"])
    assert browser.get("/oauth/userinfo").status_code == 401
    told = browser.ask("GET", "/oauth/userinfo", headers={"authorization": f"Bearer {given['access_token']}"})
    assert told.status_code == 403


def test_the_page_says_in_plain_words_what_is_asked(web: Party, browser: Caller) -> None:
    page = log_in(
        browser, web, scope="", authorization_details=text(PAYMENT | {"requestedExecutionDate": "2027-01-31"}, READING)
    )
    for part in (
        "Make one payment", "Amount", "1250.00 SEK", "Hörnbutiken", "SE45 5000 0000 0583 9825 7466", "Invoice 17",
        "31 Jan 2027", "See your accounts", "Names and numbers of accounts, Transactions", "Which account?",
        "Which accounts?", "Everyday account", "SE35 5000 0000 0549 1000 0003",
    ):  # fmt: skip
        assert part in page.text, part
    assert "acc-000001" not in re.sub(r"<[^>]+>", "", page.text), "the id says nothing to a customer"


def test_what_a_client_writes_is_shown_as_text(web: Party, browser: Caller) -> None:
    page = log_in(browser, web, scope="", authorization_details=text(PAYMENT | {"creditorName": "<b>Bank</b>"}))
    assert "&lt;b&gt;Bank&lt;/b&gt;" in page.text
    assert "<b>Bank" not in page.text


def test_rfc9126_pushed_details_are_those_that_the_customer_sees(web: Party, browser: Caller) -> None:
    asked = authorization(web, scope="", authorization_details=text(PAYMENT))
    pushed = browser.post("/oauth/par", asked | credentials(web))
    assert pushed.status_code == 201, pushed.text
    changes = dict.fromkeys(authorization(web), "") | {"client_id": web.id, "authorization_details": text(READING)}
    page = log_in(browser, web, **changes, request_uri=pushed.json()["request_uri"])
    assert "Make one payment" in page.text
    assert "See your accounts" not in page.text


def test_rfc9396_3_1_details_stand_in_a_signed_request(web: Party, browser: Caller) -> None:
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=[KEY.as_dict(private=False)])
    inside = request_object(web, scope=None, authorization_details=[PAYMENT])
    page = browser.get("/oauth/authorize", client_id=web.id, request=inside, authorization_details=text(READING))
    assert page.status_code == 200, page.text
    stored = AuthorizationRequest.objects.get().parameters
    assert json.loads(stored["authorization_details"]) == [PAYMENT]
    refused(
        browser.post(
            "/oauth/par",
            {"client_id": web.id, "request": request_object(web, authorization_details=[{}])} | credentials(web),
        ),
        "[0].type",
    )


def test_fapi2_with_details_pushed_and_bound_to_the_certificate(bank: Bank, browser: Caller) -> None:
    add_types(bank)
    web = bank.client("web", profile="fapi2")
    asked = authorization(web, scope="", authorization_details=text(READING))
    assert answer_of(browser.get("/oauth/authorize", **asked))["error"] == "invalid_request", "not pushed"
    pushed = browser.post("/oauth/par", asked, web.on_mutual())
    consent = log_in(
        browser, web, **dict.fromkeys(asked, "") | {"client_id": web.id}, request_uri=pushed.json()["request_uri"]
    )
    code = answer_of(answer(browser, consent, "account.0.acc-000002"))["code"]
    given = browser.token(redemption(code, client_id=web.id), web.on_mutual()).json()
    claims = claims_of(given["access_token"])
    assert claims["authorization_details"] == [{**READING, "accounts": ["acc-000002"]}]
    assert claims["x5h"] == web.fingerprint


# ── refusals of section 5 ──


@pytest.mark.parametrize(
    ("details", "part"),
    [
        ("{}", "not an array"),
        ("[]", "not an array"),
        ('["payment_initiation"]', "not an array"),
        ("[{]", "not JSON"),
        ('[{"type":"payment_initiation","type":"account_information"}]', "stands twice"),
        (text({"type": "mortgage"}), "[0].type: not a type"),
        (text({}), "[0].type: not a type"),
        (text({"type": 7}), "[0].type: not a type"),
        (text(READING, {**PAYMENT, "tip": "1"}), "[1].tip: a field that the type does not have"),
        (text({**PAYMENT, "instructedAmount": {"currency": "SEK"}}), "[0].instructedAmount.amount: missing"),
        (text({**PAYMENT, "instructedAmount": {"currency": "SEK", "amount": "1", "fee": "2"}}), "Amount.fee: a field"),
        (text({**PAYMENT, "instructedAmount": {"currency": "SEK", "amount": 12}}), "amount: not of the type string"),
        (text({**PAYMENT, "creditorAccount": {"iban": "SE4550000000058398257467"}}), "iban: not a valid iban"),
        (text({**PAYMENT, "requestedExecutionDate": "2026-02-30"}), "Date: not a valid date"),
        (text({**READING, "actions": ["move_money"]}), "[0].actions[0]: not one of the values"),
        (text({**PAYMENT, "creditorName": "\u202eknab"}), "change how a text is shown"),
        (text({**PAYMENT, "creditorName": "a\x00b"}), "control characters"),
        (text({**PAYMENT, "creditorName": "\ud800"}), "control characters"),
        (text({**PAYMENT, "creditorName": 10**30}), "beyond 2 to the power of 53"),
        ('[{"type":"payment_initiation","x":1e999}]', "not a finite number"),
        ('[{"type":"payment_initiation","x":NaN}]', "not JSON"),
        (text(*[READING] * 11), "more than 10 objects"),
        (text({**PAYMENT, "creditorName": "x" * 4200}), "longer than 4096 bytes"),
        ("[" * 17_000, "longer than 4096"),
        ("[" * 4000, "not JSON"),
        ('[{"type":' + '{"a":' * 7 + "1" + "}" * 7 + "}]", "nested deeper than 6"),
    ],
)  # fmt: skip
def test_rfc9396_5_what_is_wrong_is_refused_with_its_place(
    web: Party, browser: Caller, details: str, part: str
) -> None:
    asked = authorization(web, authorization_details=details)
    refused(browser.post("/oauth/par", asked | credentials(web)), part)
    if len(details) < 1500:
        back = answer_of(browser.get("/oauth/authorize", **asked))
        assert (back["error"], back["state"]) == ("invalid_authorization_details", "s1")
        assert part in back["error_description"]
    assert not AuthorizationRequest.objects.exists()


def test_rfc9396_5_a_description_has_no_characters_that_rfc6749_forbids(web: Party, browser: Caller) -> None:
    asked = authorization(web, authorization_details=text({**PAYMENT, 'ö"\\<': 1}))
    told = browser.post("/oauth/par", asked | credentials(web)).json()["error_description"]
    assert "[0].????<" in told or "[0].???<" in told


def test_rfc9396_5_a_type_of_a_product_without_subscription_is_unknown(bank: Bank, web: Party, browser: Caller) -> None:
    other = bank.client("web", method="client_secret_post")
    refused(browser.post("/oauth/par", authorization(other, authorization_details=text(PAYMENT)) | credentials(other)),
            "these are: account_information")  # fmt: skip


def test_a_type_exists_only_where_one_of_its_versions_answers(web: Party, browser: Caller) -> None:
    Publication.objects.filter(product_version__product__name="payments").delete()
    refused(browser.post("/oauth/par", authorization(web, authorization_details=text(PAYMENT)) | credentials(web)))


def test_rfc9396_10_a_client_is_held_to_the_types_that_it_registered(web: Party, browser: Caller) -> None:
    Client.objects.filter(pk=web.row.pk).update(authorization_details_types=["account_information"])
    refused(browser.post("/oauth/par", authorization(web, authorization_details=text(PAYMENT)) | credentials(web)))
    asked = authorization(web, authorization_details=text(READING))
    assert browser.post("/oauth/par", asked | credentials(web)).status_code == 201


def test_what_was_asked_is_checked_again_before_the_customer_agrees(web: Party, browser: Caller) -> None:
    consent = log_in(browser, web, scope="", authorization_details=text(PAYMENT))
    Subscription.objects.filter(client=web.row, product__name="payments").delete()
    again = answer(browser, consent, account_0=SAVINGS.id)
    assert again.status_code == 400
    assert "invalid_authorization_details" in again.text
    assert not Grant.objects.exists()


# ── section 6: less ──


def test_rfc9396_6_a_code_can_be_redeemed_for_less(web: Party, browser: Caller) -> None:
    asked = text({**READING, "actions": ["read_accounts"]})
    given = tokens(browser, web, text(READING, PAYMENT), "account.0.acc-000001", "account.0.acc-000002",
                   account__1=SAVINGS.id, authorization_details=asked)  # fmt: skip
    less = {**READING, "actions": ["read_accounts"], "accounts": [EVERYDAY.id, SAVINGS.id]}
    assert given["authorization_details"] == claims_of(given["access_token"])["authorization_details"] == [less]
    assert given["scope"] == "accounts", "no payments"
    whole = refresh(browser, web, given).json()
    assert [each["type"] for each in whole["authorization_details"]] == ["account_information", "payment_initiation"]
    assert whole["scope"].split() == ["accounts", "payments"], "the consent is as wide as it was"


def test_rfc9396_6_a_refresh_can_ask_for_fewer_accounts(web: Party, browser: Caller) -> None:
    given = tokens(browser, web, text(READING), "account.0.acc-000001", "account.0.acc-000002", scope="accounts")
    one = refresh(browser, web, given, authorization_details=text({**READING, "accounts": [SAVINGS.id]})).json()
    assert one["authorization_details"] == [{**READING, "accounts": [SAVINGS.id]}]
    assert claims_of(one["access_token"])["acc"] == {"accounts": [SAVINGS.id]}
    assert claims_of(refresh(browser, web, given).json()["access_token"])["acc"]["accounts"] == [
        EVERYDAY.id,
        SAVINGS.id,
    ]


@pytest.mark.parametrize(
    "asked",
    [
        {**PAYMENT, "instructedAmount": {"currency": "SEK", "amount": "1250.01"}},
        {**PAYMENT, "instructedAmount": {"currency": "SEK", "amount": "1.00"}},  # another payment, not less of one
        {name: value for name, value in PAYMENT.items() if name != "remittanceInformation"},
        {**PAYMENT, "debtorAccount": EVERYDAY.id},
        {**READING, "accounts": [EVERYDAY.id]},  # not granted
        {**PAYMENT, "requestedExecutionDate": "2027-01-31"},
    ],
)
def test_rfc9396_6_more_than_was_granted_is_refused(web: Party, browser: Caller, asked: dict[str, Any]) -> None:
    given = tokens(browser, web, text(PAYMENT), account__0=SAVINGS.id)
    refused(refresh(browser, web, given, authorization_details=text(asked)), "more than the customer granted")
    assert refresh(browser, web, given).json()["authorization_details"] == [PAYING], "nothing has changed"


def test_rfc9396_6_accounts_are_never_more_than_the_customer_chose(web: Party, browser: Caller) -> None:
    given = tokens(browser, web, text(READING), "account.0.acc-000001")
    wider = text({**READING, "accounts": [EVERYDAY.id, SAVINGS.id]})
    refused(refresh(browser, web, given, authorization_details=wider))
    dropped = text({"type": "account_information"})
    refused(refresh(browser, web, given, authorization_details=dropped), "more than the customer granted")


def test_leaving_the_details_out_leaves_the_scope_no_wider(web: Party, browser: Caller) -> None:
    """The scope that was asked for beside them covers the chosen accounts only, whatever else the token carries."""
    given = tokens(
        browser, web, text(READING, PAYMENT), "account.0.acc-000001", scope="accounts", account__1=SAVINGS.id
    )
    paying = refresh(browser, web, given, authorization_details=text(PAYMENT)).json()
    claims = claims_of(paying["access_token"])
    assert claims["authorization_details"] == [PAYING]
    assert claims["scope"].split() == ["accounts", "payments"]
    assert claims["acc"]["accounts"] == [EVERYDAY.id]


def test_a_choice_limits_every_scope_of_the_product(web: Party, browser: Caller) -> None:
    """Also the one that no object stands for, and also when it is the only one that is left."""
    given = tokens(browser, web, text(READING), "account.0.acc-000001", scope="accounts transactions")
    fewer = refresh(browser, web, given, scope="transactions").json()
    assert fewer["scope"] == "transactions"
    assert claims_of(fewer["access_token"])["acc"] == {"transactions": [EVERYDAY.id]}


def test_a_refused_narrowing_leaves_the_code_unused(web: Party, browser: Caller) -> None:
    back = answer(browser, log_in(browser, web, scope="", authorization_details=text(READING)), "account.0.acc-000001")
    code = redemption(answer_of(back)["code"]) | credentials(web)
    refused(browser.token(code | {"authorization_details": text(PAYMENT)}))
    assert browser.token(code).json()["authorization_details"] == [READING_OF_ONE]


def test_details_of_a_product_that_was_left_are_in_no_new_token(web: Party, browser: Caller) -> None:
    given = tokens(browser, web, text(READING, PAYMENT), "account.0.acc-000001", account__1=SAVINGS.id)
    Subscription.objects.filter(client=web.row, product__name="payments").delete()
    assert refresh(browser, web, given).json()["authorization_details"] == [READING_OF_ONE]
    Subscription.objects.filter(client=web.row).delete()
    assert refresh(browser, web, given).json()["error"] == "invalid_grant"


# ── a client's own token ──


def test_rfc9396_6_client_credentials_are_checked_by_the_clients_types(bank: Bank, caller: Caller) -> None:
    add_types(bank)
    server = bank.client("server", products=(bank.accounts, bank.payments))
    form = {"grant_type": "client_credentials", "client_id": server.id}
    plain = caller.token(form, server.on_mutual()).json()
    assert "authorization_details" not in plain
    given = caller.token(form | {"authorization_details": text(READING_OF_ONE)}, server.on_mutual()).json()
    assert (given["authorization_details"], given["scope"]) == ([READING_OF_ONE], "accounts"), "not all of its scopes"
    assert claims_of(given["access_token"])["acc"] == {"accounts": [EVERYDAY.id]}
    beside = {"authorization_details": text(READING_OF_ONE), "scope": "transactions"}
    assert caller.token(form | beside, server.on_mutual()).json()["scope"].split() == ["transactions", "accounts"]
    refused(caller.token(form | {"authorization_details": text({"type": "x"})}, server.on_mutual()), "[0].type")
    refused(caller.token(form | {"authorization_details": text({**PAYMENT, "y": 1})}, server.on_mutual()), "[0].y")


# ── the choice of accounts ──


def test_without_a_choice_nothing_is_granted(web: Party, browser: Caller) -> None:
    consent = log_in(browser, web, scope="", authorization_details=text(READING))
    page = answer(browser, consent)
    assert page.status_code == 400
    assert 'id="no-choice"' in page.text
    assert not Grant.objects.exists()
    assert answer(browser, page, "account.0.acc-000002").status_code == 303, "the same page goes on"
    assert Grant.objects.get().authorization_details[0]["accounts"] == ["acc-000002"]


def test_an_account_of_somebody_else_cannot_be_chosen(web: Party, browser: Caller) -> None:
    consent = log_in(browser, web, scope="", authorization_details=text(PAYMENT))
    assert answer(browser, consent, **{"account.0": "acc-000099"}).status_code == 400
    consent = log_in(browser, web, scope="", authorization_details=text(READING))
    assert answer(browser, consent, "account.0.acc-000099").status_code == 400
    assert not Grant.objects.exists()


def test_accounts_that_the_client_names_are_the_only_ones_offered(web: Party, browser: Caller) -> None:
    named = text({**READING, "accounts": [SAVINGS.id, "acc-000099"]})
    consent = log_in(browser, web, scope="", authorization_details=named)
    assert SAVINGS.name in consent.text
    assert EVERYDAY.name not in consent.text
    assert "acc-000099" not in consent.text
    assert answer(browser, consent, "account.0.acc-000001").status_code == 400
    answer(browser, consent, "account.0.acc-000002")
    assert Grant.objects.get().authorization_details == [{**READING, "accounts": [SAVINGS.id]}]


def test_who_has_no_such_account_can_only_say_no(web: Party, browser: Caller) -> None:
    CustomerAccount.objects.all().delete()
    consent = log_in(browser, web, scope="", authorization_details=text(READING))
    assert 'id="no-accounts"' in consent.text
    assert 'id="consent-allow"' not in consent.text
    assert answer(browser, consent).status_code == 400
    assert not Grant.objects.exists()
    denied = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "deny"})
    assert answer_of(denied)["error"] == "access_denied"


def test_a_scope_may_ask_for_accounts_without_details(web: Party, browser: Caller) -> None:
    Scope.objects.filter(name="accounts").update(asks_accounts=True)
    consent = log_in(browser, web, scope="accounts transactions")
    assert "Which accounts?" in consent.text
    assert answer(browser, consent).status_code == 400
    back = answer(browser, consent, "account.scopes.acc-000002")
    given = browser.token(redemption(answer_of(back)["code"]) | credentials(web)).json()
    assert claims_of(given["access_token"])["acc"] == {"accounts": [SAVINGS.id]}
    assert claims_of(refresh(browser, web, given).json()["access_token"])["acc"] == {"accounts": [SAVINGS.id]}
    assert "acc" not in claims_of(refresh(browser, web, given, scope="transactions").json()["access_token"])


def test_a_scope_that_asks_for_nothing_is_as_before(web: Party, browser: Caller) -> None:
    code = approve(browser, web)["code"]
    given = browser.token(redemption(code) | credentials(web)).json()
    assert not {"acc", "authorization_details"} & claims_of(given["access_token"]).keys()
    assert "authorization_details" not in given


def test_rfc9396_10_metadata_names_the_types(web: Party, browser: Caller) -> None:
    for name in ("oauth-authorization-server", "openid-configuration"):
        told = browser.get(f"/.well-known/{name}").json()["authorization_details_types_supported"]
        assert told == ["account_information", "payment_initiation"]


def test_the_implicit_flow_takes_no_details_and_keeps_the_choice_of_accounts(bank: Bank, browser: Caller) -> None:
    add_types(bank)
    party = allowed(bank, "spa")
    asked = {**NO_PKCE, "response_type": "token"}
    refusal = browser.get("/oauth/authorize", **authorization(party, **asked, authorization_details=text(READING)))
    assert fragment_of(refusal)["error"] == "invalid_request"
    Scope.objects.filter(name="accounts").update(asks_accounts=True)
    back = answer(browser, log_in(browser, party, **asked), "account.scopes.acc-000002")
    assert claims_of(fragment_of(back)["access_token"])["acc"] == {"accounts": [SAVINGS.id]}
