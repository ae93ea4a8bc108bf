"""OpenID Connect CIBA Core 1.0 in poll mode: each answer and each refusal, over the real application and database."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.utils import timezone

from authserver.bank import (
    IDENTITY,
    ISSUER,
    Bank,
    Caller,
    Party,
    approve,
    authorization,
    claims_of,
    credentials,
    redemption,
)
from oauth.assertions import signed
from oauth.proofs import key_for, proof, thumbprint
from propylon.applications.actions import allow_asking_customers, set_public_keys
from propylon.audit.models import Event
from propylon.authserver.actions import end_grant
from propylon.authserver.models import BackchannelRequest, Grant, RefreshToken, UsedProof
from propylon.authserver.tasks import purge_expired
from propylon.catalog.models import Scope
from propylon.customers.accounts import Account, set_accounts
from propylon.customers.approvals import Answer, answer_approval, time_out_approval
from propylon.customers.models import Approval, AskThrottle, Customer
from propylon.customers.tasks import forget_approvals
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import PropylonError
from propylon.notifications.models import Mail
from propylon.oauth.acr import ONE_STEP
from propylon.oauth.policy import CIBA

ASK = "/oauth/bc-authorize"
KEY = key_for("ES256")
MAJA = Actor("customer", "cus_maja", "customer")


def allowed(party: Party) -> Party:
    allow_asking_customers(acting_user=SYSTEM, client=party.row, is_allowed=True)
    return party


@pytest.fixture
def web(bank: Bank) -> Party:
    party = allowed(bank.client("web", method="client_secret_post"))
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    return party


@pytest.fixture
def fapi(bank: Bank) -> Party:
    party = allowed(bank.client("web", profile="fapi2"))
    set_public_keys(acting_user=SYSTEM, client=party.row, keys=[KEY.as_dict(private=False)])
    return party


def question(party: Party, **changes: str) -> dict[str, str]:
    form = {"scope": "openid accounts", "login_hint": IDENTITY, "binding_message": "W4SCT", **credentials(party)}
    return {name: value for name, value in (form | changes).items() if value}


def ask(caller: Caller, party: Party, **changes: str) -> str:
    answer = caller.post(ASK, question(party, **changes))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["auth_req_id"])


def poll(caller: Caller, party: Party, auth_req_id: str, headers: dict[str, str] | None = None) -> httpx.Response:
    return caller.token({"grant_type": CIBA, "auth_req_id": auth_req_id, **credentials(party)}, headers)


def say(answer: Answer = Answer.APPROVED) -> None:
    answer_approval(
        acting_user=MAJA, approval=Approval.objects.latest("pk"), answer=answer, authenticated_at=timezone.now()
    )


def no_token() -> None:
    assert not Grant.objects.exists()
    assert not RefreshToken.objects.exists()
    assert not Event.objects.filter(action="token.issued").exists()


def error_of(answer: httpx.Response, status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return str(answer.json()["error"])


def not_asked(answer: httpx.Response, error: str, status: int = 400) -> str:
    """The refusal, and that nothing came of the request."""
    assert error_of(answer, status) == error, answer.text
    assert not Approval.objects.exists()
    assert not BackchannelRequest.objects.exists()
    assert not Mail.objects.exists()
    assert not Event.objects.filter(action__startswith="approval.").exists()
    return str(answer.json()["error_description"])


def test_ciba_7_3_the_answer_names_the_request_its_end_and_the_interval(bank: Bank, web: Party, caller: Caller) -> None:
    answer = caller.post(ASK, question(web))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"auth_req_id", "expires_in", "interval"}
    assert len(body["auth_req_id"]) >= 43, "256 bits in base64url"
    assert (body["expires_in"], body["interval"]) == (300, 5)
    row = Approval.objects.get()
    assert (row.subject, row.binding_message, row.allows) == ("cus_maja", "W4SCT", ["See your accounts"])
    assert (row.application, row.organization) == (web.row.application.name, "Partner Ltd")
    event = Event.objects.get(action="approval.asked")
    assert (event.actor_id, event.organization_id, event.object_id) == (web.id, "org_1", row.public_id)
    assert body["auth_req_id"] not in str(event.data)
    no_token()


def test_a_scope_of_high_risk_is_not_asked_for_where_no_second_step_is(bank: Bank, web: Party, caller: Caller) -> None:
    Scope.objects.filter(name="accounts").update(risk="high")
    assert "second step" in not_asked(caller.post(ASK, question(web)), "invalid_scope")


def test_ciba_10_1_pending_then_approved_gives_tokens_and_a_consent(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    assert error_of(poll(caller, web, auth_req_id)) == "authorization_pending"
    no_token()
    say()
    answer = poll(caller, web, auth_req_id)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    claims, identity = claims_of(body["access_token"]), claims_of(body["id_token"])
    grant = Grant.objects.get()
    assert (claims["sub"], claims["gid"], claims["scope"]) == ("cus_maja", grant.public_id, "openid accounts")
    assert (identity["sub"], identity["aud"], identity["iss"]) == ("cus_maja", web.id, ISSUER)
    assert abs(identity["auth_time"] - time.time()) < 10
    assert "nonce" not in identity
    assert (claims["acr"], claims["auth_time"]) == (ONE_STEP, identity["auth_time"])
    assert (grant.acr, identity["acr"]) == (ONE_STEP, ONE_STEP)
    assert (grant.subject, grant.scope, grant.client_id) == ("cus_maja", "openid accounts", web.row.pk)
    assert timedelta(days=89) < grant.expires_at - timezone.now() <= timedelta(days=90)
    again = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], **credentials(web)}
    assert caller.token(again).status_code == 200
    end_grant(acting_user=MAJA, grant=grant, reason="withdrawn by the customer")
    assert error_of(caller.token(again)) == "invalid_grant"
    told = list(Event.objects.filter(action__in=["approval.given", "grant.made"]).values_list("action", "actor_id"))
    assert told == [("approval.given", "cus_maja"), ("grant.made", "cus_maja")]


@pytest.fixture
def own_accounts(bank: Bank) -> None:
    """Maja has two accounts, and the scope accounts asks which of them it covers."""
    Scope.objects.filter(name="accounts").update(asks_accounts=True)
    maja = Customer.objects.get(subject="cus_maja")
    set_accounts(acting_user=SYSTEM, customer=maja, accounts=[Account("acc-1", "Salary"), Account("acc-2", "Savings")])


def choose(accounts: list[str]) -> None:
    answer_approval(
        acting_user=MAJA,
        approval=Approval.objects.latest("pk"),
        answer=Answer.APPROVED,
        authenticated_at=timezone.now(),
        accounts=accounts,
    )


def test_the_customer_chooses_accounts_and_the_tokens_cover_no_others(
    web: Party, own_accounts: None, caller: Caller
) -> None:
    auth_req_id = ask(caller, web)
    choose(["acc-2"])
    body = poll(caller, web, auth_req_id).json()
    assert claims_of(body["access_token"])["acc"] == {"accounts": ["acc-2"]}
    assert Grant.objects.get().accounts == {"accounts": ["acc-2"]}
    again = {"grant_type": "refresh_token", "refresh_token": body["refresh_token"], **credentials(web)}
    assert claims_of(caller.token(again).json()["access_token"])["acc"] == {"accounts": ["acc-2"]}


@pytest.mark.parametrize("chosen", [[], ["acc-3"], ["acc-1", "acc-3"]])
def test_a_yes_without_accounts_or_with_somebody_elses_answers_nothing(
    web: Party, own_accounts: None, caller: Caller, chosen: list[str]
) -> None:
    auth_req_id = ask(caller, web)
    with pytest.raises(PropylonError) as caught:
        choose(chosen)
    assert caught.value.code == "approval.accounts.missing"
    assert error_of(poll(caller, web, auth_req_id)) == "authorization_pending"
    no_token()


def test_a_yes_to_a_scope_that_asks_for_accounts_only_since_then_is_none(
    bank: Bank, web: Party, caller: Caller
) -> None:
    auth_req_id = ask(caller, web)
    Scope.objects.filter(name="accounts").update(asks_accounts=True)
    say()
    assert error_of(poll(caller, web, auth_req_id)) == "access_denied"
    no_token()


def test_a_choice_counts_also_when_the_scope_asks_no_more(web: Party, own_accounts: None, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    choose(["acc-1"])
    Scope.objects.filter(name="accounts").update(asks_accounts=False)
    assert claims_of(poll(caller, web, auth_req_id).json()["access_token"])["acc"]["accounts"] == ["acc-1"]


def test_ciba_11_an_auth_req_id_works_once(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    say()
    assert poll(caller, web, auth_req_id).status_code == 200
    for _ in range(2):
        assert error_of(poll(caller, web, auth_req_id)) == "invalid_grant"
    assert Grant.objects.count() == Event.objects.filter(action="token.issued").count() == 1


def test_ciba_11_slow_down_adds_five_seconds_each_time(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    errors = [error_of(poll(caller, web, auth_req_id)) for _ in range(3)]
    assert errors == ["authorization_pending", "slow_down", "slow_down"]
    assert BackchannelRequest.objects.get().interval == 15
    BackchannelRequest.objects.update(polled_at=timezone.now() - timedelta(seconds=10))
    assert error_of(poll(caller, web, auth_req_id)) == "slow_down"
    BackchannelRequest.objects.update(polled_at=timezone.now() - timedelta(seconds=21))
    assert error_of(poll(caller, web, auth_req_id)) == "authorization_pending"
    no_token()


def test_ciba_11_denied_is_access_denied_and_stays_so(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    say(Answer.DENIED)
    for _ in range(2):
        assert error_of(poll(caller, web, auth_req_id)) == "access_denied"
    with pytest.raises(PropylonError, match="was answered"):
        say()
    assert error_of(poll(caller, web, auth_req_id)) == "access_denied"
    no_token()


@pytest.mark.parametrize("is_approved", [False, True])
def test_ciba_11_over_is_expired_token(bank: Bank, web: Party, caller: Caller, is_approved: bool) -> None:
    auth_req_id = ask(caller, web)
    if is_approved:
        say()
    past = timezone.now() - timedelta(seconds=1)
    BackchannelRequest.objects.update(expires_at=past)
    Approval.objects.update(expires_at=past)
    assert error_of(poll(caller, web, auth_req_id)) == "expired_token"
    if not is_approved:
        with pytest.raises(PropylonError, match="time is over"):
            say()
    no_token()


def test_a_question_that_the_approver_let_time_out_is_expired_token(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    time_out_approval(acting_user=SYSTEM, approval=Approval.objects.get())
    assert error_of(poll(caller, web, auth_req_id)) == "expired_token"
    no_token()


def test_ciba_11_another_clients_auth_req_id_is_invalid_grant(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    say()
    other = allowed(bank.client("web", method="client_secret_post"))
    assert error_of(poll(caller, other, auth_req_id)) == "invalid_grant"
    assert error_of(poll(caller, other, "unknown")) == "invalid_grant"
    no_token()
    assert BackchannelRequest.objects.get().used_at is None
    assert poll(caller, web, auth_req_id).status_code == 200


def test_a_poll_without_an_auth_req_id_is_invalid(bank: Bank, web: Party, caller: Caller) -> None:
    assert error_of(caller.token({"grant_type": CIBA, **credentials(web)})) == "invalid_request"


def test_who_is_not_allowed_any_more_gets_no_token(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    say()
    allow_asking_customers(acting_user=SYSTEM, client=web.row, is_allowed=False)
    assert error_of(poll(caller, web, auth_req_id)) == "unauthorized_client"
    no_token()


@pytest.mark.parametrize(
    ("type_", "may"), [("web", True), ("internal", True), ("spa", False), ("native", False), ("server", False)]
)
def test_ciba_7_1_confidential_clients_that_were_allowed(bank: Bank, caller: Caller, type_: str, may: bool) -> None:
    method = "client_secret_post" if may else ""
    party = bank.client(type_, method=method)
    headers = party.on_mutual() if party.certificate else {}
    not_asked(caller.post(ASK, question(party), headers), "unauthorized_client")
    if may:
        assert ask(caller, allowed(party))
        return
    with pytest.raises(PropylonError) as refused:
        allowed(party)
    assert refused.value.code == "client.asking_customers.not_for_type"
    not_asked(caller.post(ASK, question(party), headers), "unauthorized_client")


def test_ciba_7_1_asking_needs_client_authentication(bank: Bank, web: Party, caller: Caller) -> None:
    not_asked(caller.post(ASK, question(web, client_secret="wrong")), "invalid_client", 401)
    not_asked(caller.post(ASK, question(web, client_secret="")), "invalid_client", 401)
    not_asked(caller.get(ASK), "invalid_request", 405)


_WRONG: tuple[tuple[dict[str, str], str], ...] = (
    ({"login_hint": ""}, "invalid_request"),
    ({"id_token_hint": "x"}, "invalid_request"),
    ({"login_hint": "", "login_hint_token": "x"}, "invalid_request"),
    ({"login_hint": "1" * 41}, "invalid_request"),
    ({"scope": ""}, "invalid_request"),
    ({"scope": "accounts"}, "invalid_scope"),
    ({"scope": "openid payments"}, "invalid_scope"),
    ({"scope": "openid  accounts"}, "invalid_scope"),
    ({"scope": "openid " + "x" * 1000}, "invalid_scope"),
    ({"authorization_details": "[]"}, "invalid_request"),
    ({"request_uri": "https://partner.example/r"}, "invalid_request"),
    ({"binding_message": "x" * 101}, "invalid_binding_message"),
    ({"binding_message": "two\u2028lines"}, "invalid_binding_message"),
    ({"binding_message": "right\u202eleft"}, "invalid_binding_message"),
    ({"binding_message": "   "}, "invalid_binding_message"),
    ({"requested_expiry": "0"}, "invalid_request"),
    ({"requested_expiry": "-5"}, "invalid_request"),
    ({"requested_expiry": "1e3"}, "invalid_request"),
    ({"requested_expiry": "9" * 30}, "invalid_request"),
    ({"login_hint": "190001010000"}, "unknown_user_id"),
    ({"login_hint": "", "id_token_hint": "not.a.token"}, "unknown_user_id"),
)


def test_ciba_13_each_wrong_request_is_refused_and_nobody_is_asked(bank: Bank, web: Party, caller: Caller) -> None:
    for changes, error in _WRONG:
        not_asked(caller.post(ASK, question(web, **changes)), error)


def test_ciba_7_1_a_login_hint_token_is_refused_clearly(bank: Bank, web: Party, caller: Caller) -> None:
    words = not_asked(caller.post(ASK, question(web, login_hint="", login_hint_token="x")), "invalid_request")
    assert "login_hint_token is not taken" in words


def test_ciba_7_1_a_requested_expiry_is_given_up_to_ten_minutes(bank: Bank, web: Party, caller: Caller) -> None:
    for wanted, given in (("60", 60), ("86400", 600), ("1", 1)):
        assert caller.post(ASK, question(web, requested_expiry=wanted)).json()["expires_in"] == given


def test_ciba_7_1_an_id_token_of_the_clients_own_names_the_customer(bank: Bank, web: Party, caller: Caller) -> None:
    other = allowed(bank.client("web", method="client_secret_post"))
    code = approve(Caller(), web, scope="openid accounts")["code"]
    id_token = caller.token({**redemption(code), **credentials(web)}).json()["id_token"]
    Event.objects.filter(action="token.issued").delete()
    not_asked(caller.post(ASK, question(other, login_hint="", id_token_hint=id_token)), "unknown_user_id")
    broken = f"{id_token[:-4]}AAAA"
    not_asked(caller.post(ASK, question(web, login_hint="", id_token_hint=broken)), "unknown_user_id")
    assert ask(caller, web, login_hint="", id_token_hint=id_token)
    assert Approval.objects.get().subject == "cus_maja"


def test_an_access_token_is_no_id_token_hint(bank: Bank, web: Party, caller: Caller) -> None:
    code = approve(Caller(), web, scope="openid accounts")["code"]
    token = caller.token({**redemption(code), **credentials(web)}).json()["access_token"]
    not_asked(caller.post(ASK, question(web, login_hint="", id_token_hint=token)), "unknown_user_id")


def test_ciba_13_every_unknown_customer_gets_the_same_words(bank: Bank, web: Party, caller: Caller) -> None:
    Customer.objects.create(
        environment="production", identity_number="195001011234", name="Elsewhere", password="!", subject="cus_else"
    )
    answers = {caller.post(ASK, question(web, login_hint=hint)).text for hint in ("195001011234", "1", "nobody")}
    assert len(answers) == 1


def test_who_asks_the_same_customer_again_and_again_is_refused_whoever_it_is(
    bank: Bank, web: Party, caller: Caller
) -> None:
    def errors(hint: str) -> list[str]:
        return [caller.post(ASK, question(web, login_hint=hint)).json().get("error", "asked") for _ in range(12)]

    assert errors(IDENTITY) == ["asked"] * 10 + ["access_denied"] * 2
    assert errors("190001010000") == ["unknown_user_id"] * 10 + ["access_denied"] * 2
    assert error_of(caller.post(ASK, question(web)), 403) == "access_denied"
    AskThrottle.objects.update(window_ends_at=timezone.now())
    Approval.objects.update(expires_at=timezone.now())
    assert ask(caller, web), "the window is over"


def test_who_guesses_customers_is_refused_also_for_those_that_there_are(bank: Bank, web: Party, caller: Caller) -> None:
    caller.post(ASK, question(web, login_hint="190001010000"))
    AskThrottle.objects.update(asked=60)
    not_asked(caller.post(ASK, question(web)), "access_denied", 403)
    not_asked(caller.post(ASK, question(web, login_hint="190001010001")), "access_denied", 403)
    other = allowed(bank.client("web", method="client_secret_post"))
    assert ask(caller, other)


def test_a_customer_is_not_flooded_by_many_clients(bank: Bank, web: Party, caller: Caller) -> None:
    for _ in range(10):
        ask(caller, web)
    other = allowed(bank.client("web", method="client_secret_post"))
    assert error_of(caller.post(ASK, question(other)), 403) == "access_denied"
    assert Approval.objects.count() == BackchannelRequest.objects.count() == 10
    say(Answer.DENIED)
    assert ask(caller, other)


def test_the_customer_is_told_by_mail_where_there_is_an_address(bank: Bank, web: Party, caller: Caller) -> None:
    ask(caller, web)
    assert not Mail.objects.exists()
    Customer.objects.filter(subject="cus_maja").update(email="maja@people.example")
    ask(caller, web, binding_message="Betala 200 kr")
    mail = Mail.objects.get()
    assert mail.to == "maja@people.example"
    assert "Betala 200 kr" in mail.body
    assert "localhost:8443/oauth/approvals" in mail.body
    assert "http" not in mail.body, "it leads nowhere by itself"
    assert IDENTITY not in mail.body


# ── signed requests ──


def request_object(party: Party, **changes: Any) -> str:
    now = int(time.time())
    usual = {
        "iss": party.id,
        "aud": ISSUER,
        "iat": now,
        "nbf": now,
        "exp": now + 300,
        "jti": f"request-{time.monotonic_ns()}",
        "scope": "openid accounts",
        "login_hint": IDENTITY,
        "binding_message": "W4SCT",
    }
    key = changes.pop("key", KEY)
    return signed(key, {**usual, **changes}, header=changes.pop("header", None))


def signed_question(party: Party, **changes: Any) -> dict[str, str]:
    return {**credentials(party), "request": request_object(party, **changes)}


def test_ciba_7_1_1_a_signed_request_is_taken_once(bank: Bank, web: Party, caller: Caller) -> None:
    form = signed_question(web, requested_expiry=120, client_id=web.id)
    answer = caller.post(ASK, form)
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 120), answer.text
    again = caller.post(ASK, form)
    assert error_of(again) == "invalid_request"
    assert "used before" in again.json()["error_description"]
    assert Approval.objects.count() == 1


_WRONGLY_SIGNED: tuple[dict[str, Any], ...] = (
    *({name: None} for name in ("aud", "iss", "exp", "iat", "nbf", "jti")),
    {"aud": "https://other.example"},
    {"iss": "cl_other"},
    {"client_id": "cl_other"},
    {"sub": "cl_web1"},
    {"exp": int(time.time()) - 1},
    {"exp": int(time.time()) + 7200},
    {"nbf": int(time.time()) - 3700},
    {"iat": int(time.time()) + 600},
    {"jti": "x" * 257},
    {"key": key_for("ES256")},
)


def test_ciba_7_1_1_a_wrong_signed_request_is_refused(bank: Bank, web: Party, caller: Caller) -> None:
    for changes in _WRONGLY_SIGNED:
        not_asked(caller.post(ASK, signed_question(web, **changes)), "invalid_request")
    assert not UsedProof.objects.exists()


def test_ciba_7_1_1_nothing_stands_beside_a_signed_request(bank: Bank, web: Party, caller: Caller) -> None:
    for name in ("scope", "login_hint", "binding_message", "acr_values", "requested_expiry"):
        words = not_asked(caller.post(ASK, {**signed_question(web), name: "1"}), "invalid_request")
        assert name in words


def test_a_client_that_says_so_signs_each_request(bank: Bank, web: Party, caller: Caller) -> None:
    keys = [KEY.as_dict(private=False)]
    set_public_keys(acting_user=SYSTEM, client=web.row, keys=keys, requires_signed_requests=True)
    not_asked(caller.post(ASK, question(web)), "invalid_request")
    assert caller.post(ASK, signed_question(web)).status_code == 200


# ── FAPI ──


def test_fapi_ciba_5_2_2_requests_are_signed_and_have_a_binding_message(
    bank: Bank, fapi: Party, caller: Caller
) -> None:
    headers = fapi.on_mutual()
    not_asked(caller.post(ASK, question(fapi), headers), "invalid_request")
    bare = signed_question(fapi, binding_message=None)
    not_asked(caller.post(ASK, bare, headers), "invalid_binding_message")
    not_asked(caller.post(ASK, signed_question(fapi)), "invalid_client", 401)
    assert caller.post(ASK, signed_question(fapi), headers).status_code == 200


def test_fapi_ciba_tokens_are_bound_to_the_certificate_rfc8705_3(bank: Bank, fapi: Party, caller: Caller) -> None:
    headers = fapi.on_mutual()
    auth_req_id = caller.post(ASK, signed_question(fapi), headers).json()["auth_req_id"]
    say()
    assert error_of(poll(caller, fapi, auth_req_id), 401) == "invalid_client"
    body = poll(caller, fapi, auth_req_id, headers).json()
    assert claims_of(body["access_token"])["x5h"] == fapi.fingerprint


def test_a_token_is_bound_to_the_key_that_is_proven_rfc9449_5(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    endpoint = f"{ISSUER}/oauth/token"
    waiting = {"dpop": proof(endpoint, "POST", now=int(time.time()))}
    assert error_of(poll(caller, web, auth_req_id, waiting)) == "authorization_pending"
    say()
    body = poll(caller, web, auth_req_id, {"dpop": proof(endpoint, "POST", now=int(time.time()))}).json()
    assert body["token_type"] == "DPoP"
    assert claims_of(body["access_token"])["cnf"]["jkt"] == thumbprint()


# ── what stands around ──


def test_ciba_4_the_metadata_says_poll(bank: Bank, caller: Caller) -> None:
    body = caller.get("/.well-known/openid-configuration").json()
    assert body["backchannel_authentication_endpoint"] == f"{ISSUER}{ASK}"
    assert body["mtls_endpoint_aliases"]["backchannel_authentication_endpoint"].endswith(f":8444{ASK}")
    assert body["backchannel_token_delivery_modes_supported"] == ["poll"]
    assert body["backchannel_user_code_parameter_supported"] is False
    assert {"ES256", "PS256"} <= {*body["backchannel_authentication_request_signing_alg_values_supported"]}
    assert CIBA in body["grant_types_supported"]


def test_a_scope_that_is_not_subscribed_any_more_is_left_out(bank: Bank, web: Party, caller: Caller) -> None:
    auth_req_id = ask(caller, web)
    say()
    web.row.subscriptions.all().delete()
    body = poll(caller, web, auth_req_id).json()
    assert body["scope"] == "openid"


def test_the_code_flow_of_an_allowed_client_is_as_before(bank: Bank, web: Party, caller: Caller) -> None:
    assert caller.get("/oauth/authorize", **authorization(web)).status_code == 200


def test_what_is_over_goes_after_a_day(bank: Bank, web: Party, caller: Caller) -> None:
    ask(caller, web)
    Approval.objects.update(expires_at=timezone.now() - timedelta(hours=23))
    BackchannelRequest.objects.update(expires_at=timezone.now() - timedelta(hours=23))
    forget_approvals()
    purge_expired()
    assert Approval.objects.count() == BackchannelRequest.objects.count() == AskThrottle.objects.count() == 1
    Approval.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    BackchannelRequest.objects.update(expires_at=timezone.now() - timedelta(hours=25))
    AskThrottle.objects.update(window_ends_at=timezone.now())
    forget_approvals()
    purge_expired()
    assert not Approval.objects.exists()
    assert not BackchannelRequest.objects.exists()
    assert not AskThrottle.objects.exists()
