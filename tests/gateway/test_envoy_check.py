"""Calls that the node's check decides: who is asked about, what is told to it, and that nothing passes without it."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from propylon.dataplane.check_server import CheckServer
from propylon.gateway.check import (
    CHECK_HEADERS,
    CHECK_PREFIX,
    EXACT_HEADER,
    NONCE_HEADER,
    QUOTA_HEADER,
    REASON_HEADER,
    VERDICT_HEADER,
    exact_plans,
)
from propylon.gateway.compiler import compile_snapshot
from propylon.gateway.files import CHECK_SOCKET
from propylon.gateway.model import Plan

LIST = "/sandbox/accounts/v1/accounts"
KEY = "k" * 43


class Check:
    """A real check server that says what the test wants."""

    def __init__(self, path: Path) -> None:
        self.says = {VERDICT_HEADER: "good"}
        self.questions = []
        self.path = path
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)

    def start(self) -> None:
        self.path.parent.mkdir(exist_ok=True)
        self.thread.start()
        self.server = CheckServer(self.path, CHECK_PREFIX, self._ask)
        asyncio.run_coroutine_threadsafe(self.server.start(), self.loop).result(5)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self.server.stop(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()
        self.path.unlink()

    def _ask(self, question, answer) -> None:
        self.questions.append(question)
        answer(self.says)


@pytest.fixture
def check(gateway):
    made = Check(gateway.folder / "gateway" / CHECK_SOCKET)
    made.start()
    yield made
    made.stop()


def bound(gateway, **claims):
    return gateway.token(cnf={"jkt": KEY}, **claims)


def proven(gateway, path=LIST, token="", **more):
    return gateway.call(path, Authorization=f"DPoP {token or bound(gateway)}", **more)


def refused(answer, code, status):
    assert (answer.status, answer.json()["code"]) == (status, code), answer.body
    return answer


def test_only_calls_with_bound_tokens_are_asked_about(gateway, check):
    assert gateway.call(LIST, token=gateway.token()).status == 200
    assert gateway.call("/sandbox/accounts/v1/rates").status == 200
    assert check.questions == []
    assert proven(gateway).status == 200
    assert len(check.questions) == 1


def test_the_check_learns_what_the_caller_sent_and_from_which_listener(gateway, check):
    token = bound(gateway)
    certificate = gateway.certificate("dpop")
    assert proven(gateway, LIST + "?a=b", token=token, DPoP="the-proof").status == 200
    assert proven(gateway, token=token, listener="mutual", certificate=certificate).status == 200
    first, second = check.questions
    assert (first.method, first.target) == ("GET", LIST + "?a=b")
    here = gateway.model.listeners
    told = {"authorization": f"DPoP {token}", "dpop": "the-proof", "x-propylon-bound-key": KEY}
    assert {**told, "x-propylon-origin": here.public_url}.items() <= first.headers.items()
    assert second.headers["x-propylon-origin"] == here.mutual_url


def test_the_upstream_sees_the_token_and_nothing_of_the_check(gateway, check):
    check.says = {VERDICT_HEADER: "good", REASON_HEADER: "well done", QUOTA_HEADER: "1"}
    token = bound(gateway)
    heard = proven(gateway, token=token, DPoP="the-proof").json()["headers"]
    assert heard["authorization"] == f"DPoP {token}"
    own = {"dpop", "x-propylon-bound-key", "x-propylon-origin", *CHECK_HEADERS, EXACT_HEADER}
    assert not own & heard.keys()


@pytest.mark.parametrize(
    ("says", "code", "status"),
    [
        ({VERDICT_HEADER: "proof", REASON_HEADER: 'its "iat" is old'}, "gateway.proof.invalid", 401),
        ({VERDICT_HEADER: "nonce"}, "gateway.proof.nonce_needed", 401),
        ({VERDICT_HEADER: "spent.day"}, "gateway.quota.day", 429),
        ({VERDICT_HEADER: "spent.month"}, "gateway.quota.month", 429),
        ({VERDICT_HEADER: "busy"}, "gateway.check.unavailable", 503),
        ({VERDICT_HEADER: "GOOD"}, "gateway.check.unavailable", 503),
        ({VERDICT_HEADER: ""}, "gateway.check.unavailable", 503),
        ({}, "gateway.check.unavailable", 503),
    ],
)
def test_whatever_is_not_good_is_refused(gateway, check, says, code, status):
    check.says = says
    answer = refused(proven(gateway, X_Propylon_Verdict="good"), code, status)
    assert says.get(REASON_HEADER, "") in answer.json()["message"]
    asked = answer.headers.get("www-authenticate", "")
    assert (code == "gateway.proof.invalid") == ('error="invalid_dpop_proof"' in asked)
    assert (code == "gateway.proof.nonce_needed") == ('DPoP error="use_dpop_nonce"' in asked)
    assert gateway.record(answer.tracking_id)["details"].startswith("rbac_access_denied")


@pytest.mark.parametrize("verdict", ["good", "nonce", "proof", "busy"])
def test_a_nonce_of_the_check_goes_to_the_caller_alone_rfc9449_9(gateway, check, verdict):
    """With the upstream's answer, and with the gateway's own; pages of other sites may read it."""
    check.says = {VERDICT_HEADER: verdict, NONCE_HEADER: "from-the-check"}
    answer = proven(gateway, DPoP="the-proof", Origin="https://app.example")
    assert answer.headers["dpop-nonce"] == "from-the-check"  # not the upstream's
    assert "dpop-nonce" in answer.headers["access-control-expose-headers"].lower()
    if verdict == "good":
        assert "dpop-nonce" not in answer.json()["headers"]


def test_an_answer_without_a_nonce_of_the_check_has_none(gateway, check):
    for answer in (proven(gateway), gateway.call(LIST, token=gateway.token())):
        assert (answer.status, answer.headers.get("dpop-nonce")) == (200, None)


def test_the_check_alone_is_told_which_environments_demand_nonces(gateway, check):
    token = bound(gateway)
    heard = proven(gateway, token=token, X_Propylon_Nonces="", X_Propylon_Nonce_Key="00").json()["headers"]
    (question,) = check.questions
    told = {"x-propylon-nonces": "production", "x-propylon-nonce-key": "6e" * 32, "x-propylon-environment": "sandbox"}
    assert told.items() <= question.headers.items()
    assert not {"x-propylon-nonces", "x-propylon-nonce-key"} & heard.keys()


def test_without_the_check_nothing_passes(gateway):
    answer = refused(proven(gateway, X_Propylon_Verdict="good"), "gateway.check.unavailable", 503)
    assert answer.headers["retry-after"] == "1"
    assert gateway.record(answer.tracking_id)["details"] == "ext_authz_error"
    assert gateway.call(LIST, token=gateway.token()).status == 200


def test_a_bound_token_needs_its_scheme_rfc9449_7_2(gateway, check):
    answer = refused(gateway.call(LIST, token=bound(gateway)), "gateway.token.proof_needed", 401)
    assert answer.headers["www-authenticate"].startswith('DPoP error="invalid_token"')
    plain = refused(proven(gateway, token=gateway.token()), "gateway.token.unbound", 401)
    assert 'error="invalid_token"' in plain.headers["www-authenticate"]
    refused(gateway.call(LIST, Authorization=f"XDPoP {bound(gateway)}"), "gateway.token.proof_needed", 401)
    assert check.questions == []


def test_marks_scopes_and_rates_come_before_the_check(gateway, check):
    assert proven(gateway, token=bound(gateway, scope="other")).status == 403
    token = bound(gateway, plan="tiny", client="client-hasty")
    statuses = [proven(gateway, token=token).status for _ in range(6)]
    assert 429 in statuses
    assert len(check.questions) == statuses.count(200)


def test_calls_of_an_exact_plan_are_asked_about_and_those_of_others_are_not(gateway, check):
    token = gateway.token(plan="counted", client="client-counted")
    assert gateway.call(LIST, token=token).status == 200
    assert gateway.call("/sandbox/accounts/v1/rates", token=token).status == 200  # open to all
    (question,) = check.questions
    told = {"x-propylon-client": "client-counted", "x-propylon-plan": "counted", "x-propylon-exact": "counted=serve"}
    assert told.items() <= question.headers.items()
    assert exact_plans(question.headers["x-propylon-exact"]) == {"counted": "serve"}


@pytest.mark.parametrize(
    ("verdict", "code", "most"),
    [("spent.day", "gateway.quota.day", 86_400), ("spent.month", "gateway.quota.month", 31 * 86_400)],
)
def test_a_spent_quota_is_told_in_the_words_of_any_other(gateway, check, verdict, code, most):
    check.says = {VERDICT_HEADER: verdict, QUOTA_HEADER: "5000"}
    answer = refused(gateway.call(LIST, token=gateway.token(plan="counted"), X_Propylon_Quota="9"), code, 429)
    wait = int(answer.headers["retry-after"])
    assert 0 < wait <= most
    told = {"ratelimit-limit": "5000", "ratelimit-remaining": "0", "ratelimit-reset": str(wait)}
    assert told.items() <= answer.headers.items()
    assert not [name for name in answer.headers if name.startswith("x-ratelimit") or name == QUOTA_HEADER]


def test_a_spent_quota_of_unknown_size_is_told_without_its_limit(gateway, check):
    check.says = {VERDICT_HEADER: "spent.day"}
    answer = refused(gateway.call(LIST, token=gateway.token(plan="counted")), "gateway.quota.day", 429)
    assert answer.headers["ratelimit-remaining"] == "0"
    assert answer.headers["ratelimit-reset"] == answer.headers["retry-after"]


def test_a_call_that_passes_is_told_the_bucket_of_its_rate(gateway, check):
    answer = gateway.call(LIST, token=gateway.token(plan="counted", client="client-fresh"))
    assert (answer.status, answer.headers["ratelimit-limit"]) == (200, "1000")


def test_a_plan_that_becomes_exact_or_ceases_to_be_drains_no_connection(gateway, check):
    """On one open connection: the listeners stay as they are, the routes tell which plans are exact."""
    before = compile_snapshot(gateway.model)
    other = replace(gateway.model, plans=(Plan("standard", 900, 900, "refuse"), Plan("tiny", 1, 2)))
    after = compile_snapshot(other)
    changed = {kind for kind, made in after.resources.items() if made != before.resources[kind]}
    assert changed == {"limits", "rds"}
    connection = gateway.connect()
    try:
        for model, asked in ((gateway.model, ["counted"]), (other, ["standard"]), (gateway.model, ["counted"])):
            gateway.deliver_model(model)
            gateway.wait_for_versions()
            check.questions.clear()
            for plan in ("standard", "counted"):
                answer = gateway.call(LIST, token=gateway.token(plan=plan), connection=connection)
                assert (answer.status, answer.headers.get("connection")) == (200, None)
            assert [question.headers["x-propylon-plan"] for question in check.questions] == asked
    finally:
        connection.close()
        gateway.deliver_model(gateway.model)
        gateway.wait_for_versions()


def test_a_call_of_an_exact_plan_does_not_pass_uncounted(gateway):
    refused(gateway.call(LIST, token=gateway.token(plan="counted")), "gateway.check.unavailable", 503)
