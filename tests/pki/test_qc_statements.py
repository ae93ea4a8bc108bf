"""QCStatements (ETSI EN 319 412-5, TS 119 495; PROTOCOL 3.1, 3.2): what is read, and each deviation of the wild."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.pki.qc_asn1 import PSD2, QC_COMPLIANCE, QC_STATEMENTS, QC_TYPE, QcWords, statements_der
from propylon.pki.qc_statements import TOLERATED, Qualification, read_qualification

KEY = ec.generate_private_key(ec.SECP256R1())
WORDS = QcWords(("PSP_PI", "PSP_AI"), "Financial Authority", "SE-FINA")
GOOD = statements_der(WORDS)
SUBJECT = (("2.5.4.6", "SE"), ("2.5.4.3", "svcTest"), ("2.5.4.97", "PSDSE-FINA-12345"))
ROLE_AI, ROLE_PI = "0.4.0.19495.1.3", "0.4.0.19495.1.2"


def certificate(value: bytes | None, subject: Sequence[tuple[str, str]] = SUBJECT) -> x509.Certificate:
    names = [x509.NameAttribute(x509.ObjectIdentifier(oid), text, _validate=False) for oid, text in subject]
    now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name(names))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "CA")]))
        .public_key(KEY.public_key())
        .serial_number(7)
        .not_valid_before(now)
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    if value is not None:
        extension = x509.UnrecognizedExtension(x509.ObjectIdentifier(QC_STATEMENTS), value)
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(KEY, hashes.SHA256())


def read(value: bytes | None, subject: Sequence[tuple[str, str]] = SUBJECT) -> Qualification:
    return read_qualification(certificate(value, subject))


def codes(found: Qualification) -> list[str]:
    return [finding.code for finding in found.findings]


def sequence(*parts: bytes) -> bytes:
    return der(0x30, b"".join(parts))


def der(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 128:
        return bytes([tag, length]) + content
    size = (length.bit_length() + 7) // 8
    return bytes([tag, 0x80 | size]) + length.to_bytes(size, "big") + content


def oid(text: str) -> bytes:
    return core.ObjectIdentifier(text).dump()


def utf8(text: str) -> bytes:
    return der(0x0C, text.encode())


def psd2(roles: Sequence[tuple[str, str]], *words: str) -> bytes:
    listed = sequence(*(sequence(oid(role), utf8(name)) for role, name in roles))
    return sequence(oid(PSD2), sequence(listed, *map(utf8, words)))


COMPLIANCE = sequence(oid(QC_COMPLIANCE))
WEB = sequence(oid(QC_TYPE), sequence(oid("0.4.0.1862.1.6.3")))
SEAL = sequence(oid(QC_TYPE), sequence(oid("0.4.0.1862.1.6.2")))
BOTH = [(ROLE_PI, "PSP_PI"), (ROLE_AI, "PSP_AI")]
FCA = ("Financial Authority", "SE-FINA")


def test_what_is_made_is_read_back_without_a_finding() -> None:
    found = read(GOOD)
    assert found.findings == ()
    assert found.is_qualified
    assert (found.types, found.roles) == (("web",), ("PSP_PI", "PSP_AI"))
    assert (found.nca_name, found.nca_id) == FCA
    organization = found.organization_identifier
    assert organization is not None
    assert (organization.country, organization.authority, organization.number) == ("SE", "FINA", "12345")
    assert organization.nca_id == "SE-FINA"


def test_what_is_made_is_der_as_written_by_hand() -> None:
    by_hand = sequence(COMPLIANCE, WEB, psd2([(ROLE_PI, "PSP_PI"), (ROLE_AI, "PSP_AI")], *FCA))
    assert by_hand == GOOD


def test_a_certificate_without_the_extension_is_not_qualified_and_that_is_no_finding() -> None:
    assert read(None) == Qualification()


CASES: dict[str, tuple[bytes, Sequence[tuple[str, str]], list[str]]] = {
    "a bare statement instead of a list": (
        psd2(BOTH, *FCA),
        SUBJECT,
        ["psd2.statement.bare", "qc.type.missing", "qc.compliance.missing"],
    ),
    "role names that contradict": (
        sequence(COMPLIANCE, WEB, psd2([(ROLE_AI, "PSP_PI")], *FCA)),
        SUBJECT,
        ["psd2.role.name_differs"],
    ),
    "role names in words": (
        sequence(COMPLIANCE, WEB, psd2([(ROLE_AI, "Account Information")], *FCA)),
        SUBJECT,
        ["psd2.role.name_differs"],
    ),
    "no authority": (
        sequence(COMPLIANCE, WEB, psd2(BOTH)),
        SUBJECT,
        ["psd2.nca_name.missing", "psd2.nca_id.missing"],
    ),
    "an authority in words": (
        sequence(COMPLIANCE, WEB, psd2(BOTH, "Finansinspektionen", "Sweden")),
        SUBJECT,
        ["psd2.nca_id.form", "psd2.nca.differs"],
    ),
    "subject and statement disagree": (
        GOOD,
        (*SUBJECT[:2], ("2.5.4.97", "PSDSE-TEST-1")),
        ["psd2.nca.differs"],
    ),
    "country in words": (GOOD, (("2.5.4.6", "Germany"), *SUBJECT[1:]), ["subject.country.form"]),
    "no country": (GOOD, SUBJECT[1:], ["subject.country.missing"]),
    "trailing spaces": (GOOD, (SUBJECT[0], ("2.5.4.3", "svcTest "), SUBJECT[2]), ["subject.spaces"]),
    "no organizationIdentifier": (GOOD, SUBJECT[:2], ["organization_identifier.missing"]),
    "organizationIdentifier of another form": (
        GOOD,
        (*SUBJECT[:2], ("2.5.4.97", "12345")),
        ["organization_identifier.form"],
    ),
    "not qualified": (sequence(WEB, psd2(BOTH, *FCA)), SUBJECT, ["qc.compliance.missing"]),
    "no type": (sequence(COMPLIANCE, psd2(BOTH, *FCA)), SUBJECT, ["qc.type.missing"]),
}


@pytest.mark.parametrize("case", CASES)
def test_a_sandbox_takes_the_deviations_of_the_wild_and_production_does_not(case: str) -> None:
    value, subject, expected = CASES[case]
    found = read(value, subject)
    assert codes(found) == expected
    assert found.roles, "the identifiers were there"
    assert found.mistakes(is_strict=False) == ()
    assert [finding.code for finding in found.mistakes(is_strict=True)] == expected
    assert all(len(finding.message) < 400 for finding in found.findings)


NOBODYS: dict[str, tuple[bytes, Sequence[tuple[str, str]], str]] = {
    "an unknown role": (sequence(COMPLIANCE, WEB, psd2([("1.2.3", "PSP_AI")], *FCA)), SUBJECT, "psd2.role.unknown"),
    "no role": (sequence(COMPLIANCE, WEB, psd2([], *FCA)), SUBJECT, "psd2.roles.missing"),
    "nonsense": (b"\x04\x02hi", SUBJECT, "qc.unreadable"),
    "empty": (b"", SUBJECT, "qc.unreadable"),
    "bytes after the end": (GOOD + b"\x00", SUBJECT, "qc.unreadable"),
    "too large": (der(0x30, b"\x00" * 20_000), SUBJECT, "qc.unreadable"),
    "a statement of nonsense": (
        sequence(COMPLIANCE, WEB, sequence(oid(PSD2), utf8("PSP_AI"))),
        SUBJECT,
        "psd2.statement.unreadable",
    ),
    "two holders": (GOOD, (*SUBJECT, ("2.5.4.97", "PSDSE-FINA-2")), "organization_identifier.repeated"),
    "the statement twice": (
        sequence(COMPLIANCE, WEB, psd2(BOTH, *FCA), psd2([], *FCA)),
        SUBJECT,
        "qc.statement.repeated",
    ),
}


@pytest.mark.parametrize("case", NOBODYS)
def test_what_nobody_can_read_is_refused_in_the_sandbox_too(case: str) -> None:
    value, subject, expected = NOBODYS[case]
    found = read(value, subject)
    assert expected in [finding.code for finding in found.mistakes(is_strict=False)]
    assert expected not in TOLERATED


def test_a_role_counts_by_its_identifier_never_by_its_name() -> None:
    assert read(sequence(COMPLIANCE, WEB, psd2([(ROLE_AI, "PSP_PI")], *FCA))).roles == ("PSP_AI",)
    assert read(sequence(COMPLIANCE, WEB, psd2([("1.2.3", "PSP_AI")], *FCA))).roles == ()


def test_a_seal_is_told_from_a_website_certificate() -> None:
    assert read(sequence(COMPLIANCE, SEAL, psd2(BOTH, *FCA))).types == ("seal",)


def test_another_register_is_told_and_no_mistake_in_production() -> None:
    found = read(GOOD, (*SUBJECT[:2], ("2.5.4.97", "NTRSE-5560000000")))
    assert codes(found) == ["organization_identifier.other_register"]
    assert found.mistakes(is_strict=True) == ()


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_a_crash_and_give_no_role_by_chance(value: bytes) -> None:
    found = read(value)
    assert found.roles == () or PSD2 in repr(found) or oid(PSD2) in value


@settings(max_examples=80, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255))
def test_a_good_one_with_any_byte_changed_is_read_without_a_crash(place: int, byte: int) -> None:
    changed = GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]
    found = read(changed)
    assert set(found.roles) <= {"PSP_AS", "PSP_PI", "PSP_AI", "PSP_IC"}
    assert all(finding.message.isascii() for finding in found.findings)
