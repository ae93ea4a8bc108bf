"""Calls with key-bound tokens (RFC 9449, section 7): real Envoy, real agent, the node's real check process."""

from __future__ import annotations

import json
import os
import signal
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import pytest

from dataplane.node_under_test import NodeUnderTest, until
from oauth.proofs import key_for, proof, thumbprint
from propylon.oauth.dpop_nonce import nonce_at

PATH = "/sandbox/accounts/v1/things"
_OTHER = key_for("ES256")


class Caller:
    """A client with a key and a token that is bound to it."""

    def __init__(self, node: NodeUnderTest, environment: str = "sandbox") -> None:
        self.node = node
        url = f"https://localhost:{node.public_port}"
        named = {"aud": f"{url}/{environment}", "env": environment}
        self.token = node.token("client-dpop", cnf={"jkt": thumbprint()}, **named)
        self.path = PATH.replace("sandbox", environment)
        self.address = url + self.path
        self.connection: HTTPSConnection = node.connection()

    def proof(self, **changes: Any) -> str:
        return proof(**{"address": self.address, "now": int(time.time()), "token": self.token, **changes})

    def call(
        self, *proofs: str, path: str = "", method: str = "GET", scheme: str = "DPoP", token: str = ""
    ) -> tuple[int, dict[str, str], dict[str, Any]]:
        """Status, headers, body."""
        self.connection.putrequest(method, path or self.path)
        self.connection.putheader("Authorization", f"{scheme} {token or self.token}")
        for each in proofs:
            self.connection.putheader("DPoP", each)
        self.connection.endheaders()
        response = self.connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, json.loads(response.read() or "{}")


@pytest.fixture
def caller(serving: NodeUnderTest) -> Iterator[Caller]:
    made = Caller(serving)
    until(lambda: made.call(made.proof())[0] == 200, "the check to answer", 10)
    yield made
    made.connection.close()


def _check_pid(node: NodeUnderTest) -> int:
    """The process that listens on the check's socket."""
    command = f"propylon.dataplane.call_check\0{node.home.root}"
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if command in (entry / "cmdline").read_text():
                    return int(entry.name)
            except OSError:
                continue
    return 0


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_a_call_with_its_proof_is_served_rfc9449_7_1(caller: Caller, scheme: str) -> None:
    status, _, body = caller.call(caller.proof(), scheme=scheme)
    assert (status, body) == (200, {"path": "/accounts/things"})


def test_neither_the_query_nor_the_spelling_of_the_address_matters_rfc9449_4_3(caller: Caller) -> None:
    shouted = caller.address.replace("localhost", "LOCALHOST") + "?other=1#x"
    assert caller.call(caller.proof(address=shouted), path=PATH + "?limit=5")[0] == 200


WRONG = {
    "no proof": ({}, "missing"),
    "of another method": ({"method": "POST"}, "htm"),
    "of another path": ({"address": "https://localhost:{port}/sandbox/accounts/v1/other"}, "htu"),
    "of another listener": ({"address": "https://localhost:1" + PATH}, "htu"),
    "of an hour ago": ({"iat": 1_700_000_000}, "iat"),
    "of tomorrow": ({"iat": 4_000_000_000}, "iat"),
    "for another token": ({"token": "another"}, "ath"),
    "for no token": ({"ath": None}, "ath"),
    "with another key": ({"key": _OTHER}, "another key"),
    "with a symmetric algorithm": ({"header": {"alg": "HS256"}}, "alg"),
    "with the type of a token": ({"header": {"typ": "JWT"}}, "typ"),
    "with the private key": ({"header": {"jwk": _OTHER.as_dict(private=True)}}, "public key alone"),
    "without identifier": ({"jti": None}, "jti"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_proof_is_refused_with_its_reason_rfc9449_7_1(caller: Caller, case: str) -> None:
    changes, reason = WRONG[case]
    changes = {name: text.format(port=caller.node.public_port) if name == "address" else text
               for name, text in changes.items()}  # fmt: skip
    proofs = (caller.proof(**changes),) if changes else ()
    status, headers, body = caller.call(*proofs)
    assert (status, body["code"]) == (401, "gateway.proof.invalid")
    assert reason in body["message"]
    assert headers["www-authenticate"].startswith('DPoP error="invalid_dpop_proof"')
    assert 'algs="ES256 PS256 Ed25519 EdDSA"' in headers["www-authenticate"]
    assert body["trackingId"] == headers["requesttrackingid"]


def test_two_proofs_are_none_rfc9449_4_3(caller: Caller) -> None:
    status, _, body = caller.call(caller.proof(), caller.proof())
    assert (status, body["code"]) == (401, "gateway.proof.invalid")
    assert "more than one" in body["message"]


def test_a_proof_counts_once_rfc9449_11_1(caller: Caller) -> None:
    once = caller.proof()
    assert caller.call(once)[0] == 200
    status, _, body = caller.call(once)
    assert (status, "used before" in body["message"]) == (401, True)


def test_of_many_at_once_one_gets_through(caller: Caller) -> None:
    once = caller.proof()

    def call(_: int) -> int:
        own = Caller(caller.node)
        try:
            return own.call(once, token=caller.token)[0]
        finally:
            own.connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(call, range(8))) == [200, *[401] * 7]


def test_a_bound_token_is_no_bearer_token_rfc9449_7_2(caller: Caller) -> None:
    for proofs in ((), (caller.proof(),)):
        status, headers, body = caller.call(*proofs, scheme="Bearer")
        assert (status, body["code"]) == (401, "gateway.token.proof_needed")
        assert headers["www-authenticate"].startswith('DPoP error="invalid_token"')


def test_a_bearer_token_is_no_bound_token(caller: Caller) -> None:
    token = caller.node.token()
    status, headers, body = caller.call(caller.proof(token=token), scheme="DPoP", token=token)
    assert (status, body["code"]) == (401, "gateway.token.unbound")
    assert headers["www-authenticate"].startswith("Bearer")
    assert caller.call(scheme="Bearer", token=token)[0] == 200


def test_what_a_caller_says_itself_is_no_verdict(caller: Caller) -> None:
    caller.connection.request(
        "GET", PATH, headers={"Authorization": f"DPoP {caller.token}", "X-Propylon-Verdict": "good"}
    )
    response = caller.connection.getresponse()
    assert (response.status, json.loads(response.read())["code"]) == (401, "gateway.proof.invalid")


@pytest.fixture
def guarded(caller: Caller) -> Iterator[Caller]:
    """A client of the environment that demands nonces."""
    made = Caller(caller.node, "guarded")
    yield made
    made.connection.close()


def _nonce(minutes_ago: float = 0) -> str:
    """As any node of the installation, or its authorization server, gave it out then."""
    return nonce_at(b"n" * 32, int(time.time() - 60 * minutes_ago))


def test_a_call_without_a_nonce_is_told_one_and_goes_on_with_it_rfc9449_9(guarded: Caller) -> None:
    status, headers, body = guarded.call(guarded.proof())
    assert (status, body["code"]) == (401, "gateway.proof.nonce_needed")
    assert headers["www-authenticate"].startswith('DPoP error="use_dpop_nonce"')
    assert headers["dpop-nonce"] in {_nonce(), _nonce(0.5)}  # the minute may have ended meanwhile
    status, after, body = guarded.call(guarded.proof(nonce=headers["dpop-nonce"]))
    assert (status, body) == (200, {"path": "/accounts/things"})
    assert after.get("dpop-nonce") != headers["dpop-nonce"]  # none, but in a new minute


def test_a_nonce_of_some_minutes_ago_is_good_and_the_answer_gives_the_newest_rfc9449_8_2(guarded: Caller) -> None:
    status, headers, _ = guarded.call(guarded.proof(nonce=_nonce(2)))
    assert (status, headers["dpop-nonce"] in {_nonce(), _nonce(0.5)}) == (200, True)


@pytest.mark.parametrize("minutes", [6, -2], ids=["too old", "of the future"])
def test_a_nonce_out_of_its_time_is_none_rfc9449_9(guarded: Caller, minutes: int) -> None:
    status, _, body = guarded.call(guarded.proof(nonce=_nonce(minutes)))
    assert (status, body["code"]) == (401, "gateway.proof.nonce_needed")


def test_what_is_refused_for_its_nonce_is_not_used_up_rfc9449_9(guarded: Caller) -> None:
    identifier = uuid.uuid4().hex
    for nonce, expected in ((_nonce(6), 401), (_nonce(), 200), (_nonce(), 401)):
        assert guarded.call(guarded.proof(nonce=nonce, jti=identifier))[0] == expected


@pytest.mark.parametrize("nonce", ["", "guessed", 7, None], ids=str)
def test_a_guessed_nonce_is_none_rfc9449_9(guarded: Caller, nonce: Any) -> None:
    assert guarded.call(guarded.proof(nonce=nonce))[2]["code"] == "gateway.proof.nonce_needed"


def test_a_wrong_proof_stays_wrong_with_a_nonce_rfc9449_9(guarded: Caller) -> None:
    status, headers, body = guarded.call(guarded.proof(nonce=_nonce(), method="POST"))
    assert (status, body["code"]) == (401, "gateway.proof.invalid")
    assert headers["dpop-nonce"]


def test_where_no_nonces_are_demanded_none_are_told(caller: Caller) -> None:
    for claims in ({}, {"nonce": "another's"}):
        status, headers, _ = caller.call(caller.proof(**claims))
        assert (status, headers.get("dpop-nonce")) == (200, None)


def test_a_killed_check_refuses_clearly_comes_back_and_forgets_nothing(caller: Caller) -> None:
    once = caller.proof()
    assert caller.call(once)[0] == 200
    pid = _check_pid(caller.node)
    os.kill(pid, signal.SIGKILL)
    status, headers, body = caller.call(caller.proof())
    assert (status, body["code"], body["transient"]) == (503, "gateway.check.unavailable", "true")
    assert headers["retry-after"] == "1"
    assert caller.call(scheme="Bearer", token=caller.node.token())[0] == 200  # all others are native
    until(lambda: caller.call(caller.proof())[0] == 200, "the check to come back", 10)
    assert _check_pid(caller.node) != pid
    guarded = Caller(caller.node, "guarded")
    assert guarded.call(guarded.proof(nonce=_nonce(1)))[0] == 200
    status, _, body = caller.call(once)
    assert (status, "used before" in body["message"]) == (401, True)


def test_the_check_outlives_its_agent_until_the_next_one_takes_over(caller: Caller) -> None:
    before = _check_pid(caller.node)
    caller.node.kill_agent()
    assert caller.call(caller.proof())[0] == 200
    caller.node.start_agent()
    answers = []

    def is_taken_over() -> bool:
        answers.append(caller.call(caller.proof())[0])
        return not Path(f"/proc/{before}").exists()

    until(is_taken_over, "the next agent's check to take over", 20)
    assert set(answers) == {200}
    assert caller.call(caller.proof())[0] == 200


def test_the_check_needs_little_memory(caller: Caller) -> None:
    status = Path(f"/proc/{_check_pid(caller.node)}/status").read_text()
    assert int(status.split("VmRSS:")[1].split()[0]) <= 40 * 1024
