"""The certificate tool by page: looks, converts, keeps nothing (FEATURES C6)."""

from __future__ import annotations

import dataclasses
import io
import logging
import tempfile
import zipfile
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from management import Program
from propylon.gateway.model import GatewayModel
from propylon.kernel.errors import PropylonError
from propylon.toolkit import bounded, bounded_child
from propylon.toolkit.contents import NamedFile
from toolkit.examples import PASSWORD, SERVICE_ACCOUNT, Wish, made

pytestmark = pytest.mark.django_db(databases=["default", "usage"])
PATH = "/tools/certificate"
WHOLE = made(Wish(end=Wish.end.replace(year=2040)))


@pytest.fixture
def browser(program: Program) -> Client:
    client = Client()
    client.force_login(program.people["developer"])
    return client


def sent(browser: Client, *files: bytes, **fields: str) -> Any:
    named = [SimpleUploadedFile(f"file{number}.pfx", data) for number, data in enumerate(files)]
    return browser.post(PATH, {"certificate_files": named, **fields}, secure=True)


def test_a_stranger_signs_in_first() -> None:
    assert Client().get(PATH, secure=True).status_code == 303


def test_it_looks_and_shows_what_is_there(browser: Client) -> None:
    page = sent(browser, WHOLE.pfx(), password=PASSWORD, service_account=SERVICE_ACCOUNT)
    assert page.status_code == 200
    text = page.content.decode()
    assert SERVICE_ACCOUNT in text
    assert "Nordic Issuing" in text
    assert "Nothing speaks against it." in text
    assert PASSWORD not in text
    assert "PRIVATE KEY" not in text


def test_it_makes_the_three_files(browser: Client) -> None:
    answer = sent(browser, WHOLE.pfx(), password=PASSWORD, form="parts")
    assert answer["Content-Disposition"] == 'attachment; filename="identity.zip"'
    assert answer["Cache-Control"] == "no-store"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["certificate.crt", "chain.crt", "private.key"]
    assert load_pem_private_key(archive.read("private.key"), None).public_key() == WHOLE.key.public_key()


def test_a_certificate_and_its_key_become_a_pfx(browser: Client) -> None:
    weak = sent(browser, WHOLE.pem, WHOLE.key_pem, form="pfx", new_password="short")
    assert weak.status_code == 400
    answer = sent(browser, WHOLE.pem + WHOLE.chain_pem, WHOLE.key_pem, form="pfx", new_password="long enough")
    loaded = pkcs12.load_pkcs12(answer.content, b"long enough")
    assert loaded.cert
    assert loaded.cert.certificate == WHOLE.certificate
    assert len(loaded.additional_certs) == 2


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ((WHOLE.pfx(),), {"password": "wrong", "form": "parts"}, "does not open"),
        ((WHOLE.pem,), {"form": "parts"}, "no private key"),
        ((b"hello",), {"form": "pem"}, "none of the formats"),
        ((b"x" * (1024 * 1024 + 1),), {}, "larger than 1024 KB"),
        ((), {}, "required"),
        ((WHOLE.pem,) * 5, {}, "At most 4 files"),
    ],
)
def test_what_does_not_work_is_said_at_the_form(
    browser: Client, files: tuple[bytes, ...], fields: dict[str, str], said: str
) -> None:
    page = sent(browser, *files, **fields)
    assert page.status_code == 400
    assert said in page.content.decode()
    assert "Content-Disposition" not in page


@pytest.mark.parametrize("data", [b"", b"\x30\x80", b"<script>alert(1)</script>", bytes(range(256)) * 40])
def test_hostile_files_are_findings(browser: Client, data: bytes) -> None:
    page = sent(browser, data)
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


def test_nothing_is_stored_or_logged(
    browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even a large upload makes a temporary file, as frameworks do by themselves."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a temporary file was made")

    let_in = next(each.default for each in dataclasses.fields(GatewayModel) if each.name == "max_body_bytes")
    assert let_in < settings.FILE_UPLOAD_MAX_MEMORY_SIZE
    for name in ("NamedTemporaryFile", "TemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, refuse)
    with caplog.at_level(logging.DEBUG):
        assert (
            sent(
                browser, WHOLE.pfx() + b"\0" * 900_000, b"\0" * 900_000, b"\0" * 900_000, password=PASSWORD
            ).status_code
            == 200
        )
        assert sent(browser, WHOLE.pfx(), password=PASSWORD, form="parts").status_code == 200
    assert PASSWORD not in caplog.text
    assert "PRIVATE KEY" not in caplog.text


def test_the_reading_process_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounds that hide inside what is encrypted are not seen beforehand: the process is ended."""
    assert bounded_child._CPU_SECONDS < bounded._SECONDS
    question = bounded.Question([NamedFile("a.crt", WHOLE.pem)])
    assert bounded.ask(question).inspection["common_name"] == SERVICE_ACCOUNT
    monkeypatch.setattr(bounded, "_SECONDS", 0.001)
    with pytest.raises(PropylonError) as caught:
        bounded.ask(question)
    assert caught.value.code == "reading.gave_up"
