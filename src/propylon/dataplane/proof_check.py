"""Whether a call with a key-bound token carries a good proof of that key: RFC 9449 sections 4.3, 7.1, 9 and 11.1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from propylon.dataplane.check_server import Question
from propylon.dataplane.nonces import NoKeyForNonces, Nonces, nonces_for
from propylon.dataplane.seen_proofs import Outcome, SeenProofs
from propylon.gateway.check import BOUND_KEY, ORIGIN_HEADER, Verdict
from propylon.oauth.dpop import NonceNeeded, Occasion, Proof, ProofRefused, check_proof


@dataclass(frozen=True, slots=True)
class Finding:
    """`refusal` is None if nothing is wrong with the proof, or the token needs none. `nonce` is for the caller's next
    proof; "" if it has the newest, or needs none."""

    refusal: Verdict | None = None
    reason: str = ""
    nonce: str = ""


class ProofCheck:
    """Remembers what it accepts; `clock` gives seconds since 1970."""

    def __init__(self, seen: SeenProofs, clock: Callable[[], float]) -> None:
        self._seen, self._clock = seen, clock

    def look_at(self, question: Question) -> Finding:
        key = question.headers.get(BOUND_KEY)
        if key is None:
            return Finding()
        now = int(self._clock())
        try:
            nonces = nonces_for(question, now)
        except NoKeyForNonces:
            return Finding(Verdict.BUSY)
        try:
            proof = check_proof(_one_proof(question), _occasion(question, now, nonces))
        except NonceNeeded:
            return Finding(Verdict.NONCE, nonce=nonces.to_tell())
        except ProofRefused as refused:
            return Finding(Verdict.PROOF, str(refused), nonces.to_tell())
        return self._of_a_holder(proof, key, now, nonces.to_tell(proof.nonce))

    def _of_a_holder(self, proof: Proof, key: str, now: int, nonce: str) -> Finding:
        """Whether it proves the right key, for the first time."""
        if proof.thumbprint != key:
            reason = "it is made with another key than the one that the access token is bound to"
            return Finding(Verdict.PROOF, reason, nonce)
        outcome = self._seen.add(proof.digest, now)
        if outcome is Outcome.REPLAYED:
            return Finding(Verdict.PROOF, "it was used before", nonce)
        return Finding(Verdict.BUSY if outcome is Outcome.FULL else None, nonce=nonce)


def _one_proof(question: Question) -> str:
    sent = question.headers.get("dpop", "")
    if not sent:
        raise ProofRefused("the DPoP header is missing")
    if "," in sent:
        raise ProofRefused("there is more than one")
    return sent


def _occasion(question: Question, now: int, nonces: Nonces) -> Occasion:
    path = question.target.partition("?")[0]
    token = question.headers.get("authorization", "").partition(" ")[2].strip()
    return Occasion(question.method, question.headers.get(ORIGIN_HEADER, "") + path, now, token, nonces.good)
