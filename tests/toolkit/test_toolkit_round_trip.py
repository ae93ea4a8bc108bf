"""What the toolkit writes, other programs read: openssl, curl, keytool; and what they write, it reads."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.toolkit.identity import Identity
from propylon.toolkit.outputs import FORMS, converted, taken_apart
from propylon.toolkit.own_request import request_for
from toolkit.examples import NOW, SERVICE_ACCOUNT, YEAR, Made, Wish, authorities, ec_key, looked_at, made, rsa_key
from toolkit.tls_places import files, http, place, tls_server

SECRET = "another secret"
LONG = NOW + 14 * YEAR
WHOLE = made(Wish(end=LONG))
RSA = made(Wish(end=LONG, key=rsa_key))
NO_KEYTOOL = "keytool is not on this machine: JAVA'S READING OF .pfx AND .p7b WAS NOT TRIED. Install a JDK to try it."


def identity(one: Made) -> Identity:
    found = looked_at(one.pem + one.chain_pem, one.key_pem)
    assert found.identity
    return found.identity


def written(one: Made, form: str) -> bytes:
    password = SECRET if FORMS[form].needs_password else ""
    return converted(identity(one), form, password=password).data


@pytest.mark.parametrize("one", [WHOLE, RSA], ids=["EC", "RSA"])
@pytest.mark.parametrize(
    ("form", "command", "holds"),
    [
        ("pfx", ("pkcs12", "-in", "x", "-passin", f"pass:{SECRET}", "-noenc"), {"CERTIFICATE", "PRIVATE KEY"}),
        (
            "pfx-legacy",
            ("pkcs12", "-in", "x", "-passin", f"pass:{SECRET}", "-noenc", "-legacy"),
            {"CERTIFICATE", "PRIVATE KEY"},
        ),
        ("pem", ("x509", "-in", "x"), {"CERTIFICATE"}),
        ("key", ("pkey", "-in", "x"), {"PRIVATE KEY"}),
        ("crt", ("x509", "-in", "x"), {"CERTIFICATE"}),
        ("der", ("x509", "-in", "x", "-inform", "DER"), {"CERTIFICATE"}),
        ("p7b", ("pkcs7", "-in", "x", "-inform", "DER", "-print_certs"), {"CERTIFICATE"}),
    ],
)
def test_openssl_reads_every_form(
    openssl: Callable[..., bytes], one: Made, form: str, command: tuple[str, ...], holds: set[str]
) -> None:
    printed = openssl(*command, x=written(one, form))
    back = looked_at(printed)
    if "CERTIFICATE" in holds:
        assert one.certificate in back.contents.certificates  # PKCS #7 has no order of its own
    if "PRIVATE KEY" in holds:
        assert back.contents.keys[0].key.public_key() == one.key.public_key()


def test_every_form_is_tried() -> None:
    assert set(FORMS) == {"pfx", "pfx-legacy", "pem", "key", "crt", "der", "p7b"}


def test_an_encrypted_key_is_opened_by_openssl(openssl: Callable[..., bytes]) -> None:
    parts = {part.name: part.data for part in taken_apart(identity(WHOLE), key_password=SECRET)}
    plain = openssl("pkey", "-in", "private.key", "-passin", f"pass:{SECRET}", **parts)
    assert load_pem_private_key(plain, None).public_key() == WHOLE.key.public_key()


def test_openssl_verifies_the_chain_and_the_request_that_are_written(openssl: Callable[..., bytes]) -> None:
    parts = {part.name: part.data for part in taken_apart(identity(WHOLE))}
    openssl("verify", "-CAfile", "root.crt", "-untrusted", "chain.crt", "-no_check_time", "certificate.crt",
            **parts, **{"root.crt": authorities()[0].pem})  # fmt: skip
    printed = openssl(
        "req", "-verify", "-noout", "-subject", "-in", "r.csr", **{"r.csr": request_for("svcX", ec_key()).data}
    )
    assert b"svcX" in printed


def test_openssl_made_files_are_read(openssl: Callable[..., bytes]) -> None:
    export = ("pkcs12", "-export", "-in", "one.pem", "-inkey", "one.key")
    given = {"one.pem": RSA.pem, "one.key": RSA.key_pem, "chain.pem": RSA.chain_pem}
    made_by_it = {
        "pfx": openssl(*export, "-certfile", "chain.pem", "-passout", "pass:x", **given),
        "no integrity check": openssl(*export, "-nomac", "-passout", "pass:x"),
        "no encryption": openssl(*export, "-keypbe", "NONE", "-certpbe", "NONE", "-passout", "pass:x"),
        "empty password": openssl(*export, "-passout", "pass:"),
        "pkcs1": openssl("rsa", "-in", "one.key", "-traditional") + RSA.pem,
        "pkcs1 aes": openssl("rsa", "-in", "one.key", "-traditional", "-aes256", "-passout", "pass:x") + RSA.pem,
        "pkcs8 scrypt": openssl("pkcs8", "-topk8", "-in", "one.key", "-scrypt", "-passout", "pass:x") + RSA.pem,
        "pkcs8 3des": openssl("pkcs8", "-topk8", "-in", "one.key", "-v1", "PBE-SHA1-3DES", "-passout", "pass:x")
        + RSA.pem,
        "with a trust mark": openssl("x509", "-in", "one.pem", "-trustout", "-addtrust", "clientAuth") + RSA.key_pem,
    }
    for how, data in made_by_it.items():
        found = looked_at(data, passwords=["x"])
        assert found.identity, how
        assert found.identity.leaf == RSA.certificate, how
        assert found.identity.key, how


def test_curl_calls_with_what_was_written(tmp_path: Path) -> None:
    for part in taken_apart(identity(WHOLE)):
        (tmp_path / part.name).write_bytes(part.data)
    (tmp_path / "identity.pfx").write_bytes(written(WHOLE, "pfx"))
    (tmp_path / "identity.pem").write_bytes(written(WHOLE, "pem"))
    (tmp_path / "ca.crt").write_bytes(authorities()[0].pem)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    server = Wish(
        names=((NameOID.COMMON_NAME, "localhost"),),
        end=LONG,
        extended=(ExtendedKeyUsageOID.SERVER_AUTH,),
        more=((names, False),),
    )
    handle = tls_server(files(tmp_path, "server", made(server)), tmp_path / "ca.crt", http("200 OK", b"seen"))
    (tmp_path / "whole.crt").write_bytes(
        (tmp_path / "certificate.crt").read_bytes() + (tmp_path / "chain.crt").read_bytes()
    )
    with place(handle) as listening:
        for how in (
            ("--cert", "whole.crt", "--key", "private.key"),
            ("--cert", f"identity.pfx:{SECRET}", "--cert-type", "P12"),
            ("--cert", "identity.pem"),
        ):
            command = [
                "curl",
                "-sS",
                "--noproxy",
                "*",
                "--cacert",
                "ca.crt",
                *how,
                f"https://localhost:{listening.port}/",
            ]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=30)
            assert done.stdout == "seen", done.stderr


@pytest.mark.parametrize(
    "form", ["pfx", pytest.param("pfx-legacy", marks=pytest.mark.slow), pytest.param("p7b", marks=pytest.mark.slow)]
)
def test_keytool_reads_what_was_written(tmp_path: Path, form: str) -> None:
    if shutil.which("keytool") is None:
        pytest.skip(NO_KEYTOOL)
    (tmp_path / "x").write_bytes(written(WHOLE, form))
    options = ("-printcert", "-file", "x") if form == "p7b" else ("-list", "-v", "-keystore", "x", "-storepass", SECRET)
    done = subprocess.run(["keytool", *options], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"CN={SERVICE_ACCOUNT}" in done.stdout
    assert form == "p7b" or "PrivateKeyEntry" in done.stdout


@pytest.mark.slow
def test_what_keytool_writes_is_read(tmp_path: Path) -> None:
    if shutil.which("keytool") is None:
        pytest.skip(NO_KEYTOOL)
    asked = f"-genkeypair -alias me -keyalg RSA -dname CN={SERVICE_ACCOUNT} -validity 90 -storetype PKCS12"
    command = ["keytool", *asked.split(), "-keystore", "java.p12", "-storepass", "changeit"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    found = looked_at((tmp_path / "java.p12").read_bytes(), passwords=["changeit"])
    assert found.identity
    assert found.identity.key
    assert isinstance(found.identity.key.key, rsa.RSAPrivateKey)
    assert found.leaf
    assert found.leaf.common_name == SERVICE_ACCOUNT
