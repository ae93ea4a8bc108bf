"""DPoP proofs (RFC 9449, 11.1) and client assertions (RFC 7523, 3) that were used: none counts twice.

They are in the database, because a client asks any of the web processes. It costs a row for each, and only those who
send one.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from propylon.authserver.models import UsedProof
from propylon.oauth.client_assertion import UsedAssertion
from propylon.oauth.dpop import REPLAYABLE_SECONDS, Proof
from propylon.oauth.errors import invalid_client, invalid_dpop_proof, invalid_request


def remember_proof(proof: Proof) -> None:
    """Raises `invalid_dpop_proof` if it was used before, here or in another process."""
    expires_at = timezone.now() + timedelta(seconds=REPLAYABLE_SECONDS)
    if not _is_new(proof.digest, expires_at):
        raise invalid_dpop_proof("it was used before")


def remember_assertion(assertion: UsedAssertion) -> None:
    """Raises `invalid_client` if it was used before, here or in another process."""
    if not _is_new(assertion.digest, datetime.fromtimestamp(assertion.expires_at, UTC)):
        raise invalid_client("the client assertion was used before")


def remember_request(used: UsedAssertion) -> None:
    """Raises `invalid_request` if this signed request was used before, here or in another process."""
    if not _is_new(used.digest, datetime.fromtimestamp(used.expires_at, UTC)):
        raise invalid_request("The signed request was used before: its jti is known. Sign a new one.")


def _is_new(digest: bytes, expires_at: datetime) -> bool:
    return UsedProof.objects.get_or_create(digest=digest.hex(), defaults={"expires_at": expires_at})[1]
