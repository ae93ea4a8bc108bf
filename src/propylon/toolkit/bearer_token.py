"""What an access token says of itself (RFC 9068), as far as it concerns a connection: its end, what it is bound to."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from propylon.toolkit.certificate_rules import moment
from propylon.toolkit.facts import CertificateFacts
from propylon.toolkit.findings import Finding, finding

_LONGEST = 16 * 1024


def token_findings(token: str, client: CertificateFacts | None, now: datetime) -> Iterator[Finding]:
    """Nothing of the token is verified or repeated: only the server can do the first, and nobody needs the second."""
    claims = _claims(token)
    if claims is None:
        yield finding("token.not_readable")
        return
    ends = claims.get("exp")
    if isinstance(ends, int | float) and 0 < ends < 1e11 and ends < now.timestamp():
        yield finding("token.expired", when=moment(datetime.fromtimestamp(ends, UTC)))
    bound = claims.get("cnf")
    bound = bound if isinstance(bound, dict) else {}
    if "jkt" in bound:
        yield finding("token.bound_to_key")
    elif "x5t#S256" not in bound:
        yield finding("token.unbound")
    elif client is not None and bound["x5t#S256"] != thumbprint(client):
        yield finding("token.bound_elsewhere", certificate=client.label)


def thumbprint(facts: CertificateFacts) -> str:
    """x5t#S256 of RFC 8705 section 3.1."""
    return base64.urlsafe_b64encode(bytes.fromhex(facts.fingerprint)).rstrip(b"=").decode()


def _claims(token: str) -> dict[str, Any] | None:
    parts = token.strip().split(".")
    if len(parts) != 3 or len(token) > _LONGEST:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None
