"""`propylon cert`: four files in, three files out, and a sentence for everything that does not work."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key, pkcs7

from propylon.cli.cert import converting, requesting
from propylon.cli.cert.command import COMMANDS, cert
from propylon.kernel.errors import PropylonError
from propylon.toolkit.outputs import FORMS
from propylon.toolkit.own_request import KEY_KINDS
from toolkit.examples import PASSWORD, SERVICE_ACCOUNT, Wish, ec_key, key_pem, made

WHOLE = made(Wish(end=Wish.end.replace(year=2040)))
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """In a folder of its own; an error of the house becomes its sentence, as `main` prints it."""
    monkeypatch.chdir(tmp_path)
    Path("partner.pfx").write_bytes(WHOLE.pfx())
    Path("certificate.pem").write_bytes(WHOLE.pem)
    Path("key.pem").write_bytes(WHOLE.key_pem)
    Path("chain.p7b").write_bytes(pkcs7.serialize_certificates([WHOLE.certificate, *WHOLE.issuers], Encoding.DER))

    def call(*arguments: str, **options: str) -> Result:
        result = CliRunner().invoke(cert, arguments, **options)  # type: ignore[arg-type]
        if isinstance(result.exception, PropylonError):
            return _told(result, result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


def _told(result: Result, error: PropylonError) -> Result:
    result.stderr_bytes = error.message.encode()
    return result


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_extract_writes_the_three_files_with_safe_permissions(run: Run) -> None:
    """Issue 6: certificate.crt, chain.crt (where there is one), private.key (decrypted)."""
    previous = os.umask(0)
    try:
        assert run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out").exit_code == 0
    finally:
        os.umask(previous)
    assert Path("out/certificate.crt").read_bytes() == WHOLE.pem
    assert Path("out/chain.crt").read_bytes() == WHOLE.chain_pem
    key = load_pem_private_key(Path("out/private.key").read_bytes(), None)
    assert key.public_key() == WHOLE.key.public_key()
    assert (mode("out"), mode("out/private.key"), mode("out/certificate.crt")) == (0o700, 0o600, 0o644)
    assert sorted(each.name for each in Path("out").iterdir()) == ["certificate.crt", "chain.crt", "private.key"]


def test_keep_encrypted_keeps_the_password(run: Run) -> None:
    assert run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out", "--keep-encrypted").exit_code == 0
    data = Path("out/private.key").read_bytes()
    assert b"BEGIN ENCRYPTED PRIVATE KEY" in data
    assert load_pem_private_key(data, PASSWORD.encode()).public_key() == WHOLE.key.public_key()
    plain = run("extract", "certificate.pem", "key.pem", "--out", "other", "--keep-encrypted")
    assert plain.exit_code == 2
    assert not Path("other").exists()


def test_nothing_is_overwritten_without_force(run: Run) -> None:
    Path("out").mkdir()
    Path("out/private.key").write_text("mine")
    refused = run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out")
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert [each.name for each in Path("out").iterdir()] == ["private.key"]
    assert Path("out/private.key").read_text() == "mine"
    assert run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out", "--force").exit_code == 0
    assert mode("out/private.key") == 0o600


def test_a_link_is_not_followed(run: Run, tmp_path: Path) -> None:
    Path("out").mkdir()
    elsewhere = tmp_path / "elsewhere"
    Path("out/private.key").symlink_to(elsewhere)
    assert run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out").exit_code == 1
    assert not elsewhere.exists()
    assert run("extract", "partner.pfx", "--password", PASSWORD, "--out", "out", "--force").exit_code == 0
    assert not elsewhere.exists()
    assert not Path("out/private.key").is_symlink()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("partner.pfx",), "no password was given"),
        (("partner.pfx", "--password", "wrong"), "does not open partner.pfx"),
        (("chain.p7b",), "never a private key"),
        (("certificate.pem",), "no private key"),
        (("key.pem",), "no certificate"),
        (("nowhere.pfx",), "no such file"),
    ],
)
def test_what_does_not_work_is_a_sentence_and_writes_nothing(run: Run, options: tuple[str, ...], said: str) -> None:
    refused = run("extract", *options, "--out", "out")
    assert refused.exit_code == 1
    assert said in refused.stderr
    assert not Path("out").exists()


def test_certificates_alone_where_there_is_no_key(run: Run) -> None:
    assert run("extract", "chain.p7b", "--certificates-only", "--out", "out").exit_code == 0
    assert sorted(each.name for each in Path("out").iterdir()) == ["certificate.crt", "chain.crt"]


def test_the_password_needs_not_stand_in_the_shells_history(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("secret.txt").write_text(f"{PASSWORD}\nsecond line")
    monkeypatch.setenv("PFX_PASSWORD", PASSWORD)
    assert run("inspect", "partner.pfx", "--password-file", "secret.txt").exit_code == 0
    assert run("inspect", "partner.pfx", "--password-env", "PFX_PASSWORD").exit_code == 0
    assert run("inspect", "partner.pfx", "--password-file", "-", input=f"{PASSWORD}\n").exit_code == 0
    assert run("inspect", "partner.pfx", "--password-env", "NOT_SET").exit_code == 2


def test_inspect_says_all_in_json(run: Run) -> None:
    """Issue 6: subject, issuer, serial, validity, key, usages, CN, PSD2 roles and findings."""
    result = run("inspect", "partner.pfx", "--password", PASSWORD, "--json")
    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert told["subject"] == f"C=SE,CN={SERVICE_ACCOUNT}"
    assert told["issuer"] == "CN=Nordic Issuing"
    assert told["serial"] == "4711"
    assert set(told["validity"]) == {"not_before", "not_after"}
    assert (told["key"]["algorithm"], told["key"]["bits"], told["key"]["is_private"]) == ("EC", 256, True)
    assert told["usages"] == ["digitalSignature", "clientAuth"]
    assert (told["common_name"], told["psd2_roles"], told["findings"]) == (SERVICE_ACCOUNT, [], [])
    assert [each["common_name"] for each in told["chain"]] == ["Nordic Issuing", "Nordic Root"]
    assert PASSWORD not in result.output


def test_inspect_ends_with_1_and_a_sentence_when_it_cannot_read(run: Run) -> None:
    Path("text.cer").write_text("hello")
    result = run("inspect", "text.cer", "--json")
    assert result.exit_code == 1
    assert [each["code"] for each in json.loads(result.stdout)["findings"]] == ["file.unknown"]
    assert "none of the formats" in result.stderr


def test_check_ends_with_1_when_something_would_be_refused(run: Run) -> None:
    Path("ca.crt").write_bytes(WHOLE.issuers[1].public_bytes(Encoding.PEM))
    good = ("check", "certificate.pem", "key.pem", "chain.p7b", "--ca", "ca.crt")
    assert run(*good, "--service-account", SERVICE_ACCOUNT).exit_code == 0
    other = run(*good, "--service-account", "svcOtherV01", "--json")
    assert other.exit_code == 1
    assert json.loads(other.stdout)["is_good"] is False
    assert run("check", "certificate.pem").exit_code == 1


@pytest.mark.parametrize("form", FORMS)
def test_convert_writes_every_form(run: Run, form: str) -> None:
    Path("new.txt").write_text("another secret")
    secret = ("--new-password-file", "new.txt") if FORMS[form].needs_password else ()
    out = f"identity{FORMS[form].suffix}"
    assert run("convert", "partner.pfx", "--password", PASSWORD, "--to", form, "--out", out, *secret).exit_code == 0
    assert mode(out) == (0o600 if FORMS[form].has_key else 0o644)
    told = json.loads(run("inspect", out, "--password", "another secret", "--json").stdout)
    assert told["has_private_key"] == FORMS[form].has_key
    assert form == "key" or told["common_name"] == SERVICE_ACCOUNT


def test_a_weak_password_makes_no_file(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEW", "short")
    refused = run("convert", "certificate.pem", "key.pem", "--to", "pfx", "--out", "x.pfx", "--new-password-env", "NEW")
    assert refused.exit_code == 1
    assert not Path("x.pfx").exists()


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa2048"])
def test_csr_makes_a_key_and_a_request_that_an_order_takes(run: Run, kind: str) -> None:
    assert run("csr", SERVICE_ACCOUNT, "--key-type", kind, "--out", "mine").exit_code == 0
    request = x509.load_pem_x509_csr(Path("mine/request.csr").read_bytes())
    assert request.is_signature_valid
    assert request.subject.rfc4514_string() == f"CN={SERVICE_ACCOUNT}"
    assert load_pem_private_key(Path("mine/private.key").read_bytes(), None).public_key() == request.public_key()
    assert mode("mine/private.key") == 0o600


def test_csr_with_ones_own_key(run: Run) -> None:
    Path("hsm.key").write_bytes(key_pem(ec_key(5)))
    assert run("csr", SERVICE_ACCOUNT, "--key", "hsm.key", "--out", "mine").exit_code == 0
    assert [each.name for each in Path("mine").iterdir()] == ["request.csr"]
    assert run("csr", "has space ", "--out", "mine2").exit_code == 1
    assert not Path("mine2").exists()


def test_choices_of_the_help_are_those_of_the_toolkit() -> None:
    assert set(converting._FORMS) == set(FORMS)
    assert all(f"{name} " in (converting.convert.help or "") for name in FORMS)
    assert set(requesting._KINDS) == set(KEY_KINDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(run: Run, name: str) -> None:
    told = run(name, "--help")
    assert told.exit_code == 0
    command = cert.get_command(click.Context(cert), name)
    assert command
    assert command.short_help == COMMANDS[name][2]


def test_it_starts_with_the_extra_alone() -> None:
    """The extra propylon[toolkit]: click, cryptography and, where QCStatements are, asn1crypto."""
    code = (
        "import sys; from propylon.cli.main import propylon\n"
        "try: propylon(['cert', 'inspect', sys.argv[1]], prog_name='propylon')\nexcept SystemExit: pass\n"
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, os.devnull], capture_output=True, text=True, check=True, cwd="/"
    )
    foreign = set(answer.stderr.splitlines()[-1].split()) - set(sys.stdlib_module_names) - {"__main__"}
    # What the environment loads by itself (.pth files) is not the command's.
    own = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert foreign - {name.partition(".")[0] for name in own.stdout.split()} <= {
        "propylon",
        "click",
        "cryptography",
        "_cffi_backend",
        "_openssl",
    }


def test_help_reads_no_certificates() -> None:
    code = (
        "import sys; from propylon.cli.main import propylon\n"
        "try: propylon(['cert', 'extract', '--help'])\nexcept SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"cryptography", "asn1crypto", "ssl", "subprocess", "django"} & set(answer.stderr.split())
