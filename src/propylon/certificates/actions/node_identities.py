"""Certificates between the control plane and gateway nodes on other machines, of an authority of their own.

It has no revocation list: the control plane believes only the certificate that it has on record for a node
(`controlplane.node_enrolment`), so one that is on no record is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from django.db import transaction
from django.utils import timezone

from propylon.certificates.actions.authorities import CLOCK_SKEW, authority_mark, store_authority
from propylon.certificates.entropy import new_private_key, new_serial
from propylon.certificates.events import record_authority
from propylon.certificates.internal_ca import NODES, load_authority
from propylon.certificates.models import Authority
from propylon.gateway.node_bundle import CONTROL_PLANE_NAME
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.secret import Secret
from propylon.pki import profiles
from propylon.pki.issuance import Subject, prepare
from propylon.pki.keys import AcceptedPublicKey
from propylon.pki.pem import pem_of, private_pem


@dataclass(frozen=True, slots=True)
class ControlPlaneIdentity:
    """What the control plane shows, and the authority whose certificates it asks for; PEM."""

    ca_pem: str
    certificate_pem: str
    key_pem: Secret


@transaction.atomic
def ensure_node_authority(*, acting_user: Actor) -> str:
    """Make the authority of the nodes if there is none; its certificate as PEM."""
    row = Authority.objects.filter(kind=NODES).first()
    if row is None:
        key = new_private_key()
        now = timezone.now()
        subject = Subject(f"Propylon gateway nodes {authority_mark()}", key.public_key())
        prepared = prepare(profiles.NODES, subject, serial=new_serial(), not_before=now - CLOCK_SKEW, issuer=None)
        row = store_authority(NODES, prepared, key, key, now)
        record_authority(acting_user, "created", NODES)
    return row.certificate_pem


@transaction.atomic
def issue_node_certificate(*, acting_user: Actor, node: str, public_key: AcceptedPublicKey) -> x509.Certificate:
    """By which the node of this name shows itself, for 90 days. Whoever asks for it puts it on record."""
    ensure_node_authority(acting_user=acting_user)
    authority, serial = load_authority(NODES), new_serial()
    prepared = prepare(
        profiles.NODE,
        Subject(node, public_key),
        serial=serial,
        not_before=timezone.now() - CLOCK_SKEW,
        issuer=authority.certificate,
    )
    record_authority(acting_user, "node_certificate_issued", NODES, node=node, serial=f"{serial:040x}")
    return authority.issue(prepared)


@transaction.atomic
def issue_control_plane_certificate() -> ControlPlaneIdentity:
    """By which the control plane shows itself to nodes on other machines, for 397 days."""
    ca_pem = ensure_node_authority(acting_user=SYSTEM)
    authority, key, serial = load_authority(NODES), new_private_key(), new_serial()
    prepared = prepare(
        profiles.CONTROL_PLANE,
        Subject(CONTROL_PLANE_NAME, key.public_key(), (CONTROL_PLANE_NAME,)),
        serial=serial,
        not_before=timezone.now() - CLOCK_SKEW,
        issuer=authority.certificate,
    )
    record_authority(SYSTEM, "control_plane_certificate_issued", NODES, serial=f"{serial:040x}")
    return ControlPlaneIdentity(ca_pem, pem_of(authority.issue(prepared)), Secret(private_pem(key)))
