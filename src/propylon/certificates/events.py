"""How this room writes to the event log."""

from __future__ import annotations

from typing import Any

from propylon.applications.models import Client
from propylon.audit.actions import record_event
from propylon.certificates.models import Certificate, Order, TrustAnchor
from propylon.kernel.actor import Actor


def record_order(acting_user: Actor, action: str, order: Order, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"certificate_order.{action}",
        object_kind="certificate_order",
        object_id=order.public_id,
        organization_id=order.client.application.organization.public_id,
        data={"client": order.client.client_id, **data},
    )


def record_certificate(acting_user: Actor, action: str, certificate: Certificate, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"certificate.{action}",
        object_kind="certificate",
        object_id=certificate.public_id,
        organization_id=certificate.client.application.organization.public_id,
        data={"client": certificate.client.client_id, "serial": certificate.serial, **data},
    )


def record_authority(acting_user: Actor, action: str, kind: str, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"certificate_authority.{action}",
        object_kind="certificate_authority",
        object_id=kind,
        data=data,
    )


def record_anchor(acting_user: Actor, action: str, anchor: TrustAnchor, **data: Any) -> None:
    record_event(
        acting_user=acting_user,
        action=f"trust_anchor.{action}",
        object_kind="trust_anchor",
        object_id=anchor.public_id,
        data={"name": anchor.name, "fingerprint": anchor.fingerprint, **data},
    )


def record_client_intent(acting_user: Actor, client: Client, **data: Any) -> None:
    """A certificate that follows no order is about to be signed for this client."""
    record_event(
        acting_user=acting_user,
        action="client.console_certificate_intended",
        object_kind="client",
        object_id=client.client_id,
        organization_id=client.application.organization.public_id,
        data=data,
    )
