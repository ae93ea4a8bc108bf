"""Prepare → lint → sign (RFC 5280), judged by the openssl command."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from propylon.kernel.errors import PropylonError
from propylon.pki.issuance import Prepared, Subject, prepare, sign
from propylon.pki.lint import lint
from propylon.pki.pem import chain_of, pem_of
from propylon.pki.profiles import CLIENT, ISSUING, ROOT, SERVER, Profile
from propylon.pki.revocation_list import Edition, Revocation, build_crl

NOW = datetime.now(UTC).replace(microsecond=0)
START = NOW - timedelta(minutes=5)
LEAF_KEY = ec.generate_private_key(ec.SECP256R1())


class Authorities(NamedTuple):
    root: x509.Certificate
    root_key: ec.EllipticCurvePrivateKey
    issuing: x509.Certificate
    issuing_key: ec.EllipticCurvePrivateKey


def serial() -> int:
    return x509.random_serial_number()


@pytest.fixture(scope="module")
def authorities() -> Authorities:
    root_key, issuing_key = ec.generate_private_key(ec.SECP384R1()), ec.generate_private_key(ec.SECP256R1())
    subject = Subject("Test Root", root_key.public_key())
    root = sign(prepare(ROOT, subject, serial=serial(), not_before=START, issuer=None), root_key)
    subject = Subject("Test Issuing", issuing_key.public_key())
    issuing = sign(prepare(ISSUING, subject, serial=serial(), not_before=START, issuer=root), root_key)
    return Authorities(root, root_key, issuing, issuing_key)


def client_subject(name: str = "svcTestV01") -> Subject:
    return Subject(name, LEAF_KEY.public_key())


def prepared_client(authorities: Authorities, number: int | None = None) -> Prepared:
    number = number or serial()
    return prepare(CLIENT, client_subject(), serial=number, not_before=START, issuer=authorities.issuing)


def openssl_verify(folder: Path, authorities: Authorities, leaf: x509.Certificate, *options: str) -> str:
    (folder / "root.pem").write_text(pem_of(authorities.root))
    (folder / "issuing.pem").write_text(pem_of(authorities.issuing))
    (folder / "leaf.pem").write_text(pem_of(leaf))
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "root.pem", "-untrusted", "issuing.pem"]
    result = subprocess.run([*command, *options, "leaf.pem"], cwd=folder, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def test_the_chain_verifies_strictly_for_its_purpose_and_no_other(authorities: Authorities, tmp_path: Path) -> None:
    client = sign(prepared_client(authorities), authorities.issuing_key)
    names = Subject("localhost", LEAF_KEY.public_key(), ("localhost", "127.0.0.1", "::1"))
    prepared = prepare(SERVER, names, serial=serial(), not_before=START, issuer=authorities.issuing)
    server = sign(prepared, authorities.issuing_key)
    assert "leaf.pem: OK" in openssl_verify(tmp_path, authorities, client, "-purpose", "sslclient")
    assert "unsuitable certificate purpose" in openssl_verify(tmp_path, authorities, client, "-purpose", "sslserver")
    for host in (("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1"), ("-verify_ip", "::1")):
        assert "leaf.pem: OK" in openssl_verify(tmp_path, authorities, server, "-purpose", "sslserver", *host)
    assert "mismatch" in openssl_verify(tmp_path, authorities, server, "-verify_hostname", "example.com")


def test_signing_twice_gives_the_same_certificate(authorities: Authorities) -> None:
    number = serial()
    first = sign(prepared_client(authorities, number), authorities.issuing_key)
    second = sign(prepared_client(authorities, number), authorities.issuing_key)
    assert first.public_bytes(Encoding.DER) == second.public_bytes(Encoding.DER)


def test_the_digest_of_the_intent_is_that_of_the_certificate(authorities: Authorities) -> None:
    prepared = prepared_client(authorities)
    certificate = sign(prepared, authorities.issuing_key)
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate.tbs_certificate_bytes)
    assert digest.finalize().hex() == prepared.tbs_digest


def test_only_the_named_authority_can_sign(authorities: Authorities) -> None:
    with pytest.raises(ValueError, match="not the key of the authority"):
        sign(prepared_client(authorities), authorities.root_key)


def test_prepared_cannot_be_made_by_hand(authorities: Authorities) -> None:
    prepared = prepared_client(authorities)
    with pytest.raises(TypeError):
        Prepared(prepared.tbs, x509.CertificateBuilder(), authorities.issuing_key.public_key(), object())


def test_an_identity_is_valid_for_two_years_and_says_no_more_than_its_name(authorities: Authorities) -> None:
    certificate = sign(prepared_client(authorities), authorities.issuing_key)
    assert certificate.subject.rfc4514_string() == "CN=svcTestV01"
    lasts = certificate.not_valid_after_utc - certificate.not_valid_before_utc
    assert lasts == timedelta(days=730) - timedelta(seconds=1)
    assert lint(certificate, CLIENT, authorities.issuing) == ()


@pytest.mark.parametrize(
    ("number", "name", "key", "code"),
    [
        (0x1234, "svcA", LEAF_KEY, "lint.serial"),
        (None, "svcA ", LEAF_KEY, "lint.common_name"),
        (None, "svc\0A", LEAF_KEY, "lint.common_name"),
        (None, "svcA", ec.generate_private_key(ec.SECP521R1()), "lint.key"),
        (None, "svcA", rsa.generate_private_key(65537, 1024), "lint.key"),
    ],
    ids=["short serial", "space", "NUL", "P-521", "RSA 1024"],
)
def test_what_breaks_the_profile_is_never_prepared(
    authorities: Authorities,
    number: int | None,
    name: str,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    code: str,
) -> None:
    with pytest.raises(PropylonError) as caught:
        prepare(
            CLIENT,
            Subject(name, key.public_key()),
            serial=number or serial(),
            not_before=START,
            issuer=authorities.issuing,
        )
    assert caught.value.code == "certificate.lint.failed"
    assert [error.reason.partition(":")[0] for error in caught.value.errors] == [code]


def test_a_leaf_issues_nothing_and_an_issuing_authority_no_authority(authorities: Authorities) -> None:
    leaf = sign(prepared_client(authorities), authorities.issuing_key)
    for profile, issuer in ((CLIENT, leaf), (ISSUING, authorities.issuing)):
        with pytest.raises(PropylonError) as caught:
            prepare(profile, client_subject(), serial=serial(), not_before=START, issuer=issuer)
        assert "lint.path" in [error.reason.partition(":")[0] for error in caught.value.errors]


def test_nothing_outlives_its_issuer(authorities: Authorities) -> None:
    late = authorities.issuing.not_valid_after_utc - timedelta(days=10)
    prepared = prepare(CLIENT, client_subject(), serial=serial(), not_before=late, issuer=authorities.issuing)
    certificate = sign(prepared, authorities.issuing_key)
    assert certificate.not_valid_after_utc == authorities.issuing.not_valid_after_utc


def _foreign(authorities: Authorities, profile: Profile) -> list[str]:
    """What the linter says of a certificate of another profile."""
    return [finding.code for finding in lint(authorities.issuing, profile, authorities.root)]


def test_the_linter_sees_a_certificate_of_another_profile(authorities: Authorities) -> None:
    assert {"lint.validity.long", "lint.basic_constraints", "lint.key_usage", "lint.extended_key_usage"} <= set(
        _foreign(authorities, CLIENT)
    )
    assert _foreign(authorities, ISSUING) == []


def test_openssl_reads_the_revocation_list_and_refuses_what_it_names(authorities: Authorities, tmp_path: Path) -> None:
    good = sign(prepared_client(authorities), authorities.issuing_key)
    bad = sign(prepared_client(authorities), authorities.issuing_key)
    edition = Edition(7, NOW, NOW + timedelta(days=30))
    revocations = [Revocation(bad.serial_number, NOW, "key_compromise"), Revocation(serial(), NOW, "unspecified")]
    crl = build_crl(authorities.issuing, authorities.issuing_key, edition=edition, revocations=revocations)
    root_crl = build_crl(authorities.root, authorities.root_key, edition=edition, revocations=[])
    (tmp_path / "crls.pem").write_text(pem_of(crl) + pem_of(root_crl))
    options = ("-crl_check_all", "-CRLfile", "crls.pem")
    assert "leaf.pem: OK" in openssl_verify(tmp_path, authorities, good, *options)
    assert "certificate revoked" in openssl_verify(tmp_path, authorities, bad, *options)
    text = subprocess.run(
        ["openssl", "crl", "-in", "crls.pem", "-noout", "-text", "-crlnumber"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "crlNumber=0x07" in text
    assert "Key Compromise" in text
    assert text.count("CRL Reason Code") == 1  # section 5.3.1: unspecified is left out


def test_a_chain_has_the_leaf_first(authorities: Authorities) -> None:
    leaf = sign(prepared_client(authorities), authorities.issuing_key)
    read = x509.load_pem_x509_certificates(chain_of(leaf, authorities.issuing).encode())
    assert read == [leaf, authorities.issuing]
