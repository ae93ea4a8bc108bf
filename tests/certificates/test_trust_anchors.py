"""Foreign authorities (FEATURES C3, C8; PROTOCOL 3.3): PEM and trusted lists in, with their CRLs to the listener."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings
from hypothesis import strategies as st

from foreign_authority import ForeignAuthority
from propylon.audit.models import Event
from propylon.certificates.actions import add_trust_anchors, ensure_authorities, remove_trust_anchor, set_revocations
from propylon.certificates.models import Authority, TrustAnchor
from propylon.certificates.selectors import gateway_trust
from propylon.kernel.actor import SYSTEM, Actor
from propylon.kernel.errors import PropylonError
from propylon.pki.trusted_list import read_trusted_list

OPERATOR = Actor("user", "user_2", "ops@bank.example")
NOW = datetime.now(UTC)
_TYPE = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
_GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
_WEB = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForWebSiteAuthentication"


def service(certificate: str, *, kind: str = _TYPE, status: str = _GRANTED, use: str = _WEB) -> str:
    return f"""<TSPService><ServiceInformation><ServiceTypeIdentifier>{kind}</ServiceTypeIdentifier>
<ServiceName><Name xml:lang="en">Qualified web</Name><Name xml:lang="sv">Kvalificerad webb</Name></ServiceName>
<ServiceDigitalIdentity><DigitalId><X509Certificate>{certificate}</X509Certificate></DigitalId></ServiceDigitalIdentity>
<ServiceStatus>{status}</ServiceStatus><ServiceInformationExtensions><Extension Critical="false">
<AdditionalServiceInformation><URI xml:lang="en">{use}</URI></AdditionalServiceInformation></Extension>
</ServiceInformationExtensions></ServiceInformation><ServiceHistory><ServiceHistoryInstance>
<ServiceTypeIdentifier>{_TYPE}</ServiceTypeIdentifier><ServiceStatus>{_GRANTED}</ServiceStatus>
</ServiceHistoryInstance></ServiceHistory></TSPService>"""


def trusted_list(*services: str, next_update: str = "2099-01-01T00:00:00Z", before: str = "") -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>{before}
<TrustServiceStatusList xmlns="http://uri.etsi.org/02231/v2#" xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
<SchemeInformation><SchemeTerritory>SE</SchemeTerritory><NextUpdate><dateTime>{next_update}</dateTime></NextUpdate>
</SchemeInformation><TrustServiceProviderList><TrustServiceProvider><TSPServices>{"".join(services)}</TSPServices>
</TrustServiceProvider></TrustServiceProviderList><ds:Signature/></TrustServiceStatusList>""".encode()


def base64_of(authority: ForeignAuthority) -> str:
    return base64.encodebytes(authority.certificate.public_bytes(Encoding.DER)).decode()


def refused(data: bytes) -> list[str]:
    """The findings, after which nothing has changed."""
    before = list(TrustAnchor.objects.values()), Event.objects.count()
    with pytest.raises(PropylonError) as caught:
        add_trust_anchors(acting_user=OPERATOR, data=data)
    assert caught.value.code == "trust_anchor.refused"
    assert (list(TrustAnchor.objects.values()), Event.objects.count()) == before
    return [error.reason.partition(":")[0] for error in caught.value.errors]


@pytest.fixture(scope="module")
def foreign() -> ForeignAuthority:
    return ForeignAuthority("Trust Service AG Web CA")


@pytest.mark.django_db
def test_an_anchor_reaches_the_listener_with_its_first_revocation_list_and_leaves_it(foreign: ForeignAuthority) -> None:
    ensure_authorities(acting_user=SYSTEM)
    own = gateway_trust()
    anchor = add_trust_anchors(acting_user=OPERATOR, data=foreign.pem.encode()).anchors[0]
    assert (anchor.state, anchor.name) == ("waiting", "Trust Service AG Web CA")
    assert gateway_trust() == own, "Envoy would refuse everything of an authority without a list"
    anchor = set_revocations(acting_user=OPERATOR, anchor=anchor, data=foreign.crl())
    assert anchor.state == "in_force"
    trust = gateway_trust()
    assert trust.ca_pem == own.ca_pem + foreign.pem
    assert trust.crl_pem.startswith(own.crl_pem)
    assert trust.crl_pem.count("BEGIN X509 CRL") == 3
    remove_trust_anchor(acting_user=OPERATOR, anchor=anchor)
    assert gateway_trust() == own
    actions = list(Event.objects.filter(object_kind="trust_anchor").order_by("pk").values_list("action", flat=True))
    assert actions == ["trust_anchor.added", "trust_anchor.revocation_list_set", "trust_anchor.removed"]


@pytest.mark.django_db
def test_what_is_there_already_is_not_added_again(foreign: ForeignAuthority) -> None:
    add_trust_anchors(acting_user=OPERATOR, data=foreign.pem.encode())
    again = add_trust_anchors(acting_user=OPERATOR, data=(foreign.pem * 2).encode())
    assert (len(again.anchors), again.known, TrustAnchor.objects.count()) == (0, 1, 1)


@pytest.mark.django_db
def test_what_is_no_authority_or_not_now_is_refused_with_each_reason(foreign: ForeignAuthority) -> None:
    ensure_authorities(acting_user=SYSTEM)
    leaf, _ = foreign.issue("svcTestV01")
    assert refused(leaf.encode()) == ["trust_anchor.no_authority", "trust_anchor.key_usage"]
    assert refused(ForeignAuthority("Old", days=-1).pem.encode()) == ["trust_anchor.validity"]
    weak = ForeignAuthority("Weak", key=rsa.generate_private_key(65537, 1024))
    assert refused(weak.pem.encode()) == ["trust_anchor.key"]
    assert refused(b"hello") == ["trust_anchor.unreadable"]
    assert refused(foreign.pem.replace("MII", "AAA", 1).encode()) == ["trust_anchor.unreadable"]
    assert refused(b"x" * (8 * 1024 * 1024 + 1)) == ["text.too_large"]


@pytest.mark.django_db
def test_an_authority_with_the_name_of_ours_is_refused() -> None:
    ensure_authorities(acting_user=SYSTEM)
    ours = x509.load_pem_x509_certificate(Authority.objects.get(kind="issuing").certificate_pem.encode())
    twin = ForeignAuthority("", subject=ours.subject)
    assert refused(twin.pem.encode()) == ["trust_anchor.own_name"]


@pytest.mark.django_db
def test_a_revocation_list_is_the_authoritys_own_whole_and_in_its_time(foreign: ForeignAuthority) -> None:
    anchor = add_trust_anchors(acting_user=OPERATOR, data=foreign.pem.encode()).anchors[0]
    namesake = ForeignAuthority("Trust Service AG Web CA", key=ec.generate_private_key(ec.SECP256R1()))
    cases = {
        "revocation_list.issuer": ForeignAuthority("Another").crl(),
        "revocation_list.signature": namesake.crl(),
        "revocation_list.old": foreign.crl(days=-1),
        "revocation_list.partial": foreign.crl(is_delta=True),
        "revocation_list.unreadable": b"hello",
    }
    for code, data in cases.items():
        with pytest.raises(PropylonError) as caught:
            set_revocations(acting_user=OPERATOR, anchor=anchor, data=data)
        assert [error.reason.partition(":")[0] for error in caught.value.errors] == [code]
    anchor.refresh_from_db()
    assert anchor.state == "waiting"
    set_revocations(acting_user=OPERATOR, anchor=anchor, data=foreign.crl(days=5))
    with pytest.raises(PropylonError) as caught:
        set_revocations(acting_user=OPERATOR, anchor=anchor, data=foreign.crl(days=4))
    assert "revocation_list.older" in caught.value.errors[0].reason


@pytest.mark.django_db
def test_of_a_trusted_list_only_what_issues_for_websites_now_is_taken(foreign: ForeignAuthority) -> None:
    other = base64_of(ForeignAuthority("Not wanted"))
    data = trusted_list(
        service(base64_of(foreign)),
        service(other, use=_WEB.replace("ForWebSiteAuthentication", "ForeSeals")),
        service(other, status=_GRANTED.replace("granted", "withdrawn")),
        service(other, kind="http://uri.etsi.org/TrstSvc/Svctype/TSA/QTST"),
        service(base64_of(ForeignAuthority("Ended", days=-1))),
        service("AAAA"),
    )
    found = add_trust_anchors(acting_user=OPERATOR, data=data)
    assert [(anchor.name, anchor.source) for anchor in found.anchors] == [("Qualified web", "trusted list SE")]
    assert (found.is_list, found.others) == (True, 3)
    assert [finding.code for finding in found.left_out] == ["trusted_list.certificate", "trust_anchor.validity"]
    assert TrustAnchor.objects.get().fingerprint == foreign.certificate.fingerprint(hashes.SHA256()).hex()


_ENTITIES = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]>'
_FILE = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    "data",
    [
        trusted_list(before=_ENTITIES),
        trusted_list(service("&b;"), before=_FILE),
        trusted_list(next_update="2020-01-01T00:00:00Z"),
        trusted_list(next_update=""),
        trusted_list()[:-20],
        b"<a/>",
        b"<a>" * 100,
        trusted_list(service("A" * 70_000)),
        b"",
    ],
    ids=["entities", "a file", "ended", "endless", "cut off", "something else", "deep", "a long text", "empty"],
)
def test_what_is_no_list_of_now_gives_nobody(data: bytes) -> None:
    found = read_trusted_list(data, now=NOW)
    assert (found.authorities, [finding.code for finding in found.findings]) == ((), ["trusted_list.unusable"])


def test_that_a_list_is_signed_is_told_and_nothing_is_said_of_by_whom(foreign: ForeignAuthority) -> None:
    found = read_trusted_list(trusted_list(service(base64_of(foreign))), now=NOW)
    assert (found.is_signed, found.territory, found.next_update) == (True, "SE", datetime(2099, 1, 1, tzinfo=UTC))
    assert found.authorities[0].certificate == foreign.certificate
    assert found.next_update > NOW + timedelta(days=1)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1500), st.binary(max_size=8))
def test_any_change_of_a_list_is_read_without_a_crash(place: int, piece: bytes) -> None:
    data = trusted_list(service("AAAA"))
    read_trusted_list(data[:place] + piece + data[place + len(piece) :], now=NOW)
