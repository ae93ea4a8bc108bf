"""Signing requests (RFC 2986): each deviation has its coded finding, and all of them are told at once."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from propylon.kernel.errors import PropylonError
from propylon.pki.signing_request import CheckedRequest, check_request

WANTED = "svcTestV01"
DER, PEM = serialization.Encoding.DER, serialization.Encoding.PEM
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def builder(*common_names: str) -> x509.CertificateSigningRequestBuilder:
    names = [x509.NameAttribute(NameOID.COMMON_NAME, name) for name in common_names]
    return x509.CertificateSigningRequestBuilder().subject_name(x509.Name(names))


def request_for(
    name: str = WANTED, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey = EC_KEY
) -> x509.CertificateSigningRequest:
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    return builder(name).sign(key, digest)


def codes_of(data: bytes) -> list[str]:
    with pytest.raises(PropylonError) as caught:
        check_request(data, common_name=WANTED)
    assert caught.value.code == "certificate.csr.refused"
    return [error.reason.partition(":")[0] for error in caught.value.errors]


def openssl_request(folder: Path, *arguments: str, key: str = "rsa:2048") -> bytes:
    where = folder / "made.csr"
    command = ["openssl", "req", "-new", "-newkey", key, "-nodes", "-keyout", str(folder / "key.pem")]
    subprocess.run(
        [*command, "-subj", f"/CN={WANTED}", "-out", str(where), *arguments], check=True, capture_output=True
    )
    return where.read_bytes()


@pytest.mark.parametrize(
    "key",
    [
        EC_KEY,
        ec.generate_private_key(ec.SECP384R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["P-256", "P-384", "RSA 2048"],
)
@pytest.mark.parametrize("form", ["pem", "der", "base64"])
def test_a_right_request_passes_in_every_form(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, form: str) -> None:
    request = request_for(key=key)
    der = request.public_bytes(DER)
    data = {"pem": request.public_bytes(PEM), "der": der, "base64": base64.encodebytes(der)}[form]
    checked = check_request(data, common_name=WANTED)
    assert checked.public_key == key.public_key()
    assert checked.pem == request.public_bytes(PEM).decode()


def test_a_request_of_the_openssl_command_passes(tmp_path: Path) -> None:
    assert check_request(openssl_request(tmp_path), common_name=WANTED).common_name == WANTED


def _with_many_names(count: int) -> bytes:
    names = x509.SubjectAlternativeName([x509.DNSName(f"h{number}.example.com") for number in range(count)])
    return builder(WANTED).add_extension(names, critical=False).sign(EC_KEY, hashes.SHA256()).public_bytes(PEM)


def _as_authority() -> bytes:
    extension = x509.BasicConstraints(ca=True, path_length=None)
    return builder(WANTED).add_extension(extension, critical=True).sign(EC_KEY, hashes.SHA256()).public_bytes(PEM)


def _broken_signature() -> bytes:
    der = bytearray(request_for().public_bytes(DER))
    der[-1] ^= 1
    return bytes(der)


def _other_name_than_signed() -> bytes:
    return request_for("svcTestV02").public_bytes(DER).replace(b"svcTestV02", WANTED.encode())


def _key_and_request() -> bytes:
    key = EC_KEY.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key + request_for().public_bytes(PEM)


DEVIATING: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "csr.unreadable"),
    "not a request": (lambda: b"hello", "csr.unreadable"),
    "binary noise": (lambda: bytes(range(256)), "csr.unreadable"),
    "PEM without content": (
        lambda: b"-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n",
        "csr.unreadable",
    ),
    "cut in the middle": (lambda: request_for().public_bytes(DER)[:100], "csr.unreadable"),
    "10 MB": (lambda: b"A" * 10_000_000, "csr.too_large"),
    "10,000 names": (lambda: _with_many_names(10_000), "csr.too_large"),
    "100 names": (lambda: _with_many_names(100), "csr.extensions.names"),
    "an authority": (_as_authority, "csr.extensions.authority"),
    "with its private key": (_key_and_request, "csr.private_key_included"),
    "broken signature": (_broken_signature, "csr.signature.invalid"),
    "changed after signing": (_other_name_than_signed, "csr.signature.invalid"),
    "wrong CN": (lambda: request_for("svcOtherV01").public_bytes(PEM), "csr.common_name.wrong"),
    "CN in other case": (lambda: request_for(WANTED.upper()).public_bytes(PEM), "csr.common_name.wrong"),
    "CN that looks alike": (lambda: request_for("svcT\u0435stV01").public_bytes(PEM), "csr.common_name.wrong"),
    "trailing space": (lambda: request_for(WANTED + " ").public_bytes(PEM), "csr.common_name.whitespace"),
    "leading tab": (lambda: request_for("\t" + WANTED).public_bytes(PEM), "csr.common_name.whitespace"),
    "NUL": (lambda: request_for(WANTED + "\0").public_bytes(PEM), "csr.common_name.whitespace"),
    "line break": (lambda: request_for(WANTED + "\n").public_bytes(PEM), "csr.common_name.whitespace"),
    "no CN": (lambda: builder().sign(EC_KEY, hashes.SHA256()).public_bytes(PEM), "csr.common_name.count"),
    "two CNs": (
        lambda: builder(WANTED, WANTED).sign(EC_KEY, hashes.SHA256()).public_bytes(PEM),
        "csr.common_name.count",
    ),
    "Ed25519": (
        lambda: request_for(key=ed25519.Ed25519PrivateKey.generate()).public_bytes(PEM),
        "csr.key.refused",
    ),
    "P-521": (
        lambda: request_for(key=ec.generate_private_key(ec.SECP521R1())).public_bytes(PEM),
        "csr.key.refused",
    ),
    "small exponent": (
        lambda: request_for(key=rsa.generate_private_key(3, 2048)).public_bytes(PEM),
        "csr.key.refused",
    ),
}


@pytest.mark.parametrize("deviation", DEVIATING)
def test_a_deviating_request_is_refused_with_its_code(deviation: str) -> None:
    make, code = DEVIATING[deviation]
    assert codes_of(make()) == [code]


@pytest.mark.parametrize(("digest", "code"), [("-md5", "csr.signature.weak"), ("-sha1", "csr.signature.weak")])
def test_a_weak_digest_is_named(tmp_path: Path, digest: str, code: str) -> None:
    assert codes_of(openssl_request(tmp_path, digest)) == [code]


def test_an_rsa_key_of_1024_bits_is_refused(tmp_path: Path) -> None:
    assert codes_of(openssl_request(tmp_path, "-sha256", key="rsa:1024")) == ["csr.key.refused"]


def test_every_finding_is_told_at_once(tmp_path: Path) -> None:
    data = openssl_request(
        tmp_path, "-md5", "-addext", "subjectAltName=DNS:a.example", "-subj", "/CN=other ", key="rsa:1024"
    )
    found = codes_of(data)
    assert found == ["csr.signature.weak", "csr.key.refused", "csr.common_name.whitespace", "csr.extensions.names"]


def test_a_checked_request_cannot_be_made_by_hand() -> None:
    with pytest.raises(TypeError):
        CheckedRequest("", WANTED, EC_KEY.public_key(), object())
