"""Any sequence of right and hostile requests, over the real application and database, keeps what every grant stands on.

A code, a request_uri, a DPoP proof and a rotated refresh token work once; no token comes without consent; none is
wider than what the customer agreed to; no browser is sent to an address that is not registered.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    multiple,
    rule,
    run_state_machine_as_test,
)

from authserver.bank import (
    CALLBACK,
    ISSUER,
    Bank,
    Caller,
    Party,
    answer_of,
    authorization,
    claims_of,
    credentials,
    hidden,
    log_in_at,
    redemption,
)
from oauth.proofs import key_for, proof
from propylon.authserver.models import Grant

EVIL = "https://evil.example/callback"
SCOPES = st.sampled_from(["accounts", "transactions", "accounts transactions", "openid accounts"])
WHO = st.sampled_from(["spa", "web", "fapi"])
BY = st.sampled_from([*["owner"] * 7, "spa", "web", "fapi"])  # mostly whose it is

WRONG = [
    {"redirect_uri": EVIL},
    {"redirect_uri": CALLBACK + "/"},
    {"client_id": "x"},
    {"scope": "payments"},
    {"response_type": "token"},
    {"code_challenge": ""},
    {"code_challenge_method": "plain"},
    {"request_uri": "urn:ietf:params:oauth:request_uri:made-up"},
]


@dataclass
class Consented:
    """What a customer agreed to: the model of one grant."""

    who: str
    scope: frozenset[str]
    code: str
    is_redeemed: bool = False
    has_ended: bool = False
    gid: str = ""
    rotated: set[str] = field(default_factory=set)


class Conversations(RuleBasedStateMachine):
    """Every answer is foretold by the model: what is right must work, and all else must not."""

    pushed = Bundle("pushed")  # (who, scope, request_uri, [whether it was used])
    consents = Bundle("consents")
    refreshes = Bundle("refreshes")  # (consent, refresh token)
    proofs = Bundle("proofs")

    def __init__(self, parties: dict[str, Party]) -> None:
        super().__init__()
        self.parties = parties
        self.caller = Caller()
        self.key = key_for("ES256")
        self.given: list[Consented] = []
        Grant.objects.update(revoked_at=timezone.now())  # what earlier sequences left stands no more

    def _post(self, path: str, who: str, form: dict[str, str], **headers: str) -> httpx.Response:
        party = self.parties[who]
        sent = party.on_mutual() if party.certificate else {}
        return self.caller.post(path, {**form, **credentials(party)}, {**sent, **headers})

    @initialize(target=refreshes)
    def begin(self) -> Any:
        """Whatever follows meets a grant of each kind of client, whose code has been used."""
        granted = [self.ask("spa", "accounts", "allow"), self.ask("web", "accounts transactions", "allow")]
        granted.append(self.follow(self.push("fapi", "accounts transactions", CALLBACK), "owner", "allow"))
        return multiple(*(self.redeem(each, "owner", {}) for each in granted))

    # ── the customer ──

    def _decide(self, who: str, scope: str, page: httpx.Response, decision: str) -> Consented | None:
        consent = log_in_at(self.caller, page)
        if decision == "leave":
            return None
        answer = self.caller.post("/oauth/consent", {"request": hidden(consent), "decision": decision})
        assert answer.status_code == 303
        assert answer.headers["location"].startswith(f"{CALLBACK}?")
        told = answer_of(answer)
        assert told["iss"] == ISSUER
        if decision == "deny":
            assert (told["error"], "code" in told) == ("access_denied", False)
            return None
        self.given.append(Consented(who, frozenset(scope.split(" ")), told["code"]))
        return self.given[-1]

    @rule(
        target=consents,
        who=st.sampled_from(["spa", "web"]),
        scope=SCOPES,
        decision=st.sampled_from(["allow", "allow", "deny"]),
    )
    def ask(self, who: str, scope: str, decision: str) -> Any:
        page = self.caller.get("/oauth/authorize", **authorization(self.parties[who], scope=scope))
        consented = self._decide(who, scope, page, decision)
        return multiple() if consented is None else consented

    @rule(who=st.sampled_from(["spa", "web"]), scope=SCOPES)
    def ask_silently(self, who: str, scope: str) -> None:
        """Without a page there is a code for exactly what stands, and for nothing else."""
        sent = authorization(self.parties[who], scope=scope, prompt="none")
        told = answer_of(self.caller.get("/oauth/authorize", **sent))
        living = [each.scope for each in self.given if each.who == who and not each.has_ended]
        refusal = "consent_required" if living else "login_required"
        assert told.get("error", "") == ("" if frozenset(scope.split(" ")) in living else refusal)
        assert ("code" in told) is ("error" not in told)

    @rule(who=WHO, changes=st.sampled_from(WRONG))
    def ask_wrongly(self, who: str, changes: dict[str, str]) -> None:
        answer = self.caller.get("/oauth/authorize", **authorization(self.parties[who], **changes))
        location = answer.headers.get("location", "")
        if changes.keys() & {"redirect_uri", "client_id"}:
            assert (answer.status_code, location) == (400, "")
        assert answer.status_code in {303, 400}
        assert not location or (location.startswith(f"{CALLBACK}?error=") and "code=" not in location)

    # ── pushed requests ──

    @rule(target=pushed, who=WHO, scope=SCOPES, address=st.sampled_from([CALLBACK, CALLBACK, EVIL]))
    def push(self, who: str, scope: str, address: str) -> Any:
        form = authorization(self.parties[who], scope=scope, redirect_uri=address)
        answer = self._post("/oauth/par", who, form)
        assert answer.status_code == (201 if address == CALLBACK else 400), answer.text
        return (who, scope, answer.json()["request_uri"], [False]) if address == CALLBACK else multiple()

    @rule(target=consents, request=pushed, by=BY, decision=st.sampled_from(["allow", "allow", "leave"]))
    def follow(self, request: Any, by: str, decision: str) -> Any:
        who, scope, uri, used = request
        by = who if by == "owner" else by
        page = self.caller.get("/oauth/authorize", client_id=self.parties[by].id, request_uri=uri)
        if by != who or used[0]:
            assert (page.status_code, "location" in page.headers) == (400, False)
            return multiple()
        consented = self._decide(who, scope, page, decision)
        used[0] = consented is not None
        return multiple() if consented is None else consented

    # ── tokens ──

    @rule(target=refreshes, consented=consents)
    def redeem_rightly(self, consented: Consented) -> Any:
        return self.redeem(consented, "owner", {})

    @rule(
        target=refreshes,
        consented=consents,
        by=BY,
        changes=st.sampled_from([{}, {"code_verifier": "w" * 43}, {"redirect_uri": EVIL}]),
    )
    def redeem(self, consented: Consented, by: str, changes: dict[str, str]) -> Any:
        who = consented.who if by == "owner" else by
        answer = self._post("/oauth/token", who, redemption(consented.code, **changes))
        is_right = who == consented.who and not changes and not consented.is_redeemed and not consented.has_ended
        if is_right:
            return self._issued(answer, consented, consented.scope)
        assert answer.status_code == 400, answer.text
        assert "access_token" not in answer.text
        if who == consented.who and consented.is_redeemed:
            consented.has_ended = True  # RFC 6749, 4.1.2: a second use ends what the first gave
        return multiple()

    @rule(target=refreshes, held=refreshes)
    def refresh_rightly(self, held: Any) -> Any:
        return self.refresh(held, "owner", "")

    @rule(
        target=refreshes,
        held=refreshes,
        by=BY,
        scope=st.sampled_from(["", "accounts", "accounts transactions payments"]),
    )
    def refresh(self, held: Any, by: str, scope: str) -> Any:
        consented, token = held
        who = consented.who if by == "owner" else by
        form = {"grant_type": "refresh_token", "refresh_token": token, **({"scope": scope} if scope else {})}
        answer = self._post("/oauth/token", who, form)
        asked = frozenset(scope.split(" ")) if scope else consented.scope
        is_live = who == consented.who and not consented.has_ended and token not in consented.rotated
        if is_live and asked <= consented.scope:
            if who == "spa":
                consented.rotated.add(token)
            return self._issued(answer, consented, asked)
        assert answer.status_code == 400, answer.text
        assert "access_token" not in answer.text
        if who == consented.who and token in consented.rotated:
            consented.has_ended = True  # RFC 9700, 4.14.2: two parties hold it
        return multiple()

    def _issued(self, answer: httpx.Response, consented: Consented, scope: frozenset[str]) -> Any:
        assert answer.status_code == 200, answer.text
        told = answer.json()
        claims = claims_of(told["access_token"])
        assert frozenset(claims["scope"].split(" ")) == scope <= consented.scope
        assert claims["client_id"] == self.parties[consented.who].id
        assert claims["gid"] == (consented.gid or claims["gid"])
        consented.gid, consented.is_redeemed = claims["gid"], True
        return (consented, told["refresh_token"]) if "refresh_token" in told else multiple()

    @rule(held=consumes(refreshes), by=WHO)
    def revoke(self, held: Any, by: str) -> None:
        consented, token = held
        assert self._post("/oauth/revoke", by, {"token": token}).status_code == 200
        if by == consented.who:
            consented.has_ended = True

    @rule(who=WHO, code=st.sampled_from(["", "made-up", "../x", "a" * 5000]))
    def redeem_what_nobody_gave(self, who: str, code: str) -> None:
        answer = self._post("/oauth/token", who, redemption(code))
        assert (answer.status_code, "access_token" in answer.text) == (400, False)

    # ── proofs ──

    @rule(target=proofs, who=st.just("server"), earlier=st.one_of(st.none(), proofs))
    def prove(self, who: str, earlier: str | None) -> Any:
        address = f"{ISSUER.replace('8443', '8444')}/oauth/token"
        text = earlier or proof(address, "POST", now=int(time.time()), key=self.key)
        answer = self._post("/oauth/token", who, {"grant_type": "client_credentials"}, dpop=text)
        if earlier is None:
            assert answer.json()["token_type"] == "DPoP", answer.text
            return text
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")
        return multiple()


def _parties(bank: Bank) -> dict[str, Party]:
    return {
        "spa": bank.client("spa"),
        "web": bank.client("web", method="client_secret_post"),
        "fapi": bank.client("web", profile="fapi2"),
        "server": bank.client("server"),
    }


def _converse(bank: Bank, examples: int, steps: int, *, derandomize: bool) -> None:
    parties = _parties(bank)
    run_state_machine_as_test(
        lambda: Conversations(parties),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            derandomize=derandomize,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_some_sequences_keep_the_invariants(bank: Bank) -> None:
    _converse(bank, 3, 15, derandomize=True)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_any_sequence_keeps_the_invariants(bank: Bank) -> None:
    _converse(bank, 60, 40, derandomize=False)
