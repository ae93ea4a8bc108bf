"""Certificates known by an alternative name, RFC 8705 section 2.1.2: `tls_client_auth_san_dns|uri|ip|email`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from authserver.bank import Bank, Caller, Party
from propylon.applications.actions import set_certificate_name
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.oauth.certificate_names import comparable
from propylon.pki import profiles
from propylon.pki.issuance import Subject, prepare, sign

NAMES: dict[str, tuple[str, x509.GeneralName]] = {
    "dns": ("Ledger.Partner.example", x509.DNSName("ledger.partner.EXAMPLE")),
    "uri": ("urn:partner:ledger", x509.UniformResourceIdentifier("urn:partner:ledger")),
    "ip": ("2001:db8:0::7", x509.IPAddress(ip_address("2001:db8::7"))),
    "email": ("Ledger@Partner.example", x509.RFC822Name("Ledger@partner.example")),
}
OTHERS: dict[str, x509.GeneralName] = {
    "dns": x509.DNSName("other.partner.example"),
    "uri": x509.UniformResourceIdentifier("urn:partner:ledger2"),
    "ip": x509.IPAddress(ip_address("2001:db8::8")),
    "email": x509.RFC822Name("ledger@partner.example"),  # who is before the @ is compared as it is
}


def give(party: Party, *names: x509.GeneralName, common_name: str = "") -> None:
    """A certificate with these names, registered as the client's own."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name or party.row.service_account.name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    valid = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=30))
    made = valid.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())
    Certificate.objects.create(
        public_id=f"crt_{made.serial_number}"[:40],
        client=party.row,
        serial=f"{made.serial_number:x}",
        fingerprint=made.fingerprint(hashes.SHA256()).hex(),
        common_name=party.row.service_account.name,
        subject_dn=made.subject.rfc4514_string(),
        certificate_pem=made.public_bytes(Encoding.PEM).decode(),
        chain_pem="",
        not_before=made.not_valid_before_utc,
        not_after=made.not_valid_after_utc,
    )
    party.certificate = made


def status(caller: Caller, party: Party) -> int:
    form = {"grant_type": "client_credentials", "client_id": party.id, "scope": "accounts"}
    return caller.token(form, party.on_mutual()).status_code


def name(party: Party, kind: str, value: str) -> None:
    set_certificate_name(acting_user=SYSTEM, client=party.row, kind=kind, name=value)


@pytest.mark.parametrize("kind", NAMES)
def test_the_registered_name_authenticates_and_nothing_else_rfc8705_2_1_2(
    bank: Bank, caller: Caller, kind: str
) -> None:
    party = bank.client("server")
    name(party, kind, NAMES[kind][0])
    assert status(caller, party) == 401, "its CN alone"
    give(party, NAMES[kind][1])
    assert status(caller, party) == 200
    give(party, OTHERS[kind])
    assert status(caller, party) == 401
    give(party, *OTHERS.values(), NAMES[kind][1], common_name="something else")
    assert status(caller, party) == 200, "one of several; the CN no longer counts"


def test_a_name_of_another_kind_is_another_name(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    name(party, "dns", "ledger.partner.example")
    give(party, x509.UniformResourceIdentifier("ledger.partner.example"), x509.DNSName("*.partner.example"))
    assert status(caller, party) == 401


def test_the_right_name_on_another_clients_certificate_is_refused(bank: Bank, caller: Caller) -> None:
    party, other = bank.client("server"), bank.client("server")
    for each in (party, other):
        name(each, "dns", "ledger.partner.example")
    give(other, x509.DNSName("ledger.partner.example"))
    party.certificate = other.certificate
    assert status(caller, party) == 401


def test_without_a_name_the_cn_counts_again(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    name(party, "dns", "ledger.partner.example")
    name(party, "", "")
    assert status(caller, party) == 200
    assert Event.objects.filter(action="client.certificate_name_set").count() == 2


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("dns", "*.partner.example"), ("dns", "localhost"), ("dns", "a..example"), ("dns", "-a.example"),
        ("dns", ""), ("uri", "no scheme"), ("uri", "ledger"), ("ip", "192.0.2.0/24"), ("ip", "one"),
        ("email", "ledger"), ("email", "a b@partner.example"), ("name", "x"), ("", "x"),
        ("dns", "a." * 130 + "example"),
    ],
)  # fmt: skip
def test_what_is_no_such_name_is_refused_and_nothing_changed(bank: Bank, kind: str, value: str) -> None:
    party = bank.client("server")
    with pytest.raises(PropylonError) as caught:
        name(party, kind, value)
    assert caught.value.code == "client.certificate_name.invalid"
    assert Client.objects.get(pk=party.row.pk).certificate_name == ""
    assert not Event.objects.filter(action="client.certificate_name_set").exists()


@pytest.mark.parametrize("type_", ["web", "spa"])
def test_only_clients_that_authenticate_by_certificate_have_one(bank: Bank, type_: str) -> None:
    with pytest.raises(PropylonError):
        name(bank.client(type_), "dns", "ledger.partner.example")


@pytest.mark.parametrize("kind", NAMES)
def test_certificates_are_issued_with_it(kind: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    root = prepare(
        profiles.ROOT, Subject("Root", key.public_key()), serial=1 << 100, not_before=datetime.now(UTC), issuer=None
    )
    authority = sign(root, key)
    made = sign(
        prepare(
            replace(profiles.CLIENT, has_names=True),
            Subject("svcPartnerV01", key.public_key(), named=comparable(kind, NAMES[kind][0])),
            serial=1 << 101,
            not_before=datetime.now(UTC),
            issuer=authority,
        ),
        key,
    )
    found = list(made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)
    assert [str(each.value) for each in found] == [comparable(kind, NAMES[kind][0])[1]]
