"""A client's identity for an hour, for the portal's call console (decision record 0010).

It is recorded like every certificate and marked `console`. Its key is made here and given to the caller in memory: it
is stored nowhere, so a process that ends takes it along.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.applications.models import Client
from propylon.certificates.eligibility import require_eligible
from propylon.certificates.entropy import new_private_key, new_serial
from propylon.certificates.events import record_certificate, record_client_intent
from propylon.certificates.internal_ca import ISSUING, InternalAuthority, load_authority
from propylon.certificates.models import Certificate, MadeFor
from propylon.kernel.actor import Actor
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.secret import Secret
from propylon.pki import profiles
from propylon.pki.issuance import Prepared, Subject, prepare
from propylon.pki.pem import fingerprint_of, pem_of, private_pem
from propylon.sealing.entropy import new_public_id

_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ConsoleIdentity:
    """`chain_pem` begins with the certificate itself; `key_pem` is unencrypted and must not leave the process."""

    certificate: Certificate
    chain_pem: str
    key_pem: Secret


def issue_console_identity(*, acting_user: Actor, client: Client) -> ConsoleIdentity:
    """For clients in environments that approve by themselves. Not to be called inside a transaction.

    Its serial number is in the event log, committed, before it is signed. Raises `certificate.console.*`,
    `certificate.order.*` for clients that can have no certificate.
    """
    if not client.environment.approves_by_itself:
        raise PropylonError(
            "certificate.console.environment_refused",
            f"The console makes no certificate for {client.environment.title}. Use the application's own there.",
            kind=Kind.FORBIDDEN,
        )
    common_name = require_eligible(client)
    authority = load_authority(ISSUING)
    key, serial = new_private_key(), new_serial()
    prepared = prepare(
        profiles.CONSOLE,
        Subject(common_name, key.public_key()),
        serial=serial,
        not_before=timezone.now() - _CLOCK_SKEW,
        issuer=authority.certificate,
    )
    with transaction.atomic(durable=True):
        record_client_intent(acting_user, client, serial=f"{serial:040x}", tbs_digest=prepared.tbs_digest)
    row = _store(acting_user, client, authority, prepared, serial)
    return ConsoleIdentity(row, row.certificate_pem + row.chain_pem, Secret(private_pem(key)))


@transaction.atomic(durable=True)
def _store(
    acting_user: Actor, client: Client, authority: InternalAuthority, prepared: Prepared, serial: int
) -> Certificate:
    certificate = authority.issue(prepared)
    row = Certificate.objects.create(
        public_id=new_public_id("cert"),
        client=client,
        made_for=MadeFor.CONSOLE,
        serial=f"{serial:040x}",
        fingerprint=fingerprint_of(certificate),
        common_name=client.service_account.name,
        subject_dn=certificate.subject.rfc4514_string(),
        certificate_pem=pem_of(certificate),
        chain_pem=pem_of(authority.certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    record_certificate(acting_user, "issued", row, made_for=MadeFor.CONSOLE)
    return row
