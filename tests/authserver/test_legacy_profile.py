"""The profile `legacy` over the real application (FEATURES O4): allowed by an operator, until a day, for one client."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from django.utils import timezone

from authserver.bank import (
    CALLBACK,
    IDENTITY,
    ISSUER,
    PASSWORD,
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
from propylon.applications.actions import allow_legacy, end_legacy, note_ended_legacy
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.authserver.models import AuthorizationCode, Grant, RefreshToken
from propylon.authserver.password_grant import FAILURES_PER_CLIENT
from propylon.catalog.models import Scope
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import PropylonError
from propylon.marks.models import Mark
from propylon.notifications.models import Mail
from propylon.oauth.implicit_grant import at_hash

OTTO = Actor("user", "usr_1", "otto@bank.example")


def today() -> date:
    return datetime.now(UTC).date()


def allowed(bank: Bank, type_: str, **more: object) -> Party:
    party = bank.client(type_, **more)  # type: ignore[arg-type]
    allow_legacy(acting_user=OTTO, client=party.row, reason="The old one goes in May.", last_day=today())
    return party


def let_time_pass(party: Party) -> None:
    Client.objects.filter(pk=party.row.pk).update(legacy_ends_at=timezone.now() - timedelta(seconds=1))


# The permission


@pytest.mark.parametrize(
    ("type_", "profile"),
    [("web", "fapi2"), ("internal", "fapi2"), ("server", "fapi2"), ("server", "standard"), ("native", "standard")],
)
def test_who_can_never_get_it_fapi2_5_3_2_1_2(bank: Bank, type_: str, profile: str) -> None:
    party = bank.client(type_, profile=profile)
    with pytest.raises(PropylonError) as refused:
        allow_legacy(acting_user=OTTO, client=party.row, reason="x", last_day=today())
    assert refused.value.code == "client.legacy.not_for_it"
    party.row.refresh_from_db()
    assert party.row.legacy_ends_at is None
    assert not Event.objects.filter(action="client.legacy_allowed").exists()


@pytest.mark.parametrize("type_", ["web", "internal"])
def test_a_row_that_says_so_changes_nothing_for_fapi2(bank: Bank, caller: Caller, type_: str) -> None:
    """However it came into the database."""
    party = bank.client(type_, profile="fapi2")
    Client.objects.filter(pk=party.row.pk).update(legacy_ends_at=timezone.now() + timedelta(days=9))
    form = {"grant_type": "password", "username": IDENTITY, "password": PASSWORD, "scope": "accounts"}
    response = caller.token(form | {"client_id": party.id}, party.on_mutual())
    assert response.json()["error"] == "unsupported_grant_type"
    pushed = caller.post(
        "/oauth/par", authorization(party, code_challenge="", code_challenge_method=""), party.on_mutual()
    )
    assert pushed.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("reason", "days", "field"),
    [("", 0, "reason"), ("  ", 0, "reason"), ("x" * 401, 0, "reason"), ("x", -1, "last_day"), ("x", 366, "last_day")],
)
def test_it_needs_a_reason_and_an_end_within_a_year(bank: Bank, reason: str, days: int, field: str) -> None:
    party = bank.client("web")
    with pytest.raises(PropylonError) as refused:
        allow_legacy(acting_user=OTTO, client=party.row, reason=reason, last_day=today() + timedelta(days=days))
    assert [each.field for each in refused.value.errors] == [field]
    party.row.refresh_from_db()
    assert party.row.legacy_ends_at is None


def test_developers_are_told_and_the_log_says_who_why_and_until_when(bank: Bank) -> None:
    party = allowed(bank, "internal")
    event = Event.objects.get(action="client.legacy_allowed")
    assert (event.actor_label, event.data["reason"]) == ("otto@bank.example", "The old one goes in May.")
    assert event.data["ends_at"] == party.row.legacy_ends_at.isoformat()
    mail = Mail.objects.get(subject__contains="old security allowed")
    assert "authorization code with PKCE" in mail.body


def test_by_itself_it_is_written_down_once_when_the_day_is_over(bank: Bank) -> None:
    party = allowed(bank, "web")
    assert note_ended_legacy() == 0
    let_time_pass(party)
    assert (note_ended_legacy(), note_ended_legacy()) == (1, 0)
    assert Event.objects.filter(action="client.legacy_expired", object_id=party.id).count() == 1
    assert Mail.objects.filter(subject__contains="old security has ended").count() == 1
    party.row.refresh_from_db()
    assert (party.row.legacy_ends_at, party.row.legacy_reason) == (None, "")


def test_by_hand_it_ends_at_once_and_every_token_with_it(bank: Bank, caller: Caller) -> None:
    party = allowed(bank, "internal", method="client_secret_post")
    tokens = password(caller, party).json()
    end_legacy(acting_user=OTTO, client=party.row, reason="A leak.")
    generation = claims_of(tokens["access_token"])["cgn"]
    assert Mark.objects.filter(kind="client", value=generation).exists()
    assert password(caller, party).json()["error"] == "unsupported_grant_type"
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert caller.token(form | credentials(party)).json()["error"] == "invalid_grant"
    with pytest.raises(PropylonError) as refused:
        end_legacy(acting_user=OTTO, client=party.row, reason="Again.")
    assert refused.value.code == "client.legacy.none"
    assert Event.objects.filter(action="client.legacy_ended").count() == 1


# Password


def password(caller: Caller, party: Party, address: str = "192.0.2.7", **changes: str) -> httpx.Response:
    form = {"grant_type": "password", "username": IDENTITY, "password": PASSWORD, "scope": "accounts"}
    sent = {name: value for name, value in (form | credentials(party) | changes).items() if value}
    return caller.token(sent, {"x-propylon-source-address": address})


@pytest.fixture
def internal(bank: Bank) -> Party:
    return allowed(bank, "internal", method="client_secret_post")


def test_the_password_grant_rfc6749_4_3(bank: Bank, caller: Caller, internal: Party) -> None:
    response = password(caller, internal)
    assert (response.status_code, response.headers["cache-control"]) == (200, "no-store")
    body = response.json()
    claims = claims_of(body["access_token"])
    assert (claims["sub"], claims["client_id"], claims["scope"]) == ("cus_maja", internal.id, "accounts")
    grant = Grant.objects.get(public_id=claims["gid"])
    assert grant.made_by == "password"
    assert grant.expires_at == internal.row.legacy_ends_at, "what came of it ends with the permission"
    issued = Event.objects.get(action="token.issued", object_id=claims["jti"])
    assert (issued.data["grant_type"], issued.data["profile"]) == ("password", "legacy")
    assert PASSWORD not in str(list(Event.objects.values_list("data", flat=True)))
    form = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"]}
    again = caller.token(form | credentials(internal))
    assert claims_of(again.json()["access_token"])["sub"] == "cus_maja"


def test_a_password_alone_gives_no_scope_of_high_risk(caller: Caller, internal: Party) -> None:
    Scope.objects.filter(name="accounts").update(risk="high")
    response = password(caller, internal)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_scope")
    assert not Grant.objects.exists()


@pytest.mark.parametrize("changes", [{"username": "1"}, {"password": "wrong"}, {"username": "199001019876 x"}])
def test_one_answer_for_every_wrong_name_or_password(caller: Caller, internal: Party, changes: dict[str, str]) -> None:
    response = password(caller, internal, **changes)
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
    assert response.json()["error_description"].startswith("Name or password is not right")
    assert not Grant.objects.exists()
    assert not RefreshToken.objects.exists()


def test_a_customer_of_another_environment_is_nobody_here(bank: Bank, caller: Caller, internal: Party) -> None:
    from propylon.customers.actions import add_customer

    add_customer(
        acting_user=SYSTEM, environment="prod", identity_number="200001019999", name="Per", password="p4ssw0rd long",
        subject="cus_per",
    )  # fmt: skip
    assert (
        password(caller, internal, username="200001019999", password="p4ssw0rd long").json()["error"] == "invalid_grant"
    )


def test_guessing_is_slowed_by_name_by_address_and_by_client(
    bank: Bank, caller: Caller, internal: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(6):
        assert password(caller, internal, password="wrong").status_code == 400
    assert password(caller, internal).json()["error"] == "invalid_grant", "by name: the right one waits as well"
    second = allowed(bank, "internal", method="client_secret_post")
    for _ in range(FAILURES_PER_CLIENT.most):
        FAILURES_PER_CLIENT.count(second.id)
    from propylon.customers.actions import add_customer

    add_customer(
        acting_user=SYSTEM, environment="sandbox", identity_number="200001019999", name="Per", password="p4ssw0rd long",
        subject="cus_per",
    )  # fmt: skip
    per = {"username": "200001019999", "password": "p4ssw0rd long"}
    assert password(caller, second, **per).json()["error"] == "invalid_grant", "by client"
    third = allowed(bank, "internal", method="client_secret_post")
    assert password(caller, third, **per).status_code == 200, "another client goes on"


def test_the_client_authenticates_first_rfc6749_4_3_2(bank: Bank, caller: Caller, internal: Party) -> None:
    response = password(caller, internal, client_secret="wrong")
    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")


def test_other_types_and_who_was_not_allowed_it_have_no_such_grant(bank: Bank, caller: Caller) -> None:
    for party in (
        bank.client("internal", method="client_secret_post"),
        allowed(bank, "web", method="client_secret_post"),
        allowed(bank, "spa"),
    ):
        assert password(caller, party).json()["error"] == "unsupported_grant_type"
    assert not Grant.objects.exists()


def test_the_permission_is_looked_at_with_each_use(bank: Bank, caller: Caller, internal: Party) -> None:
    assert password(caller, internal).status_code == 200
    let_time_pass(internal)  # and no task has run
    assert password(caller, internal).json()["error"] == "unsupported_grant_type"


# Implicit

NO_PKCE = {"code_challenge": "", "code_challenge_method": ""}


def fragment_of(redirect: httpx.Response) -> dict[str, str]:
    parts = urlsplit(redirect.headers["location"])
    assert redirect.status_code == 303
    assert not parts.query, "a token never stands in the query"
    return dict(parse_qsl(parts.fragment))


def say_yes(browser: Caller, party: Party, **changes: str) -> httpx.Response:
    consent = log_in(browser, party, **NO_PKCE, **changes)
    return browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})


def test_the_implicit_flow_rfc6749_4_2(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    answer = fragment_of(say_yes(browser, party, response_type="token"))
    assert (answer["token_type"], answer["state"], answer["iss"]) == ("Bearer", "s1", ISSUER)
    assert 0 < int(answer["expires_in"]) <= 300
    claims = claims_of(answer["access_token"])
    assert (claims["sub"], claims["scope"]) == ("cus_maja", "accounts")
    assert "refresh_token" not in answer
    assert not RefreshToken.objects.exists()
    assert not AuthorizationCode.objects.exists()
    issued = Event.objects.get(action="token.issued")
    assert (issued.data["grant_type"], issued.data["profile"]) == ("implicit", "legacy")


def test_an_id_token_beside_it_oidc_core_3_2_2(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    answer = fragment_of(
        say_yes(browser, party, response_type="token id_token", scope="openid accounts", nonce="n-0S6_WzA2Mj")
    )
    claims = claims_of(answer["id_token"])
    assert (claims["nonce"], claims["aud"]) == ("n-0S6_WzA2Mj", party.id)
    assert claims["at_hash"] == at_hash(answer["access_token"])
    only = fragment_of(say_yes(Caller(), party, response_type="id_token", scope="openid", nonce="n"))
    assert "access_token" not in only
    assert "at_hash" not in claims_of(only["id_token"])


def test_the_answer_is_posted_if_asked_for(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    page = say_yes(browser, party, response_type="token", response_mode="form_post")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "form-action https://partner.example;" in page.headers["content-security-policy"]
    assert f'action="{CALLBACK}"' in page.text
    inputs = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
    assert unescape(inputs["state"]) == "s1"
    assert claims_of(inputs["access_token"])["sub"] == "cus_maja"
    assert re.search(r'<script src="/static/authserver/form-post[^"]*" defer>', page.text)


def test_no_leads_back_in_the_same_way(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    consent = log_in(browser, party, **NO_PKCE, response_type="token")
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "deny"})
    assert fragment_of(answer)["error"] == "access_denied"


def test_a_permission_that_ends_while_the_customer_reads_ends_the_request(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    consent = log_in(browser, party, **NO_PKCE, response_type="token")
    let_time_pass(party)
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert fragment_of(answer)["error"] == "unauthorized_client"
    assert not Grant.objects.exists()


def test_without_permission_nothing_comes_by_the_address_rfc9700_2_1_2(bank: Bank, browser: Caller) -> None:
    for party in (bank.client("spa"), bank.client("web"), allowed(bank, "web"), allowed(bank, "internal")):
        page = browser.get("/oauth/authorize", **authorization(party, **NO_PKCE, response_type="token"))
        assert answer_of(page)["error"] == "unsupported_response_type"


def test_a_pushed_implicit_request_stays_one_rfc9126_4(bank: Bank, browser: Caller) -> None:
    party = allowed(bank, "spa")
    pushed = browser.post("/oauth/par", authorization(party, **NO_PKCE, response_type="token"))
    assert pushed.status_code == 201, pushed.text
    page = browser.get("/oauth/authorize", client_id=party.id, request_uri=pushed.json()["request_uri"])
    form = {"request": hidden(page), "identity_number": IDENTITY, "password": PASSWORD}
    consent = browser.get(browser.post("/oauth/login", form).headers["location"])
    answer = browser.post("/oauth/consent", {"request": hidden(consent), "decision": "allow"})
    assert "access_token" in fragment_of(answer)


# Code without PKCE


def test_a_code_without_pkce_for_web_applications(bank: Bank, caller: Caller, browser: Caller) -> None:
    party = allowed(bank, "web", method="client_secret_post")
    code = approve(browser, party, **NO_PKCE)["code"]
    response = caller.token(redemption(code, code_verifier="") | credentials(party))
    assert claims_of(response.json()["access_token"])["sub"] == "cus_maja"


def test_a_verifier_for_it_is_refused_and_the_code_stays_rfc9700_2_1_1(
    bank: Bank, caller: Caller, browser: Caller
) -> None:
    party = allowed(bank, "web", method="client_secret_post")
    code = approve(browser, party, **NO_PKCE)["code"]
    assert caller.token(redemption(code) | credentials(party)).json()["error"] == "invalid_grant"
    assert caller.token(redemption(code, code_verifier="") | credentials(party)).status_code == 200


def test_its_code_dies_with_the_permission(bank: Bank, caller: Caller, browser: Caller) -> None:
    party = allowed(bank, "web", method="client_secret_post")
    code = approve(browser, party, **NO_PKCE)["code"]
    let_time_pass(party)
    response = caller.token(redemption(code, code_verifier="") | credentials(party))
    assert response.json()["error"] == "invalid_request"
    assert not RefreshToken.objects.exists()


def test_without_permission_pkce_is_asked_for(bank: Bank, browser: Caller) -> None:
    for party in (bank.client("web"), allowed(bank, "internal"), allowed(bank, "spa")):
        page = browser.get("/oauth/authorize", **authorization(party, **NO_PKCE))
        assert answer_of(page)["error"] == "invalid_request"


def test_the_metadata_never_claims_it_rfc8414_2(bank: Bank, caller: Caller) -> None:
    for type_ in ("web", "internal", "spa"):
        allowed(bank, type_)
    document = caller.get("/.well-known/oauth-authorization-server").json()
    assert not {"password", "implicit"} & {*document["grant_types_supported"]}
    assert document["response_types_supported"] == ["code"]
