"""Everything that changes certificates, orders and the authorities, one module per step of the story."""

from propylon.certificates.actions.authorities import ensure_authorities, issue_server_certificate
from propylon.certificates.actions.console_identities import ConsoleIdentity, issue_console_identity
from propylon.certificates.actions.crls import publish_crl, renew_crls
from propylon.certificates.actions.download_links import create_download_link
from propylon.certificates.actions.downloads import download
from propylon.certificates.actions.identities import issue_identity
from propylon.certificates.actions.node_identities import (
    ControlPlaneIdentity,
    ensure_node_authority,
    issue_control_plane_certificate,
    issue_node_certificate,
)
from propylon.certificates.actions.orders import approve_order, order_certificate, refuse_order
from propylon.certificates.actions.own_certificates import register_own_certificate
from propylon.certificates.actions.qwac_renewal import renew_test_qwacs
from propylon.certificates.actions.resumption import resume_orders
from propylon.certificates.actions.revocation import revoke_certificate, revoke_orphans
from propylon.certificates.actions.signing import finish_order, record_intent, sign_order
from propylon.certificates.actions.trust_anchors import add_trust_anchors, remove_trust_anchor, set_revocations
from propylon.certificates.actions.wishes import order_wished

__all__ = [
    "ConsoleIdentity",
    "ControlPlaneIdentity",
    "add_trust_anchors",
    "approve_order",
    "create_download_link",
    "download",
    "ensure_authorities",
    "ensure_node_authority",
    "finish_order",
    "issue_console_identity",
    "issue_control_plane_certificate",
    "issue_identity",
    "issue_node_certificate",
    "issue_server_certificate",
    "order_certificate",
    "order_wished",
    "publish_crl",
    "record_intent",
    "refuse_order",
    "register_own_certificate",
    "remove_trust_anchor",
    "renew_crls",
    "renew_test_qwacs",
    "resume_orders",
    "revoke_certificate",
    "revoke_orphans",
    "set_revocations",
    "sign_order",
]
