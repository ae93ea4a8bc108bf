"""The authorities of an installation: made once, sealed, with lists that are renewed in time."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from cryptography import x509
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from propylon.audit.models import Event
from propylon.certificates.actions import ensure_authorities, issue_server_certificate, renew_crls
from propylon.certificates.models import Authority
from propylon.certificates.selectors import gateway_trust
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
OpenSSL = Callable[..., "CompletedProcess[str]"]


def test_authorities_are_made_once_and_the_root_is_written_on_commit(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        ensure_authorities(acting_user=SYSTEM)
    first = list(Authority.objects.order_by("kind").values())
    settings.PROPYLON_HOME.ca_file.unlink()
    with django_capture_on_commit_callbacks(execute=True):
        ensure_authorities(acting_user=SYSTEM)
    assert list(Authority.objects.order_by("kind").values()) == first
    assert [row["kind"] for row in first] == ["issuing", "root"]
    assert settings.PROPYLON_HOME.ca_file.read_text() == first[1]["certificate_pem"]
    assert "PRIVATE KEY" not in str(first)


def test_nothing_is_issued_before_there_is_an_authority() -> None:
    with pytest.raises(PropylonError) as caught:
        issue_server_certificate(names=["localhost"])
    assert caught.value.code == "certificate.authority.missing"
    assert not Event.objects.exists()
    assert gateway_trust().ca_pem == ""


def test_what_the_gateway_trusts_has_a_list_for_each_authority(authorities: None) -> None:
    trust = gateway_trust()
    issuers = [certificate.subject for certificate in x509.load_pem_x509_certificates(trust.ca_pem.encode())]
    marker = "-----BEGIN X509 CRL-----"
    lists = [x509.load_pem_x509_crl((marker + part).encode()) for part in trust.crl_pem.split(marker)[1:]]
    assert [crl.issuer for crl in lists] == issuers
    assert len(issuers) == 2
    for crl in lists:
        assert crl.next_update_utc is not None
        assert crl.next_update_utc - timezone.now() > timedelta(days=7)


def test_a_server_certificate_serves_every_name(authorities: None, tmp_path: Path, openssl: OpenSSL) -> None:
    chain, key = issue_server_certificate(names=["localhost", "127.0.0.1", "::1"])
    (tmp_path / "server.pem").write_text(chain)
    (tmp_path / "server.key").write_text(key)
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    for host in (("-verify_hostname", "localhost"), ("-verify_ip", "127.0.0.1"), ("-verify_ip", "::1")):
        result = openssl(
            "verify",
            "-x509_strict",
            "-purpose",
            "sslserver",
            "-CAfile",
            "root.pem",
            "-untrusted",
            "issuing.pem",
            *host,
            "server.pem",
        )
        assert result.stdout == "server.pem: OK\n", result.stderr
    leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    assert leaf.not_valid_after_utc - leaf.not_valid_before_utc < timedelta(days=397)
    recorded = Event.objects.get(action="certificate_authority.server_certificate_issued")
    assert int(recorded.data["serial"], 16) == leaf.serial_number


def test_a_list_is_renewed_long_before_it_ends_and_not_earlier(authorities: None) -> None:
    renew_crls()
    assert set(Authority.objects.values_list("crl_number", flat=True)) == {1}
    Authority.objects.filter(kind="issuing").update(crl_next_update=timezone.now() + timedelta(days=20))
    renew_crls()
    issuing, root = Authority.objects.order_by("kind")
    assert (issuing.crl_number, root.crl_number) == (2, 1)
    assert issuing.crl_next_update is not None
    assert issuing.crl_next_update > timezone.now() + timedelta(days=29)
    assert x509.load_pem_x509_crl(issuing.crl_pem.encode()).extensions.get_extension_for_class(
        x509.CRLNumber
    ).value == x509.CRLNumber(2)
