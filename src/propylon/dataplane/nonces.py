"""The nonces that proofs need in some environments (RFC 9449, 9), as the gateway tells with each question.

Nothing is stored: whoever has the key knows which are good. So one that another node or the authorization server gave
out is good here, and after a restart, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from propylon.dataplane.check_server import Question
from propylon.gateway.check import ENVIRONMENT, NONCE_KEY_HEADER, NONCES_HEADER, demanding
from propylon.oauth.dpop_nonce import STEP_SECONDS, good_nonces

_LEAST_KEY_BYTES = 32


class NoKeyForNonces(Exception):  # noqa: N818  (nothing is wrong with the call)
    """Nonces are demanded, and the gateway has told no key that could be one."""


@dataclass(frozen=True, slots=True)
class Nonces:
    """`good`: of which a proof must carry one, the newest first; none where none is demanded."""

    good: tuple[str, ...] = ()

    def to_tell(self, used: str = "") -> str:
        """The newest, for a caller whose proof had another one or none; "" where there is nothing to tell."""
        return self.good[0] if self.good and used != self.good[0] else ""


def nonces_for(question: Question, now: int) -> Nonces:
    """Raises `NoKeyForNonces`: a demand that cannot be checked must not be passed over."""
    told = question.headers.get(NONCES_HEADER, "")
    if not told or question.headers.get(ENVIRONMENT, "") not in _demanding(told):
        return Nonces()
    return _of_step(question.headers.get(NONCE_KEY_HEADER, ""), now // STEP_SECONDS)


_demanding = lru_cache(maxsize=4)(demanding)


@lru_cache(maxsize=4)
def _of_step(key: str, step: int) -> Nonces:
    try:
        secret = bytes.fromhex(key)
    except ValueError:
        raise NoKeyForNonces from None
    if len(secret) < _LEAST_KEY_BYTES:
        raise NoKeyForNonces
    return Nonces(good_nonces(secret, step * STEP_SECONDS))
