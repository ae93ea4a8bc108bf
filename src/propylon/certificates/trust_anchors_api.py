"""Trust anchors in the management API: foreign authorities of the mutual listener, with their revocation lists."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from propylon.accounts.access import actor_of, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, Paging, page_of
from propylon.certificates import actions, selectors
from propylon.certificates.access import access_trust_anchor
from propylon.certificates.models import TrustAnchor
from propylon.certificates.sent_bytes import pem_or_base64

router = Router(tags=["Certificates"])
_LONGEST = 11 * 1024 * 1024  # of Base64; what is in it may have 8 MB
NOT_VERIFIED = (
    "The signature of the trusted list was not verified here. Make sure where it came from: fetch it over HTTPS from "
    "the address in the European Commission's list of lists."
)


class TrustAnchorsIn(Schema):
    text: str = Field(max_length=_LONGEST, description="Certificates as PEM, or a trusted list (XML, ETSI TS 119 612).")


class RevocationsIn(Schema):
    text: str = Field(max_length=_LONGEST, description="The authority's whole CRL: PEM, or DER in Base64.")


class TrustAnchorOut(Schema):
    id: str
    name: str
    subject_dn: str = Field(description="RFC 4514.")
    fingerprint: str = Field(description="SHA-256 of the DER, hex.")
    state: str = Field(description="in_force; or nothing of it passes: waiting (for its list), list_ended, expired.")
    source: str
    not_after: datetime
    list_ends_at: datetime | None
    added_at: datetime


class TrustAnchorPage(Schema):
    data: list[TrustAnchorOut]
    paging: Paging


class TrustAnchorsAdded(Schema):
    added: list[TrustAnchorOut]
    known: int = Field(description="That were there already.")
    left_out: list[str] = Field(description="Of a trusted list: why others are no anchors.")
    others: int = Field(description="Services of the list that issue no qualified certificates for websites.")
    warning: str = Field(description="What was not checked.")


@router.get("/trust-anchors", response=TrustAnchorPage, summary="Foreign authorities that are trusted (staff)")
def list_trust_anchors(request: HttpRequest, query: Query[PageQuery]) -> TrustAnchorPage:
    require(current_user(request), Permission.VIEW_PROGRAM)
    page = page_of(selectors.trust_anchors(), query, name="trust-anchors")
    return TrustAnchorPage(data=[_out(row) for row in page.rows], paging=page.paging)


@router.post("/trust-anchors", response={201: TrustAnchorsAdded}, summary="Trust authorities (operator)")
def add_trust_anchors(request: HttpRequest, payload: TrustAnchorsIn) -> Status[TrustAnchorsAdded]:
    """None is in force before it has its revocation list."""
    user = current_user(request)
    require(user, Permission.SECURE)
    found = actions.add_trust_anchors(acting_user=actor_of(user), data=payload.text.encode())
    return Status(
        201,
        TrustAnchorsAdded(
            added=[_out(row) for row in found.anchors],
            known=found.known,
            left_out=[finding.message for finding in found.left_out[:100]],
            others=found.others,
            warning=NOT_VERIFIED if found.is_list else "",
        ),
    )


@router.put("/trust-anchors/{anchor_id}/revocation-list", response=TrustAnchorOut, summary="Its newest CRL (operator)")
def set_revocations(request: HttpRequest, anchor_id: str, payload: RevocationsIn) -> TrustAnchorOut:
    """Its first list puts an anchor into force, within a second. Nobody fetches lists here: send each new one."""
    user = current_user(request)
    anchor = access_trust_anchor(user, anchor_id, Permission.SECURE)
    return _out(actions.set_revocations(acting_user=actor_of(user), anchor=anchor, data=pem_or_base64(payload.text)))


@router.delete("/trust-anchors/{anchor_id}", response={204: None}, summary="Trust it no longer (operator)")
def remove_trust_anchor(request: HttpRequest, anchor_id: str) -> Status[None]:
    user = current_user(request)
    anchor = access_trust_anchor(user, anchor_id, Permission.SECURE)
    actions.remove_trust_anchor(acting_user=actor_of(user), anchor=anchor)
    return Status(204, None)


def _out(row: TrustAnchor) -> TrustAnchorOut:
    return TrustAnchorOut(
        id=row.public_id,
        name=row.name,
        subject_dn=row.subject_dn,
        fingerprint=row.fingerprint,
        state=row.state,
        source=row.source,
        not_after=row.not_after,
        list_ends_at=row.crl_next_update,
        added_at=row.added_at,
    )
