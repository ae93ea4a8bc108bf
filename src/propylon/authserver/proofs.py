"""DPoP proofs that were used, RFC 9449 section 11.1: in the database, because a client asks any of the web processes.

It costs a row per proof, and only those who send one: a token that is bound to a key needs a proof once per token.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.authserver.models import UsedProof
from propylon.oauth.dpop import REPLAYABLE_SECONDS, Proof
from propylon.oauth.errors import invalid_dpop_proof


def remember_proof(proof: Proof) -> None:
    """Raises `invalid_dpop_proof` if it was used before, here or in another process."""
    expires_at = timezone.now() + timedelta(seconds=REPLAYABLE_SECONDS)
    _row, is_new = UsedProof.objects.get_or_create(digest=proof.digest.hex(), defaults={"expires_at": expires_at})
    if not is_new:
        raise invalid_dpop_proof("it was used before")
