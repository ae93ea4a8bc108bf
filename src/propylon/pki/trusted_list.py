"""Trusted lists of the EU (ETSI TS 119 612): which authorities issue qualified certificates for websites.

The text is read by expat with document types forbidden, so that there are no entities to expand; bounded in size, depth
and number. **Its signature (XAdES) is not verified here**: who adds a list vouches for where it came from.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.parsers import expat

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from propylon.pki.findings import Finding

_MOST_SERVICES = 5_000
_DEEPEST = 64
_LONGEST_TEXT = 64 * 1024  # of one element; a certificate has about 3 KB
_TSL = "http://uri.etsi.org/02231/v2#"
_ISSUES_QUALIFIED = "http://uri.etsi.org/TrstSvc/Svctype/CA/QC"
_GRANTED = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/granted"
_FOR_WEBSITES = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/ForWebSiteAuthentication"
_SERVICE = "TrustServiceProvider/TSPServices/TSPService/ServiceInformation"


@dataclass(frozen=True, slots=True)
class ListedAuthority:
    """A service that issues qualified certificates for websites, and is granted now."""

    name: str
    certificate: x509.Certificate


@dataclass(frozen=True, slots=True)
class TrustedList:
    """What the list says now; services of other kinds and of the past are left out, `others` counts them."""

    territory: str
    next_update: datetime | None
    is_signed: bool  # there is a signature; nobody has verified it
    authorities: tuple[ListedAuthority, ...]
    others: int
    findings: tuple[Finding, ...]


class _Forbidden(Exception):  # noqa: N818  (it ends the reading)
    pass


@dataclass(slots=True)
class _Service:
    type: str = ""
    status: str = ""
    names: list[str] = field(default_factory=list)
    certificates: list[str] = field(default_factory=list)
    information: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Reading:
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    length: int = 0
    namespace: str = ""
    territory: str = ""
    next_update: str = ""
    is_signed: bool = False
    service: _Service = field(default_factory=_Service)
    services: list[_Service] = field(default_factory=list)

    def start(self, name: str, _: object) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self.path:
            self.namespace = namespace
        self.path.append(local)
        if len(self.path) > _DEEPEST:
            raise _Forbidden("its elements are nested too deeply")
        if local == "ServiceInformation":
            self.service = _Service()
        self.is_signed |= self.path == ["TrustServiceStatusList", "Signature"]
        self.text, self.length = [], 0

    def characters(self, text: str) -> None:
        self.length += len(text)
        if self.length > _LONGEST_TEXT:
            raise _Forbidden("one of its elements is too long")
        self.text.append(text)

    def end(self, _: str) -> None:
        where, text = "/".join(self.path), "".join(self.text).strip()
        self.path.pop()
        self.text, self.length = [], 0
        if where.endswith("SchemeInformation/SchemeTerritory"):
            self.territory = text[:20]
        elif where.endswith("SchemeInformation/NextUpdate/dateTime"):
            self.next_update = text[:40]
        elif f"{_SERVICE}/" in where:
            self._of_service(where.rpartition(f"{_SERVICE}/")[2], text)
        elif where.endswith(_SERVICE):
            self.services.append(self.service)
            if len(self.services) > _MOST_SERVICES:
                raise _Forbidden("it has too many services")

    def _of_service(self, where: str, text: str) -> None:
        service = self.service
        if where == "ServiceTypeIdentifier":
            service.type = text
        elif where == "ServiceStatus":
            service.status = text
        elif where == "ServiceName/Name":
            service.names.append(text[:200])
        elif where == "ServiceDigitalIdentity/DigitalId/X509Certificate":
            service.certificates.append(text)
        elif where.endswith("AdditionalServiceInformation/URI"):
            service.information.add(text)

    def forbid(self, *_: object) -> None:
        raise _Forbidden("it has a document type, which a trusted list has not")


def read_trusted_list(data: bytes, *, now: datetime) -> TrustedList:
    """Never raises; a list that cannot be used has findings and no authorities."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = reading.start, reading.end
    parser.CharacterDataHandler = reading.characters
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = reading.forbid
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except (_Forbidden, expat.ExpatError, ValueError, LookupError) as why:
        return _unusable(f"It cannot be read: {str(why)[:200]}.")
    if reading.namespace != _TSL:
        return _unusable("It is no trusted list (TrustServiceStatusList of ETSI TS 119 612).")
    next_update = _time(reading.next_update)
    if next_update is None or next_update <= now:
        return _unusable("It has ended, or does not say when it ends. Get the newest list of the territory.")
    findings: list[Finding] = []
    wanted = [service for service in reading.services if _is_wanted(service)]
    authorities = tuple(each for service in wanted for each in _authorities(service, findings))
    return TrustedList(
        reading.territory,
        next_update,
        reading.is_signed,
        authorities,
        len(reading.services) - len(wanted),
        tuple(findings),
    )


def _is_wanted(service: _Service) -> bool:
    return service.type == _ISSUES_QUALIFIED and service.status == _GRANTED and _FOR_WEBSITES in service.information


def _authorities(service: _Service, findings: list[Finding]) -> Iterator[ListedAuthority]:
    name = service.names[0] if service.names else ""
    for text in service.certificates:
        try:
            der = base64.b64decode("".join(text.split()), validate=True)
            yield ListedAuthority(name, x509.load_der_x509_certificate(der))
        except (binascii.Error, ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
            advice = f"A certificate of the service {name[:80]!a} cannot be read."
            findings.append(Finding("trusted_list.certificate", "#/ServiceDigitalIdentity", advice))


def _time(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _unusable(why: str) -> TrustedList:
    return TrustedList("", None, False, (), 0, (Finding("trusted_list.unusable", "#", why),))
