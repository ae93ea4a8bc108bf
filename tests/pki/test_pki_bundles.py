"""Bundles (RFC 7292, PEM): the openssl command opens what we pack."""

from __future__ import annotations

import io
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from propylon.pki.bundles import Identity, pem_zip, pfx
from propylon.pki.issuance import Subject, prepare, sign
from propylon.pki.pem import pem_of
from propylon.pki.profiles import CLIENT, ROOT

START = datetime(2026, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def identity() -> Identity:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    subject = Subject("Root", root_key.public_key())
    number = x509.random_serial_number()
    root = sign(prepare(ROOT, subject, serial=number, not_before=START, issuer=None), root_key)
    subject = Subject("svcTestV01", key.public_key())
    prepared = prepare(CLIENT, subject, serial=x509.random_serial_number(), not_before=START, issuer=root)
    return Identity(sign(prepared, root_key), (root,), key, "svcTestV01")


def openssl_pkcs12(folder: Path, data: bytes, *options: str, password: str = PASSWORD) -> tuple[int, str]:
    (folder / "identity.pfx").write_bytes(data)
    command = ["openssl", "pkcs12", "-in", "identity.pfx", "-passin", f"pass:{password}", "-info", "-nodes"]
    result = subprocess.run([*command, *options], cwd=folder, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout + result.stderr


def test_a_modern_pfx_opens_without_legacy_code(identity: Identity, tmp_path: Path) -> None:
    status, text = openssl_pkcs12(tmp_path, pfx(identity, PASSWORD))
    assert status == 0
    assert "AES-256-CBC" in text
    assert "hmacWithSHA256" in text
    assert "RC2" not in text
    assert text.count("BEGIN CERTIFICATE") == 2
    assert text.count("BEGIN PRIVATE KEY") == 1


def test_a_legacy_pfx_is_3des_with_sha1(identity: Identity, tmp_path: Path) -> None:
    status, text = openssl_pkcs12(tmp_path, pfx(identity, PASSWORD, is_legacy=True), "-legacy")
    assert status == 0
    assert "MAC: sha1" in text
    assert "pbeWithSHA1And3-KeyTripleDES-CBC" in text
    assert text.count("BEGIN PRIVATE KEY") == 1


def test_another_password_opens_nothing(identity: Identity, tmp_path: Path) -> None:
    status, text = openssl_pkcs12(tmp_path, pfx(identity, PASSWORD), password="wrong")
    assert status != 0
    assert "PRIVATE KEY" not in text


def test_a_zip_holds_certificate_chain_and_key(identity: Identity) -> None:
    archive = zipfile.ZipFile(io.BytesIO(pem_zip(identity)))
    assert archive.namelist() == ["certificate.crt", "chain.crt", "private.key"]
    assert archive.read("certificate.crt").decode() == pem_of(identity.certificate)
    key = serialization.load_pem_private_key(archive.read("private.key"), password=None)
    assert key.public_key() == identity.certificate.public_key()


def test_a_password_encrypts_the_key_in_the_zip(identity: Identity) -> None:
    archive = zipfile.ZipFile(io.BytesIO(pem_zip(identity, password=PASSWORD)))
    text = archive.read("private.key")
    assert b"ENCRYPTED PRIVATE KEY" in text
    assert serialization.load_pem_private_key(text, password=PASSWORD.encode())


def test_a_key_that_its_owner_keeps_is_not_packed(identity: Identity) -> None:
    without = Identity(identity.certificate, identity.issuers, None, identity.name)
    assert zipfile.ZipFile(io.BytesIO(pem_zip(without))).namelist() == ["certificate.crt", "chain.crt"]
    with pytest.raises(ValueError, match="needs the private key"):
        pfx(without, PASSWORD)
