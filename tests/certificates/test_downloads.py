"""One-time links (FEATURES C4): opened once, by page or API; what fails leaves the link as it was."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from django.utils import timezone

from certificate_examples import refusal, signing_request
from propylon.applications.models import Client
from propylon.certificates.actions import create_download_link, download, order_certificate, revoke_certificate
from propylon.certificates.models import DownloadLink, Order
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
DEVELOPER = Actor("user", "user_1", "dev@partner.example")
PASSWORD = "correct horse"
Token = Callable[[], str]


@pytest.fixture
def order(client: Client) -> Order:
    return order_certificate(acting_user=DEVELOPER, client=client)


@pytest.mark.parametrize(("form", "options"), [("pfx", ()), ("pfx-legacy", ("-legacy",))])
def test_a_pfx_opens_with_its_password(
    order: Order,
    token_of_mail: Token,
    tmp_path: Path,
    openssl: Callable[..., CompletedProcess[str]],
    form: str,
    options: tuple[str, ...],
) -> None:
    bundle = download(token=token_of_mail(), format=form, password=PASSWORD)
    assert (bundle.filename, bundle.content_type) == ("svcFirstV01.pfx", "application/x-pkcs12")
    (tmp_path / "identity.pfx").write_bytes(bundle.content)
    result = openssl("pkcs12", "-in", "identity.pfx", "-passin", f"pass:{PASSWORD}", "-nodes", *options)
    assert result.returncode == 0, result.stderr
    assert "BEGIN PRIVATE KEY" in result.stdout
    assert order.certificate.certificate_pem in result.stdout


def test_a_zip_holds_certificate_chain_and_its_key(order: Order, token_of_mail: Token) -> None:
    archive = zipfile.ZipFile(io.BytesIO(download(token=token_of_mail(), format="pem").content))
    assert archive.namelist() == ["certificate.crt", "chain.crt", "private.key"]
    key = serialization.load_pem_private_key(archive.read("private.key"), password=None)
    assert key.public_key() == x509.load_pem_x509_certificate(archive.read("certificate.crt")).public_key()
    order.refresh_from_db()
    assert (order.status, order.key_sealed) == ("downloaded", "")


def test_a_link_opened_twice_is_told_so(order: Order, token_of_mail: Token) -> None:
    token = token_of_mail()
    download(token=token, format="pem")
    assert refusal(lambda: download(token=token, format="pem")) == "certificate.link.used"
    gone = refusal(lambda: create_download_link(acting_user=DEVELOPER, order=order))
    assert gone == "certificate.key.gone"


def test_mistakes_are_all_listed_and_leave_the_link_as_it_was(order: Order, token_of_mail: Token) -> None:
    token = token_of_mail()
    with pytest.raises(PropylonError) as caught:
        download(token=token, format="jks", password="short")
    assert [error.field for error in caught.value.errors] == ["format", "password"]
    for form, password in (("pfx", ""), ("pfx", "seven77"), ("pfx-legacy", "x" * 129), ("pfx", "eight\0777"), ("", "")):
        code = refusal(lambda form=form, password=password: download(token=token, format=form, password=password))
        assert code == "certificate.download.invalid"
    assert download(token=token, format="pfx", password=PASSWORD).content


def test_a_link_ends_and_an_unknown_one_never_was(order: Order, token_of_mail: Token) -> None:
    DownloadLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refusal(lambda: download(token=token_of_mail(), format="pem")) == "certificate.link.expired"
    assert refusal(lambda: download(token="x" * 43, format="pem")) == "certificate.link.unknown"
    assert refusal(lambda: download(token="", format="pem")) == "certificate.link.unknown"


def test_a_new_link_ends_the_one_before(order: Order, token_of_mail: Token) -> None:
    first = token_of_mail()
    create_download_link(acting_user=DEVELOPER, order=order)
    second = token_of_mail()
    assert first != second
    assert refusal(lambda: download(token=first, format="pem")) == "certificate.link.expired"
    assert download(token=second, format="pem").content


def test_only_the_digest_of_the_secret_is_stored(order: Order, token_of_mail: Token) -> None:
    assert token_of_mail() not in str(list(DownloadLink.objects.values()))


def test_with_a_key_of_ones_own_there_is_no_pfx_but_any_number_of_links(client: Client, token_of_mail: Token) -> None:
    pem, _ = signing_request("svcFirstV01")
    order = order_certificate(acting_user=DEVELOPER, client=client, csr_pem=pem)
    token = token_of_mail()
    code = refusal(lambda: download(token=token, format="pfx", password=PASSWORD))
    assert code == "certificate.download.invalid"
    for _ in range(2):
        bundle = download(token=token_of_mail(), format="pem")
        assert zipfile.ZipFile(io.BytesIO(bundle.content)).namelist() == ["certificate.crt", "chain.crt"]
        create_download_link(acting_user=DEVELOPER, order=order)


def test_a_revoked_certificate_is_not_handed_out(order: Order, token_of_mail: Token) -> None:
    revoke_certificate(acting_user=DEVELOPER, certificate=order.certificate)
    order.refresh_from_db()
    assert order.key_sealed == ""
    assert refusal(lambda: download(token=token_of_mail(), format="pem")) == "certificate.link.expired"
    code = refusal(lambda: create_download_link(acting_user=DEVELOPER, order=order))
    assert code == "certificate.revoked"


def test_there_is_no_link_before_there_is_a_certificate(make_client: Callable[..., Client]) -> None:
    order = order_certificate(acting_user=DEVELOPER, client=make_client("Prod", approves=False))
    code = refusal(lambda: create_download_link(acting_user=DEVELOPER, order=order))
    assert code == "certificate.order.not_issued"
