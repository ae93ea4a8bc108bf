"""Test certificates in the shape of a qualified one (QWAC, ETSI TS 119 495): who gets them, and what they say.

They say of whoever asks what was chosen, so they are for environments that approve by themselves: a sandbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from propylon.applications.models import Client
from propylon.certificates.models import Order
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.pki import profiles
from propylon.pki.issuance import Holder, Subject
from propylon.pki.keys import AcceptedPublicKey
from propylon.pki.profiles import Profile
from propylon.pki.qc_asn1 import ROLE_NAMES, QcWords

# An authority that there is not, in the form of one: nobody takes such a certificate for a real one.
TEST_AUTHORITY, TEST_AUTHORITY_ID, TEST_COUNTRY = "Test authority", "SE-TEST", "SE"
_LONGEST_ORGANIZATION = 64  # RFC 5280 appendix A.1, ub-organization-name


def chosen_roles(client: Client, roles: Sequence[str]) -> list[str]:
    """The roles in their one order. Raises `certificate.roles.*` for what no test certificate is made for."""
    if unknown := ", ".join(sorted(set(roles) - set(ROLE_NAMES))):
        raise PropylonError(
            "certificate.roles.unknown",
            "Choose among the roles of PSD2 that there are.",
            kind=Kind.MALFORMED,
            errors=[
                FieldError("psd2_roles", "body", f"{', '.join(unknown)[:200]}: each one of {', '.join(ROLE_NAMES)}")
            ],
        )
    if roles and not client.environment.approves_by_itself:
        raise PropylonError(
            "certificate.roles.not_here",
            f"Certificates with roles of PSD2 are made here for a sandbox only. For {client.environment.title}, upload "
            "the qualified certificate that a trust service provider issued to you.",
            kind=Kind.CONFLICT,
        )
    return [role for role in ROLE_NAMES if role in roles]


def profile_of(order: Order) -> Profile:
    profile = profiles.TEST_QWAC if order.psd2_roles else profiles.CLIENT
    return replace(profile, has_names=bool(order.client.certificate_name))


def subject_of(order: Order, key: AcceptedPublicKey) -> Subject:
    """Needs the order's client, application, organization and service account."""
    common_name = order.client.service_account.name
    client = order.client
    named = (client.certificate_name_kind, client.certificate_name) if client.certificate_name else None
    return Subject(common_name, key, holder=_holder(order) if order.psd2_roles else None, named=named)


def _holder(order: Order) -> Holder:
    organization = order.client.application.organization
    number = organization.public_id.partition("_")[2] or organization.public_id
    printable = "".join(each for each in organization.name if each.isprintable())
    return Holder(
        country=TEST_COUNTRY,
        organization=printable[:_LONGEST_ORGANIZATION].strip() or number,
        identifier=f"PSD{TEST_AUTHORITY_ID}-{number}",
        words=QcWords(tuple(order.psd2_roles), TEST_AUTHORITY, TEST_AUTHORITY_ID),
    )
