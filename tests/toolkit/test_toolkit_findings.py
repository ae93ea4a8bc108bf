"""Certificates of the wild: each gets its finding in words, and none stops the reading."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.pki.qc_asn1 import PSD2, QC_STATEMENTS, Psd2Info, QcWords, Statement, statements_der
from propylon.toolkit.inspection import Authorities
from propylon.toolkit.tables import TABLE
from toolkit.examples import (
    NOW,
    SERVICE_ACCOUNT,
    YEAR,
    Wish,
    authorities,
    codes,
    ec_key,
    key_pem,
    looked_at,
    made,
    rsa_key,
)

COMMON, COUNTRY = NameOID.COMMON_NAME, NameOID.COUNTRY_NAME
UNKNOWN = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4.5"), b"\x05\x00")
ROLES = QcWords(("PSP_AI", "PSP_PI"), "Finansinspektionen", "SE-FINA")
ORGANIZATION = (NameOID.ORGANIZATION_IDENTIFIER, "PSDSE-FINA-44059")


def qc(der: bytes) -> tuple[x509.UnrecognizedExtension, bool]:
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(QC_STATEMENTS), der), False


def bare_statement() -> bytes:
    """As a widely used generator writes it: one statement, not a list."""
    info = Psd2Info({"roles": [{"oid": "0.4.0.19495.1.3", "name": "PSP_AI"}], "nca_name": "X", "nca_id": "DE-BAFIN"})
    der: bytes = Statement({"id": PSD2, "info": info}).dump()
    return der


def seal() -> bytes:
    return statements_der(ROLES).replace(
        bytes.fromhex("04008e460106 03".replace(" ", "")), bytes.fromhex("04008e46010602")
    )


WILD = {
    "trailing space": (Wish(names=((COMMON, "generic-sandbox "), (COUNTRY, "SE"))), {"common_name.spaces"}),
    "country": (Wish(names=((COMMON, "x"), (COUNTRY, "Germany"))), {"certificate.country"}),
    "NUL": (Wish(names=((COMMON, "bank.example\0.evil.example"),)), {"common_name.hidden_characters"}),
    "no name": (Wish(names=((COUNTRY, "SE"),)), {"common_name.missing"}),
    "two names": (Wish(names=((COMMON, "a"), (COMMON, "b"))), {"common_name.several"}),
    "expired": (Wish(start=NOW - 2 * YEAR, end=NOW - timedelta(days=1)), {"certificate.expired"}),
    "not yet": (Wish(start=NOW + timedelta(days=1), end=NOW + YEAR), {"certificate.not_yet_valid"}),
    "ends soon": (Wish(end=NOW + timedelta(days=10)), {"certificate.ends_soon"}),
    "small key": (Wish(key=lambda: rsa_key(1024)), {"certificate.key_refused"}),
    "other curve": (Wish(key=lambda: ec.derive_private_key(9, ec.SECP256K1())), {"certificate.key_refused"}),
    "critical": (Wish(more=((UNKNOWN, True),)), {"certificate.critical_unknown"}),
    "server only": (Wish(extended=(ExtendedKeyUsageOID.SERVER_AUTH,)), {"certificate.no_client_usage"}),
    "no signature": (Wish(usages=("key_encipherment",)), {"certificate.no_signature_usage"}),
    "many names": (
        Wish(more=((x509.SubjectAlternativeName([x509.DNSName(f"n{n}.example") for n in range(10_000)]), False),)),
        {"certificate.names_many"},
    ),
    "seal": (Wish(names=((COMMON, "x"), (COUNTRY, "SE"), ORGANIZATION), more=(qc(seal()),)), {"certificate.seal"}),
    "bare statement": (Wish(more=(qc(bare_statement()),)), {"psd2.statement.bare"}),
    "broken statements": (Wish(more=(qc(b"\x30\x03\x02\x01"),)), {"qc.unreadable"}),
}  # fmt: skip


@pytest.mark.parametrize("case", WILD)
def test_what_deviates_is_found(case: str) -> None:
    wish, expected = WILD[case]
    found = looked_at(made(wish).certificate.public_bytes(Encoding.DER))
    assert expected <= codes(found)
    for each in found.findings:
        assert each.sentence
        assert each.next_step
        assert "\0" not in each.sentence


def test_a_good_identity_has_nothing_against_it() -> None:
    whole = made()
    found = looked_at(
        whole.pem,
        whole.chain_pem,
        whole.key_pem,
        service_account=SERVICE_ACCOUNT,
        authorities=Authorities((authorities()[0].certificate,), "ca.crt"),
        is_key_needed=True,
    )
    assert codes(found) == {"key.unprotected"}
    assert found.errors == ()


def test_self_signed_and_authority() -> None:
    assert "certificate.self_signed" in codes(looked_at(made(self_signed=True).pem))
    root, issuing = authorities()
    assert "certificate.authority" in codes(looked_at(issuing.pem))
    assert {"certificate.authority", "certificate.self_signed"} <= codes(looked_at(root.pem))


def test_version_one_without_extensions(openssl: Callable[..., bytes]) -> None:
    """PROTOCOL 3.2: SEB's own sandbox certificate is of version 1."""
    one = openssl(
        "x509", "-req", "-in", "one.csr", "-signkey", "one.key", "-days", "9",
        **{"one.csr": request(SERVICE_ACCOUNT, ec_key()), "one.key": key_pem(ec_key())},
    )  # fmt: skip
    found = looked_at(one)
    assert found.leaf
    assert found.leaf.version == 1
    assert "certificate.version" in codes(found)


def test_sha1_is_found(openssl: Callable[..., bytes]) -> None:
    one = openssl(
        "req", "-x509", "-key", "one.key", "-sha1", "-subj", "/CN=old", "-days", "9", **{"one.key": key_pem(rsa_key())},
    )  # fmt: skip
    assert "certificate.signature_weak" in codes(looked_at(one))


def test_a_name_that_its_type_forbids_is_unreadable_and_told() -> None:
    """NUL in a PrintableString (X.520): the library refuses the whole certificate."""
    der = made(Wish(names=((COMMON, "aXb"),))).certificate.public_bytes(Encoding.DER)
    assert codes(looked_at(der.replace(b"\x0c\x03aXb", b"\x13\x03a\0b"))) == {"certificate.unreadable"}
    broken = looked_at(der.replace(b"\x0c\x03aXb", b"\x0c\x03a\xffb"))
    assert "certificate.part_unreadable" in codes(broken)


@pytest.mark.parametrize(
    ("name", "expected"),
    [(SERVICE_ACCOUNT, set()), ("svcOtherV01", {"common_name.wrong"}), (f"{SERVICE_ACCOUNT} ", set())],
)
def test_the_common_name_is_the_service_account(name: str, expected: set[str]) -> None:
    found = looked_at(made().pem, service_account=name.strip())
    assert {"common_name.wrong"} & codes(found) == expected


def test_a_key_of_another_certificate_does_not_fit() -> None:
    found = looked_at(made().pem, key_pem(ec_key(7)))
    assert "key.does_not_fit" in codes(found)
    assert "key.missing" in codes(looked_at(made().pem, is_key_needed=True))
    assert "key.certificate_missing" in codes(looked_at(key_pem(ec_key())))


def test_a_chain_is_put_in_order_and_judged() -> None:
    whole = made()
    mixed = looked_at(
        whole.issuers[1].public_bytes(Encoding.PEM) + whole.pem + whole.issuers[0].public_bytes(Encoding.PEM)
    )
    assert mixed.identity
    assert mixed.identity.leaf == whole.certificate
    assert mixed.identity.issuers == whole.issuers
    assert "chain.issuer_missing" in codes(looked_at(whole.pem))
    late = looked_at(whole.pem, whole.chain_pem, now=NOW + 6 * YEAR)
    assert "chain.issuer_expired" in codes(late)
    stranger = made(self_signed=True)
    assert "chain.others" in codes(looked_at(whole.pem, whole.chain_pem, whole.key_pem, stranger.pem))


def test_an_issuer_of_the_right_name_with_another_key_did_not_sign() -> None:
    whole = made()
    name = x509.Name([x509.NameAttribute(COMMON, "Nordic Issuing")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(ec_key(8).public_key())
    namesake = (
        builder.serial_number(9)
        .not_valid_before(NOW - YEAR)
        .not_valid_after(NOW + YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(ec_key(8), hashes.SHA256())
    )
    found = looked_at(whole.pem, namesake.public_bytes(Encoding.PEM))
    assert "chain.signature_wrong" in codes(found)
    trusted = Authorities((namesake,), "other-ca.crt")
    assert "chain.not_trusted" in codes(looked_at(whole.pem, authorities=trusted))


def test_roles_are_told() -> None:
    wish = Wish(names=((COMMON, "x"), (COUNTRY, "SE"), ORGANIZATION), more=(qc(statements_der(ROLES)),))
    told = looked_at(made(wish).pem).as_dict()
    assert told["psd2_roles"] == ["PSP_PI", "PSP_AI"]
    assert told["psd2"]["nca_id"] == "SE-FINA"
    assert told["psd2"]["organization_identifier"] == "PSDSE-FINA-44059"


def test_a_request_whose_signature_does_not_verify() -> None:
    good = request(SERVICE_ACCOUNT, ec_key())
    assert codes(looked_at(good, service_account=SERVICE_ACCOUNT)) == set()
    der = x509.load_pem_x509_csr(good).public_bytes(Encoding.DER)
    assert "csr.signature.invalid" in codes(looked_at(der[:-3] + bytes([der[-3] ^ 1]) + der[-2:]))
    assert "csr.common_name.wrong" in codes(looked_at(good, service_account="svcOtherV01"))


def test_every_finding_says_what_to_do_next_and_is_a_sentence() -> None:
    for code, words in TABLE.items():
        assert words.next_step, code
        assert words.sentence.endswith((".", "}")), code
        assert "." in code


def request(common_name: str, key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(COMMON, common_name)])
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
