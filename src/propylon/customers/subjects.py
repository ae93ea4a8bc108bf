"""Subjects of customers whom another directory knows: stable, opaque, and never one of another directory's."""

from __future__ import annotations

import hashlib
import hmac

from propylon.kernel.secret import Secret

PAIRWISE_PREFIX = "pw_"  # of what clients of one sector are told instead: customers.pairwise_subjects
# Of subjects: the built-in directory gives none that begins so.
FOREIGN_PREFIXES = ("ldap_", "openid_", PAIRWISE_PREFIX)
_DIGITS = 48  # 192 bits


def foreign_subject(kind: str, domain: str, identifier: bytes, *, key: Secret) -> str:
    """`domain` is where `identifier` is unique: the issuer, or the base of the search.

    Keyed, so that nobody who reads a token finds an identity number by trying all.
    """
    said = b"\0".join((kind.encode(), domain.encode(), identifier))
    return f"{kind}_{hmac.new(key.reveal().encode(), said, hashlib.sha256).hexdigest()[:_DIGITS]}"
