"""The two authorities of an installation, and the gateway's own certificate."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from propylon.certificates.actions.crls import publish_crl
from propylon.certificates.entropy import new_private_key, new_serial
from propylon.certificates.events import record_authority
from propylon.certificates.internal_ca import ISSUING, ROOT, load_authority, seal_authority_key
from propylon.certificates.models import Authority
from propylon.kernel.actor import SYSTEM, Actor
from propylon.pki import profiles
from propylon.pki.issuance import Prepared, Subject, prepare, sign
from propylon.pki.pem import chain_of, pem_of, private_pem

CLOCK_SKEW = timedelta(minutes=5)  # a node whose clock is a little late must not refuse what is new
_LONGEST_COMMON_NAME = 64


@transaction.atomic
def ensure_authorities(*, acting_user: Actor) -> None:
    """Make root and issuing CA if there are none, each with its CRL; write the root's certificate to the home."""
    if not Authority.objects.filter(kind=ISSUING).exists():
        _create_authorities(acting_user, timezone.now())
    pem = Authority.objects.get(kind=ROOT).certificate_pem
    transaction.on_commit(lambda: _write_root(settings.PROPYLON_HOME.ca_file, pem))


def issue_server_certificate(*, names: Sequence[str]) -> tuple[str, str]:
    """A certificate for the gateway: (leaf and issuing CA as PEM, private key as PEM), valid for 397 days.

    `names` are host names and addresses. Its serial number is in the event log before it is signed.
    """
    authority = load_authority(ISSUING)
    key = new_private_key()
    common_name = names[0] if len(names[0]) <= _LONGEST_COMMON_NAME else "propylon-gateway"
    prepared = prepare(
        profiles.SERVER,
        Subject(common_name, key.public_key(), tuple(names)),
        serial=(serial := new_serial()),
        not_before=timezone.now() - CLOCK_SKEW,
        issuer=authority.certificate,
    )
    with transaction.atomic():
        record_authority(SYSTEM, "server_certificate_issued", ISSUING, serial=f"{serial:040x}", names=list(names))
    certificate = authority.issue(prepared)
    return chain_of(certificate, authority.certificate), private_pem(key)


def _create_authorities(acting_user: Actor, now: datetime) -> None:
    mark = authority_mark()
    start = now - CLOCK_SKEW
    root_key, issuing_key = new_private_key(ec.SECP384R1()), new_private_key(ec.SECP384R1())
    subject = Subject(f"Propylon Root CA {mark}", root_key.public_key())
    prepared = prepare(profiles.ROOT, subject, serial=new_serial(), not_before=start, issuer=None)
    root = store_authority(ROOT, prepared, root_key, root_key, now)
    subject = Subject(f"Propylon Issuing CA {mark}", issuing_key.public_key())
    issuer = load_authority(ROOT).certificate
    prepared = prepare(profiles.ISSUING, subject, serial=new_serial(), not_before=start, issuer=issuer)
    issuing = store_authority(ISSUING, prepared, root_key, issuing_key, now)
    for authority in (root, issuing):
        record_authority(acting_user, "created", authority.kind)
        publish_crl(acting_user=acting_user, kind=authority.kind, now=now)


def authority_mark() -> str:
    """Two installations on one machine must not have authorities of the same name: browsers would mix them up."""
    return f"{new_serial() & 0xFFFFFFFF:08x}"


def store_authority(
    kind: str,
    prepared: Prepared,
    signing_key: ec.EllipticCurvePrivateKey,
    own_key: ec.EllipticCurvePrivateKey,
    now: datetime,
) -> Authority:
    return Authority.objects.create(
        kind=kind,
        certificate_pem=pem_of(sign(prepared, signing_key)),
        key_sealed=seal_authority_key(own_key),
        created_at=now,
    )


def _write_root(path: Path, pem: str) -> None:
    if path.exists() and path.read_text() == pem:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(pem)
    draft.replace(path)
