"""Access tokens that the authorization server itself is shown: RFC 6750, 2.1 and 3; RFC 8705, 3; RFC 9449, 7.

Calls of APIs are checked by the gateway; this is for the endpoints beside it, such as UserInfo.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from propylon.kernel.peer_certificate import PeerCertificate
from propylon.kernel.token_claims import PROOF_ALGORITHMS
from propylon.oauth.dpop import NonceNeeded, Occasion, Proof, ProofRefused, check_proof
from propylon.oauth.dpop_nonce import USE_NONCE

_SCHEMES = {"bearer": "Bearer", "dpop": "DPoP"}


class InvalidToken(Exception):  # noqa: N818  (it is an answer, no failure of ours)
    """401. `code` is "" where no token came at all (RFC 6750, 3.1: then nothing is said of an error)."""

    status = 401

    def __init__(self, text: str, *, scheme: str = "Bearer", code: str = "invalid_token") -> None:
        super().__init__(text)
        self.scheme, self.code = scheme, code

    def challenge(self) -> str:
        said = [f'error="{self.code}"', f'error_description="{self}"'] if self.code else []
        if self.scheme == "DPoP":
            said.append(f'algs="{" ".join(PROOF_ALGORITHMS)}"')
        return " ".join([self.scheme, ", ".join(said)]).strip()


class InsufficientScope(Exception):  # noqa: N818
    """403."""

    status, code = 403, "insufficient_scope"

    def __init__(self, text: str, *, scope: str) -> None:
        super().__init__(text)
        self.scope = scope

    def challenge(self) -> str:
        return f'Bearer error="insufficient_scope", error_description="{self}", scope="{self.scope}"'


@dataclass(frozen=True, slots=True)
class ShownToken:
    scheme: str  # Bearer or DPoP
    token: str


@dataclass(frozen=True, slots=True)
class Presentation:
    """How a token came: with which certificate on its connection, with which proof, to which address."""

    scheme: str
    token: str
    certificate: PeerCertificate | None
    proof: str
    method: str
    address: str
    now: int
    nonces: tuple[str, ...] = ()  # one of which a proof must carry; empty: none is demanded


def read_token(authorization: str) -> ShownToken:
    """From the Authorization header. Raises `InvalidToken`."""
    scheme, _, token = authorization.partition(" ")
    known = _SCHEMES.get(scheme.lower())
    if known is None or not token.strip():
        raise InvalidToken("Send the access token in the header Authorization.", code="")
    return ShownToken(known, token.strip())


def check_binding(claims: Mapping[str, Any], shown: Presentation) -> Proof | None:
    """That the token is used by whom it is bound to; the proof to remember, if it needs one. Raises `InvalidToken`."""
    bound = claims.get("cnf", {})
    wanted = bound.get("x5t#S256")
    certificate = shown.certificate.x5t_s256 if shown.certificate else ""
    if wanted and not hmac.compare_digest(certificate.encode(), wanted.encode()):
        raise InvalidToken("The token is bound to a client certificate; use the two-way TLS address with it.")
    if "jkt" not in bound:
        if shown.scheme == "DPoP":
            raise InvalidToken("The token is not bound to a key: send it as Bearer.")
        return None
    if shown.scheme != "DPoP":
        raise InvalidToken("The token is bound to a key: send it as DPoP, with a proof.", scheme="DPoP")
    try:
        occasion = Occasion(shown.method, shown.address, shown.now, access_token=shown.token, nonces=shown.nonces)
        proof = check_proof(shown.proof, occasion)
    except NonceNeeded:
        text = "The proof needs a nonce: take the one in the header DPoP-Nonce."
        raise InvalidToken(text, scheme="DPoP", code=USE_NONCE) from None
    except ProofRefused as refusal:
        raise InvalidToken(f"The proof is refused: {refusal}.", scheme="DPoP", code="invalid_dpop_proof") from None
    if not hmac.compare_digest(proof.thumbprint.encode(), str(bound["jkt"]).encode()):
        raise InvalidToken("The proof is of another key.", scheme="DPoP", code="invalid_dpop_proof")
    return proof
