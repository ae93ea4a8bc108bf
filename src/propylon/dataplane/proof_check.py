"""Whether a call with a key-bound token carries a good proof of that key: RFC 9449 sections 4.3, 7.1 and 11.1."""

from __future__ import annotations

from collections.abc import Callable

from propylon.dataplane.check_server import Question
from propylon.dataplane.seen_proofs import Outcome, SeenProofs
from propylon.gateway.check import BOUND_KEY, ORIGIN_HEADER, Verdict
from propylon.oauth.dpop import Occasion, ProofRefused, check_proof


class ProofCheck:
    """Remembers what it accepts; `clock` gives seconds since 1970."""

    def __init__(self, seen: SeenProofs, clock: Callable[[], float]) -> None:
        self._seen, self._clock = seen, clock

    def refusal(self, question: Question) -> tuple[Verdict, str] | None:
        """Verdict and reason; None if the proof is good, or the token is bound to no key."""
        key = question.headers.get(BOUND_KEY)
        if key is None:
            return None
        now = int(self._clock())
        try:
            proof = check_proof(_one_proof(question), _occasion(question, now))
        except ProofRefused as refused:
            return Verdict.PROOF, str(refused)
        if proof.thumbprint != key:
            return Verdict.PROOF, "it is made with another key than the one that the access token is bound to"
        outcome = self._seen.add(proof.digest, now)
        if outcome is Outcome.REPLAYED:
            return Verdict.PROOF, "it was used before"
        return (Verdict.BUSY, "") if outcome is Outcome.FULL else None


def _one_proof(question: Question) -> str:
    sent = question.headers.get("dpop", "")
    if not sent:
        raise ProofRefused("the DPoP header is missing")
    if "," in sent:
        raise ProofRefused("there is more than one")
    return sent


def _occasion(question: Question, now: int) -> Occasion:
    path = question.target.partition("?")[0]
    token = question.headers.get("authorization", "").partition(" ")[2].strip()
    return Occasion(question.method, question.headers.get(ORIGIN_HEADER, "") + path, now, token)
