"""Nodes on other machines: who may talk to the control plane, and by which certificate (decision record 0014).

A node is believed for its own name alone, by the certificate on record. It renews that with a key of its own making, at
once when it has joined: the key that travelled in the bundle is worth nothing from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.certificates.actions import ensure_node_authority, issue_node_certificate
from propylon.certificates.entropy import new_private_key
from propylon.controlplane.models import Enrolment, Node
from propylon.gateway.node_bundle import NodeBundle
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.pki.pem import fingerprint_of, pem_of, private_pem
from propylon.pki.signing_request import check_request

NODE_NAME = re.compile(r"[A-Za-z0-9._-]{1,60}")
_GRACE = timedelta(seconds=60)  # for questions that wait for their answer on connections of the certificate before


@dataclass(frozen=True, slots=True)
class Renewed:
    """A node's next certificate, PEM."""

    certificate_pem: str
    ends_at: datetime
    renew_after: datetime


def enrolments() -> QuerySet[Enrolment]:
    return Enrolment.objects.order_by("name")


def enrolment_of(node: str) -> Enrolment | None:
    """None for the node of the control plane's own machine."""
    return Enrolment.objects.filter(name=node).first()


def certificate_ends() -> dict[str, datetime]:
    """When the certificate of each enrolled node ends, by its name."""
    return dict(Enrolment.objects.values_list("name", "not_after"))


@transaction.atomic
def enrol_node(
    *, acting_user: Actor, name: str, address: str, server_certificate_pem: str = "", server_key_pem: str = ""
) -> NodeBundle:
    """What the node has to be given; `address` is where it finds the control plane.

    An enrolled node gets another certificate, and the one before is refused from now on. Raises
    `controlplane.node.name_invalid`.
    """
    _require_name(name)
    ca_pem, key, now = ensure_node_authority(acting_user=acting_user), new_private_key(), timezone.now()
    certificate = issue_node_certificate(acting_user=acting_user, node=name, public_key=key.public_key())
    row, is_new = Enrolment.objects.update_or_create(
        name=name,
        defaults={**_on_record(certificate, now), "previous_fingerprint": "", "previous_ends_at": None},
        create_defaults={**_on_record(certificate, now), "enrolled_at": now},
    )
    _record(acting_user, "node.enrolled" if is_new else "node.enrolled_again", row)
    return NodeBundle(
        node=name,
        control_plane=address,
        ca_pem=ca_pem,
        certificate_pem=pem_of(certificate),
        private_key_pem=private_pem(key),
        ends_at=row.not_after.isoformat(),
        renew_after=now.isoformat(),
        server_certificate_pem=server_certificate_pem,
        server_key_pem=server_key_pem,
    )


@transaction.atomic
def remove_node(*, acting_user: Actor, name: str) -> None:
    """Its next request is refused, and it is no longer listed; what it shipped stays.

    Raises `controlplane.node.unknown`.
    """
    row, node = enrolment_of(name), Node.objects.filter(name=name).first()
    if row is None and node is None:
        raise PropylonError(
            "controlplane.node.unknown",
            f"There is no node {name}. `propylon node list` names all.",
            kind=Kind.NOT_FOUND,
        )
    if row is not None:
        row.delete()
    if node is not None:
        node.delete()
    record_event(acting_user=acting_user, action="node.removed", object_kind="node", object_id=name)


def believe_node(name: str, certificate: bytes | None) -> None:
    """Let the node of this name through, by the certificate (DER) that it showed; it has verified in the handshake.

    Raises `controlplane.node.foreign_name`, `controlplane.node.not_enrolled`.
    """
    shown = _read(certificate)
    if shown is None or _common_name(shown) != name:
        raise PropylonError(
            "controlplane.node.foreign_name",
            "The certificate is another node's. A node asks under the name in its own certificate.",
            kind=Kind.FORBIDDEN,
        )
    row, fingerprint, now = enrolment_of(name), fingerprint_of(shown), timezone.now()
    if row is not None and row.fingerprint == fingerprint and row.not_after > now:
        if row.previous_fingerprint and row.previous_ends_at is None:
            Enrolment.objects.filter(pk=row.pk, fingerprint=fingerprint).update(previous_ends_at=now + _GRACE)
        return
    if row is None or not _is_forerunner(row, fingerprint, now):
        raise _not_enrolled()


@transaction.atomic
def renew_node_certificate(*, name: str, certificate: bytes | None, csr_pem: str) -> Renewed:
    """Another certificate for the key in the signing request, for a node that `believe_node` has let through.

    The one that it showed is believed until the new one was seen. Raises `certificate.csr.refused`, and
    `controlplane.node.not_enrolled` when the new one was seen already: somebody else holds this one too.
    """
    shown = _read(certificate)
    row = Enrolment.objects.select_for_update().filter(name=name).first()
    if shown is None or row is None or not _may_renew(row, fingerprint_of(shown)):
        raise _not_enrolled()
    key = check_request(csr_pem.encode(), common_name=name).public_key
    actor, now = Actor("system", "gateway-node", name), timezone.now()
    made = issue_node_certificate(acting_user=actor, node=name, public_key=key)
    for field, value in _on_record(made, now).items():
        setattr(row, field, value)
    row.previous_fingerprint, row.previous_ends_at = fingerprint_of(shown), None
    row.save()
    _record(actor, "node.certificate_renewed", row)
    lifetime = row.not_after - now
    return Renewed(pem_of(made), row.not_after, now + lifetime * 2 / 3)


def _on_record(certificate: x509.Certificate, now: datetime) -> dict[str, object]:
    return {
        "fingerprint": fingerprint_of(certificate),
        "issued_at": now,
        "not_after": certificate.not_valid_after_utc,
    }


def _may_renew(row: Enrolment, fingerprint: str) -> bool:
    return fingerprint == row.fingerprint or (fingerprint == row.previous_fingerprint and row.previous_ends_at is None)


def _is_forerunner(row: Enrolment, fingerprint: str, now: datetime) -> bool:
    return fingerprint == row.previous_fingerprint and (row.previous_ends_at is None or row.previous_ends_at > now)


def _read(certificate: bytes | None) -> x509.Certificate | None:
    return x509.load_der_x509_certificate(certificate) if certificate else None


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def _require_name(name: str) -> None:
    reason = "" if NODE_NAME.fullmatch(name) else "is 1 to 60 letters, digits, dots, dashes"
    if name == settings.PROPYLON_NODE:
        reason = "is the node of the control plane's own machine"
    if reason:
        raise PropylonError(
            "controlplane.node.name_invalid",
            "Give the node another name. Each node has a name of its own.",
            kind=Kind.MALFORMED,
            errors=[FieldError("name", "body", reason)],
        )


def _not_enrolled() -> PropylonError:
    return PropylonError(
        "controlplane.node.not_enrolled",
        "This certificate is not, or no longer, the one on record for the node. Enrol the node again: "
        "`propylon node add` on the control plane's machine, `propylon node join` on the node's.",
        kind=Kind.FORBIDDEN,
    )


def _record(acting_user: Actor, action: str, row: Enrolment) -> None:
    record_event(
        acting_user=acting_user,
        action=action,
        object_kind="node",
        object_id=row.name,
        data={"fingerprint": row.fingerprint, "certificate_ends_at": row.not_after.isoformat()},
    )
