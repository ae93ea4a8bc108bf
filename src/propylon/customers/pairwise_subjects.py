"""Pairwise subjects, OpenID Connect Core 8: each sector of clients knows a customer by another name.

The name is the bank's own subject, encrypted so that the same customer of the same sector always gets the same one
(AES-SIV, RFC 5297), and only who holds the key learns from it who is meant: two sectors cannot compare theirs.
"""

from __future__ import annotations

import base64
import hashlib
import os
from binascii import Error as NoBase64

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from propylon.customers.models import PairwiseKey
from propylon.customers.subjects import PAIRWISE_PREFIX
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import new_secret
from propylon.sealing.installation import sealer

_PURPOSE = "pairwise-subjects"
_PLACE_BYTES, _SECTOR_BYTES = 8, 16
LONGEST = 160  # of a name


def pairwise_subject(environment: str, sector: str, subject: str) -> str:
    """What clients of this sector are told; `sector`: a host name."""
    plain = _place(environment) + _sector(environment, sector) + subject.encode()
    return PAIRWISE_PREFIX + base64.urlsafe_b64encode(AESSIV(_key()).encrypt(plain, None)).rstrip(b"=").decode()


def subject_behind(environment: str, told: str, sector: str = "") -> str:
    """The bank's own subject; "" if the name is none, of another environment, or of another sector than `sector`."""
    if not told.startswith(PAIRWISE_PREFIX) or len(told) > LONGEST:
        return ""
    text = told.removeprefix(PAIRWISE_PREFIX)
    try:
        opened = AESSIV(_key()).decrypt(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), None)
    except (InvalidTag, NoBase64, ValueError):
        return ""
    place, of_sector = opened[:_PLACE_BYTES], opened[_PLACE_BYTES : _PLACE_BYTES + _SECTOR_BYTES]
    is_meant = place == _place(environment) and (not sector or of_sector == _sector(environment, sector))
    return opened[_PLACE_BYTES + _SECTOR_BYTES :].decode() if is_meant else ""


def make_key() -> None:
    """Before the first name, so that it can be delivered."""
    _row()


def deliver_key() -> None:
    """To the sandbox bank, which must know its customers by it, as every bank's own system must."""
    path = settings.PROPYLON_HOME.sandbox / "subjects.key"
    found = PairwiseKey.objects.first()
    if found is None or (path.exists() and path.stat().st_size):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.touch(mode=0o600)
    temporary.write_text(_opened(found).reveal(), encoding="ascii")
    temporary.replace(path)


def _place(environment: str) -> bytes:
    return hashlib.sha256(environment.encode()).digest()[:_PLACE_BYTES]


def _sector(environment: str, sector: str) -> bytes:
    return hashlib.sha256(f"{environment}\0{sector}".encode()).digest()[:_SECTOR_BYTES]


def _key() -> bytes:
    """Made with the first use, and never changed: with it every name would."""
    return hashlib.sha512(_opened(_row()).reveal().encode()).digest()


def _row() -> PairwiseKey:
    found = PairwiseKey.objects.first()
    if found is None:
        sealed = sealer().seal(new_secret(), purpose=_PURPOSE)
        found, _ = PairwiseKey.objects.get_or_create(pk=1, defaults={"sealed": sealed})
    return found


def _opened(row: PairwiseKey) -> Secret:
    return sealer().unseal(row.sealed, purpose=_PURPOSE)
