"""Every form is read as what it is; what cannot be read says why."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7, pkcs12

from propylon.toolkit.contents import NamedFile
from propylon.toolkit.encryption import MOST_ROUNDS, encryption_of
from propylon.toolkit.openssl_reader import openssl_opinion
from propylon.toolkit.reading import LARGEST_FILE_BYTES, read_files
from toolkit.examples import (
    PASSWORD,
    Made,
    codes,
    contents_of,
    ec_key,
    key_pem,
    looked_at,
    made,
    pfx_encryption,
    rsa_key,
)

WHOLE = made()


def _der(made_one: Made) -> bytes:
    return made_one.certificate.public_bytes(Encoding.DER)


KEY_FORMS = {
    "pkcs8": key_pem(WHOLE.key),
    "sec1": key_pem(WHOLE.key, form=serialization.PrivateFormat.TraditionalOpenSSL),
    "pkcs8 encrypted": key_pem(WHOLE.key, PASSWORD),
    "old pem encrypted": key_pem(WHOLE.key, PASSWORD, serialization.PrivateFormat.TraditionalOpenSSL),
    "pkcs8 der": WHOLE.key.private_bytes(Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
    "sec1 der": WHOLE.key.private_bytes(
        Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    ),
    "after parameters": b"-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
    + key_pem(WHOLE.key),
}
CERTIFICATE_FORMS = {
    "pem": WHOLE.pem,
    "der": _der(WHOLE),
    "der and a line end": _der(WHOLE) + b"\r\n",
    "bare base64": base64.encodebytes(_der(WHOLE)),
    "text around, windows line ends": b"Bag Attributes\r\n  friendlyName: x\r\n"
    + WHOLE.pem.replace(b"\n", b"\r\n")
    + b"end",
    "utf-16": WHOLE.pem.decode().encode("utf-16"),
    "utf-8 with a mark": b"\xef\xbb\xbf" + WHOLE.pem,
    "p7b": pkcs7.serialize_certificates([WHOLE.certificate], Encoding.DER),
    "p7b in pem": pkcs7.serialize_certificates([WHOLE.certificate], Encoding.PEM),
    "p7b that says certificate": pkcs7.serialize_certificates([WHOLE.certificate], Encoding.PEM).replace(
        b"PKCS7", b"CERTIFICATE"
    ),
}


@pytest.mark.parametrize("form", CERTIFICATE_FORMS)
def test_a_certificate_is_read_in_every_form(form: str) -> None:
    read = contents_of(CERTIFICATE_FORMS[form])
    assert read.certificates == (WHOLE.certificate,)
    assert read.files[0].is_read


@pytest.mark.parametrize("form", KEY_FORMS)
def test_a_key_is_read_in_every_form(form: str) -> None:
    read = contents_of(KEY_FORMS[form], passwords=["wrong", PASSWORD])
    assert [each.key.public_key() for each in read.keys] == [WHOLE.key.public_key()]
    assert read.keys[0].was_encrypted == ("encrypted" in form)


@pytest.mark.parametrize("is_legacy", [False, True])
def test_a_pfx_holds_all_three(is_legacy: bool) -> None:
    found = looked_at(WHOLE.pfx(is_legacy=is_legacy), passwords=[PASSWORD])
    assert found.contents.certificates == (WHOLE.certificate, *WHOLE.issuers)
    assert found.identity
    assert found.identity.key
    assert found.identity.issuers == WHOLE.issuers
    assert found.contents.files[0].encryption == ("3DES" if is_legacy else "AES-256")
    assert ("encryption.old" in codes(found)) == is_legacy


def test_a_pair_of_p12_is_one_identity() -> None:
    """FEATURES C6: the certificate in one file and the key in the other, each with its own password."""
    certificate = pkcs12.serialize_java_truststore(
        [pkcs12.PKCS12Certificate(WHOLE.certificate, b"mine")], pfx_encryption("first pass")
    )
    key = pkcs12.serialize_key_and_certificates(b"mine", WHOLE.key, None, None, pfx_encryption("second pass"))
    found = looked_at(certificate, key, passwords=["first pass", "second pass"])
    assert found.identity
    assert found.identity.leaf == WHOLE.certificate
    assert found.identity.key
    assert found.leaf
    assert found.leaf.key.is_private


def test_a_pfx_without_a_key_says_so() -> None:
    found = looked_at(
        pkcs12.serialize_key_and_certificates(b"x", None, WHOLE.certificate, None, pfx_encryption(PASSWORD)),
        passwords=[PASSWORD],
    )
    assert "key.not_in_pfx" in codes(found)


def test_a_p7s_says_that_it_never_holds_a_key(openssl: Callable[..., bytes]) -> None:
    """FEATURES C6: .p7s (which holds no key, and says so)."""
    signed = openssl(
        "cms", "-sign", "-in", "text", "-signer", "one.pem", "-inkey", "one.key", "-outform", "DER",
        **{"text": b"hello", "one.pem": WHOLE.pem, "one.key": WHOLE.key_pem},
    )  # fmt: skip
    found = looked_at(signed)
    assert found.contents.certificates == (WHOLE.certificate,)
    assert found.contents.keys == ()
    assert any("never a private key" in each.sentence for each in found.findings)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b" \r\n ", "file.empty"),
        (b"x" * (10 * 1024 * 1024), "file.too_large"),
        (_der(WHOLE)[:200], "file.cut_off"),
        (WHOLE.pfx()[:700], "file.cut_off"),
        (WHOLE.pem.replace(b"M", b"!", 5), "file.damaged"),
        (b"-----BEGIN CERTIFICATE-----\nabc", "file.damaged"),
        (b"hello world, this is no certificate", "file.unknown"),
        (bytes(range(256)), "file.unknown"),
        (b"\xfe\xed\xfe\xed\x00\x00\x00\x02", "file.java_keystore"),
        (b"<!DOCTYPE html><title>Sign in</title>", "file.web_page"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/signed", "file.mail"),
        (b"ssh-ed25519 AAAA me", "file.ssh_key"),
        (key_pem(ec_key(), form=serialization.PrivateFormat.OpenSSH), "file.ssh_key"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\nxx\n-----END PGP PUBLIC KEY BLOCK-----", "file.pgp"),
        (
            ec_key().public_key().public_bytes(Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
            "file.public_key",
        ),
        (WHOLE.pfx(), "password.needed"),
        (KEY_FORMS["pkcs8 encrypted"], "password.needed"),
        (KEY_FORMS["old pem encrypted"], "password.needed"),
        (WHOLE.pem + rsa_key().private_bytes(
            Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()), "key.does_not_fit"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_says_why(data: bytes, code: str) -> None:
    found = looked_at(data)
    assert code in codes(found)


def test_a_zip_is_told() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("certificate.crt", WHOLE.pem)
    assert "file.zip" in codes(looked_at(target.getvalue()))


@pytest.mark.parametrize("data", [WHOLE.pfx(), WHOLE.pfx(is_legacy=True), KEY_FORMS["pkcs8 encrypted"]])
def test_a_wrong_password_is_told_and_opens_nothing(data: bytes) -> None:
    found = looked_at(data, passwords=["wrong"])
    assert "password.wrong" in codes(found)
    assert found.contents.keys == ()
    assert not found.is_read


def test_a_file_that_asks_for_too_many_rounds_is_not_tried() -> None:
    """Rounds are read before a password is tried: whoever made the file chose them."""
    honest = WHOLE.pfx(rounds=70_000)
    assert encryption_of(honest).rounds == 70_000
    costly = honest.replace((70_000).to_bytes(3, "big"), (8_000_000).to_bytes(3, "big"))
    assert encryption_of(costly).rounds == 8_000_000 > MOST_ROUNDS
    assert "encryption.costly" in codes(looked_at(costly, passwords=["never tried"]))


def test_what_our_library_does_not_read_openssl_is_asked(openssl: Callable[..., bytes]) -> None:
    """DES in old PEM: only openssl's legacy provider still opens it."""
    old = openssl(
        "ec", "-in", "one.key", "-des", "-passout", "pass:old secret", "-provider", "legacy", "-provider", "default",
        **{"one.key": WHOLE.key_pem},
    )  # fmt: skip
    alone = read_files([NamedFile("old.key", old)], ["old secret"])
    assert {each.code for each in alone.findings} == {"encryption.unknown"}
    helped = read_files([NamedFile("old.key", old)], ["old secret"], second_opinion=openssl_opinion)
    assert [each.key.public_key() for each in helped.keys] == [WHOLE.key.public_key()]


def test_rc2_of_old_windows_is_read(openssl: Callable[..., bytes]) -> None:
    """PROTOCOL 3.2: SEB's own sandbox certificate comes in RC2-40."""
    data = openssl(
        "pkcs12", "-export", "-legacy", "-in", "one.pem", "-inkey", "one.key", "-passout", "pass:x",
        **{"one.pem": WHOLE.pem, "one.key": WHOLE.key_pem},
    )  # fmt: skip
    found = looked_at(data, passwords=["x"])
    assert found.identity
    assert found.identity.key
    assert found.contents.files[0].encryption == "RC2, 40 bits and 3DES"


def test_the_bound_is_one_for_all() -> None:
    assert LARGEST_FILE_BYTES == 1024 * 1024
    assert "file.too_many" in codes(looked_at(b"".join(_numbered(number) for number in range(220))))


def _numbered(number: int) -> bytes:
    return key_pem(ec_key(number))
