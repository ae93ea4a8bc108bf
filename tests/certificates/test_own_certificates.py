"""Bring your own certificate (FEATURES C3, PROTOCOL 3.2 and 3.3): each deviation has its finding."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from certificate_examples import everything
from foreign_authority import ForeignAuthority
from propylon.applications.models import Client
from propylon.audit.models import Event
from propylon.certificates.actions import add_trust_anchors, register_own_certificate, set_revocations
from propylon.certificates.models import Authority, Certificate, TrustAnchor
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError
from propylon.marks.models import Mark
from propylon.pki.own_certificate import Expected, read_brought
from propylon.pki.qc_asn1 import QC_STATEMENTS, QcWords, statements_der

DEVELOPER = Actor("user", "user_1", "dev@partner.example")
OPERATOR = Actor("user", "user_2", "ops@bank.example")
QC = x509.UnrecognizedExtension(
    x509.ObjectIdentifier(QC_STATEMENTS), statements_der(QcWords(("PSP_AI",), "Finansinspektionen", "SE-FINA"))
)
_TYPE = b"\x06\x07\x04\x00\x8e\x46\x01\x06"
SEAL = x509.UnrecognizedExtension(QC.oid, QC.value.replace(_TYPE + b"\x03", _TYPE + b"\x02"))
MakeClient = Callable[..., Client]


@pytest.fixture
def foreign(authorities: None) -> ForeignAuthority:
    """In force."""
    made = ForeignAuthority("Trust Service AG Web CA")
    anchor = add_trust_anchors(acting_user=OPERATOR, data=made.pem.encode()).anchors[0]
    set_revocations(acting_user=OPERATOR, anchor=anchor, data=made.crl())
    return made


def register(client: Client, data: bytes) -> Certificate:
    return register_own_certificate(acting_user=DEVELOPER, client=client, data=data)[0]


def refused(client: Client, data: bytes) -> list[str]:
    """The findings; nothing has changed."""
    before = everything()
    with pytest.raises(PropylonError) as caught:
        register(client, data)
    assert everything() == before
    return [error.reason.partition(":")[0] for error in caught.value.errors] or [caught.value.code]


def account(client: Client) -> str:
    return client.service_account.name


@pytest.mark.parametrize("form", ["PEM", "PEM with its issuer", "DER", "p7b", "p7b as PEM", "p7b of openssl"])
@pytest.mark.django_db
def test_each_form_is_read_and_the_chain_completed(
    client: Client, foreign: ForeignAuthority, form: str, tmp_path: Path
) -> None:
    pem, _ = foreign.issue(account(client))
    leaf = x509.load_pem_x509_certificate(pem.encode())
    forms: dict[str, Callable[[], bytes]] = {
        "PEM": pem.encode,
        "PEM with its issuer": (foreign.pem + pem).encode,
        "DER": lambda: leaf.public_bytes(Encoding.DER),
        "p7b": lambda: pkcs7.serialize_certificates([foreign.certificate, leaf], Encoding.DER),
        "p7b as PEM": lambda: pkcs7.serialize_certificates([leaf, foreign.certificate], Encoding.PEM),
        "p7b of openssl": lambda: _by_openssl(tmp_path, pem + foreign.pem),
    }
    row = register(client, forms[form]())
    assert (row.is_own, row.common_name, row.chain_pem) == (True, account(client), foreign.pem)
    assert row.certificate_pem == pem
    assert Event.objects.filter(action="certificate.registered", object_id=row.public_id).exists()


def _by_openssl(folder: Path, pem: str) -> bytes:
    (folder / "all.pem").write_text(pem)
    command = ["openssl", "crl2pkcs7", "-nocrl", "-certfile", "all.pem", "-outform", "DER", "-out", "all.p7b"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return (folder / "all.p7b").read_bytes()


@pytest.mark.django_db
def test_each_deviation_of_the_wild_is_told_and_nothing_stored(client: Client, foreign: ForeignAuthority) -> None:
    name = account(client)

    def issued(common_name: str = name, **wishes: object) -> bytes:
        return foreign.issue(common_name, **wishes)[0].encode()  # type: ignore[arg-type]

    weak = (rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP521R1()))
    ca = x509.BasicConstraints(ca=True, path_length=None)
    critical = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00")
    cases = {
        "own.common_name": [issued(f"{name} "), issued("svcOtherV01"), issued(f"{name}\x00x")],
        "own.expired": [issued(days=-1)],
        "own.key": [issued(key=key) for key in weak],
        "own.authority": [foreign.issue(name, ca)[0].encode()],
        "own.issuer.unknown": [ForeignAuthority("Trust Service AG Web CA").issue(name)[0].encode()],
        "own.unreadable": [b"", b"hello", issued() + issued(), issued().replace(b"MII", b"AAA", 1)],
        "own.too_large": [b"x" * 70_000],
        "own.private_key_included": ["".join(foreign.issue(name)).encode()],
        "own.seal": [foreign.issue(name, SEAL)[0].encode()],
    }
    told = {code: [refused(client, data) for data in given] for code, given in cases.items()}
    assert told == {code: [[code]] * len(given) for code, given in cases.items()}
    assert critical  # what is not critical is let be
    assert register(client, foreign.issue(name, critical)[0].encode()).is_own


@pytest.mark.django_db
def test_roles_are_read_and_production_is_strict(make_client: MakeClient, foreign: ForeignAuthority) -> None:
    sandboxed, strict = make_client("Own"), make_client("Strict", approves=False)
    row, found = register_own_certificate(
        acting_user=DEVELOPER, client=sandboxed, data=foreign.issue(account(sandboxed), QC)[0].encode()
    )
    assert row.psd2_roles == ["PSP_AI"]
    expected = ["subject.country.missing", "organization_identifier.missing"]
    assert [finding.code for finding in found.findings] == expected, "told, although the sandbox takes it"
    assert refused(strict, foreign.issue(account(strict), QC)[0].encode()) == expected


@pytest.mark.django_db
def test_several_overlap_and_each_counts_once(make_client: MakeClient, foreign: ForeignAuthority) -> None:
    client, other = make_client("First"), make_client("Other")
    first = foreign.issue(account(client))[0].encode()
    register(client, first)
    assert refused(client, first) == ["certificate.own.taken"]
    assert refused(other, first) == ["own.common_name"], "another's name"
    for _ in range(4):
        register(client, foreign.issue(account(client))[0].encode())
    assert refused(client, foreign.issue(account(client))[0].encode()) == ["certificate.own.too_many"]


@pytest.mark.django_db
def test_what_its_issuer_revokes_is_revoked_here_and_is_not_in_our_list(
    client: Client, foreign: ForeignAuthority
) -> None:
    row, numbers = register(client, foreign.issue(account(client))[0].encode()), _crl_numbers()
    anchor = TrustAnchor.objects.get()
    set_revocations(acting_user=OPERATOR, anchor=anchor, data=foreign.crl(int(row.serial, 16), days=6))
    row.refresh_from_db()
    assert row.state == "revoked"
    assert Mark.objects.filter(kind="certificate", value=row.fingerprint).exists(), "on open connections, too"
    assert _crl_numbers() == numbers
    late, _ = foreign.issue(account(client))
    serial = x509.load_pem_x509_certificate(late.encode()).serial_number
    set_revocations(acting_user=OPERATOR, anchor=anchor, data=foreign.crl(serial, days=7))
    assert refused(client, late.encode()) == ["own.revoked"]


def _crl_numbers() -> list[int]:
    return list(Authority.objects.order_by("kind").values_list("crl_number", flat=True))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_without_a_crash(data: bytes) -> None:
    import datetime

    now = datetime.datetime.now(datetime.UTC)
    for text in (data, b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(data) + b"-----END CERTIFICATE-----\n"):
        assert read_brought(text, Expected("svc", (), now, is_strict=True)).mistakes
