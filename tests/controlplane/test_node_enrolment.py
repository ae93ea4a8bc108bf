"""Which certificate is believed for which node: enrolled, renewed, enrolled again, removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.utils import timezone

from propylon.audit.models import Event
from propylon.certificates.actions import ensure_authorities, issue_control_plane_certificate
from propylon.certificates.selectors import gateway_trust
from propylon.controlplane.actions import Running, record_confirmation
from propylon.controlplane.models import Enrolment, Node
from propylon.controlplane.node_enrolment import (
    believe_node,
    enrol_node,
    remove_node,
    renew_node_certificate,
)
from propylon.gateway.node_bundle import CONTROL_PLANE_NAME, NodeBundle, host_and_port, read_bundle
from propylon.kernel.actor import Actor
from propylon.kernel.errors import PropylonError

pytestmark = pytest.mark.django_db
OPERATOR = Actor("system", "command-line", "propylon node")


def _enrol(name: str = "node-2") -> NodeBundle:
    return enrol_node(acting_user=OPERATOR, name=name, address="10.0.0.1:8445")


def _der(pem: str) -> bytes:
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(serialization.Encoding.DER)


def _csr(name: str = "node-2") -> str:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def _refusal(name: str, certificate: bytes | None) -> str:
    with pytest.raises(PropylonError) as raised:
        believe_node(name, certificate)
    return raised.value.code


def test_a_bundle_says_all_that_a_node_needs_and_comes_back_whole() -> None:
    bundle = _enrol()
    assert read_bundle(bundle.as_text()) == bundle
    certificate = x509.load_pem_x509_certificate(bundle.certificate_pem.encode())
    usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usages) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(bundle.ca_pem.encode()))
    assert certificate.not_valid_after_utc - timezone.now() < timedelta(days=90)
    for text in ("", "[]", "{}", '{"node": 1}', bundle.as_text().replace(":8445", "")):
        with pytest.raises(ValueError, match=r".+"):
            read_bundle(text)


@pytest.mark.parametrize(
    ("text", "found"), [("host:1", ("host", 1)), ("[::]:8445", ("::", 8445)), ("0.0.0.0:1", ("0.0.0.0", 1))]
)
def test_an_address_is_host_and_port(text: str, found: tuple[str, int]) -> None:
    assert host_and_port(text) == found
    for wrong in ("host", ":1", "host:", "host:0", "host:x", "host:70000", "a@host:1", "host:1/path"):
        with pytest.raises(ValueError, match=r".+"):
            host_and_port(wrong)


def test_a_node_is_believed_for_its_own_name_alone() -> None:
    second, third = _enrol("node-2"), _enrol("node-3")
    believe_node("node-2", _der(second.certificate_pem))
    assert _refusal("node-2", _der(third.certificate_pem)) == "controlplane.node.foreign_name"
    assert _refusal("node-2", None) == "controlplane.node.foreign_name"
    assert _refusal("node-1", _der(second.certificate_pem)) == "controlplane.node.foreign_name"


def test_the_nodes_authority_is_trusted_for_nothing_else() -> None:
    ensure_authorities(acting_user=OPERATOR)
    bundle, own = _enrol(), issue_control_plane_certificate()
    assert bundle.ca_pem not in gateway_trust().ca_pem
    assert own.ca_pem == bundle.ca_pem
    certificate = x509.load_pem_x509_certificate(own.certificate_pem.encode())
    extensions = certificate.extensions
    assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [ExtendedKeyUsageOID.SERVER_AUTH]
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [CONTROL_PLANE_NAME]


def test_a_node_that_is_enrolled_again_keeps_its_record_and_loses_the_certificate_before() -> None:
    before = _enrol()
    record_confirmation(node="node-2", running={"cds": Running("c1")})
    seen = Node.objects.get(name="node-2")
    after = _enrol()
    believe_node("node-2", _der(after.certificate_pem))
    assert _refusal("node-2", _der(before.certificate_pem)) == "controlplane.node.not_enrolled"
    assert Node.objects.get(name="node-2").pk == seen.pk
    assert list(Event.objects.filter(object_kind="node").values_list("action", flat=True).order_by("pk")) == [
        "node.enrolled",
        "node.enrolled_again",
    ]


def test_a_removed_node_is_refused_and_forgotten() -> None:
    bundle = _enrol()
    record_confirmation(node="node-2", running={"cds": Running("c1")})
    remove_node(acting_user=OPERATOR, name="node-2")
    assert _refusal("node-2", _der(bundle.certificate_pem)) == "controlplane.node.not_enrolled"
    assert not Node.objects.filter(name="node-2").exists()
    with pytest.raises(PropylonError, match=r"controlplane\.node\.unknown"):
        remove_node(acting_user=OPERATOR, name="node-2")


def test_a_certificate_that_has_ended_is_refused_on_a_connection_that_is_still_open() -> None:
    bundle = _enrol()
    Enrolment.objects.update(not_after=timezone.now())
    assert _refusal("node-2", _der(bundle.certificate_pem)) == "controlplane.node.not_enrolled"


def test_the_forerunner_is_believed_until_the_new_one_was_seen_and_a_minute_longer() -> None:
    old = _der(_enrol().certificate_pem)
    lost = renew_node_certificate(name="node-2", certificate=old, csr_pem=_csr())
    believe_node("node-2", old)  # the answer never arrived
    renewed = renew_node_certificate(name="node-2", certificate=old, csr_pem=_csr())
    assert _refusal("node-2", _der(lost.certificate_pem)) == "controlplane.node.not_enrolled"
    new = _der(renewed.certificate_pem)
    believe_node("node-2", new)
    believe_node("node-2", old)
    with pytest.raises(PropylonError, match=r"controlplane\.node\.not_enrolled"):
        renew_node_certificate(name="node-2", certificate=old, csr_pem=_csr())  # whoever else has the bundle
    Enrolment.objects.update(previous_ends_at=timezone.now())
    assert _refusal("node-2", old) == "controlplane.node.not_enrolled"
    believe_node("node-2", new)
    assert timezone.now() + timedelta(days=50) < renewed.renew_after < renewed.ends_at - timedelta(days=29)


def test_a_node_gets_no_certificate_for_another_name() -> None:
    bundle = _enrol()
    with pytest.raises(PropylonError, match=r"certificate\.csr\.refused"):
        renew_node_certificate(name="node-2", certificate=_der(bundle.certificate_pem), csr_pem=_csr("node-3"))
    believe_node("node-2", _der(bundle.certificate_pem))


@pytest.mark.parametrize("name", ["", "a b", "x" * 61, "node/2", "node-2\n", "node-1"])
def test_a_name_is_one_that_an_address_may_hold_and_not_that_of_the_own_node(name: str) -> None:
    with pytest.raises(PropylonError, match=r"controlplane\.node\.name_invalid"):
        _enrol(name)
    assert not Enrolment.objects.exists()
