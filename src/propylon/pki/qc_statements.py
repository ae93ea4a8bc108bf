"""What a qualified certificate says of its holder (ETSI EN 319 412-5, PSD2: ETSI TS 119 495), and how it deviates.

Everything that deviates is a finding. Most deviations of the wild tell no lie: a sandbox takes them (`is_strict` is
false), production does not. What nobody takes is what would give a right that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from asn1crypto import core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from propylon.pki import qc_asn1 as asn1
from propylon.pki.findings import Finding

LARGEST_EXTENSION_BYTES = 16 * 1024
_MOST_ROLES = 16
_UNREADABLE = (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError)
_NCA_ID = re.compile(r"([A-Z]{2})-([A-Z]{2,8})")
_ORGANIZATION = re.compile(r"PSD([A-Z]{2})-([A-Z]{2,8})-(.{1,200})")
# EN 319 412-1, 5.1.4: other registers, for providers to whom their authority gave no number.
_OTHER_ORGANIZATION = re.compile(r"(?:VAT|NTR|LEI|PAS|IDC|[A-Z]{2}:)[A-Z]{2}-.{1,200}")
# What a sandbox takes; everything else is a mistake in every mode.
TOLERATED = frozenset(
    {
        "psd2.statement.bare",
        "psd2.role.name_differs",
        "psd2.nca_name.missing",
        "psd2.nca_id.missing",
        "psd2.nca_id.form",
        "psd2.nca.differs",
        "qc.compliance.missing",
        "qc.type.missing",
        "organization_identifier.missing",
        "organization_identifier.form",
        "organization_identifier.other_register",
        "subject.country.missing",
        "subject.country.form",
        "subject.spaces",
    }
)
# Told, but no mistake in any mode.
_REMARKS = frozenset({"organization_identifier.other_register"})


@dataclass(frozen=True, slots=True)
class OrganizationIdentifier:
    """PSD<country>-<authority>-<number> taken apart; all "" if it is of another register."""

    text: str
    country: str = ""
    authority: str = ""
    number: str = ""

    @property
    def nca_id(self) -> str:
        """ "SE-FINA"; "" if it names no authority."""
        return f"{self.country}-{self.authority}" if self.country else ""


@dataclass(frozen=True, slots=True)
class Qualification:
    """What was read, as far as it could be, and every deviation.

    `roles` are of `qc_asn1.ROLE_NAMES`, by identifier and never by name, in that order. `types` are "web" (QWAC),
    "seal" (QSealC), "sign", or an identifier in dots. Without the extension there are no roles and no findings.
    """

    is_present: bool = False  # the extension is there
    is_qualified: bool = False  # QcCompliance
    types: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    nca_name: str = ""
    nca_id: str = ""
    organization_identifier: OrganizationIdentifier | None = None
    findings: tuple[Finding, ...] = ()

    def mistakes(self, *, is_strict: bool) -> tuple[Finding, ...]:
        """The findings for which it must be refused: strict (production) or tolerant (sandbox)."""
        left = (each for each in self.findings if each.code not in _REMARKS)
        return tuple(each for each in left if is_strict or each.code not in TOLERATED)


def read_qualification(certificate: x509.Certificate) -> Qualification:
    """Never raises: what cannot be read is a finding, and gives no role."""
    findings: list[Finding] = []
    try:
        parsed = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))["tbs_certificate"]
        value = _extension_of(parsed, findings)
    except _UNREADABLE:
        return Qualification(findings=(_unreadable("the certificate's extensions cannot be read"),))
    if value is None:
        return Qualification(findings=tuple(findings))
    statements = _statements(value, findings)
    psd2 = _psd2(statements.get(asn1.PSD2), findings)
    organization = _subject(parsed, findings, has_psd2=psd2 is not None)
    types = _types(statements.get(asn1.QC_TYPE), findings)
    is_qualified = asn1.QC_COMPLIANCE in statements
    if not is_qualified:
        advice = "It does not state that it is a qualified certificate (QcCompliance)."
        findings.append(Finding("qc.compliance.missing", _place("QcCompliance"), advice))
    if psd2 and organization and organization.nca_id and psd2.nca_id and organization.nca_id != psd2.nca_id:
        advice = f"The subject names the authority {organization.nca_id}, the PSD2 statement {_shown(psd2.nca_id)}."
        findings.append(Finding("psd2.nca.differs", _place("PSD2/nCAId"), advice))
    return Qualification(
        is_present=True,
        is_qualified=is_qualified,
        types=types,
        roles=psd2.roles if psd2 else (),
        nca_name=psd2.nca_name if psd2 else "",
        nca_id=psd2.nca_id if psd2 else "",
        organization_identifier=organization,
        findings=tuple(findings),
    )


def _extension_of(parsed: core.Sequence, findings: list[Finding]) -> bytes | None:
    extensions = parsed["extensions"]
    if isinstance(extensions, core.Void):
        return None
    found = [each for each in extensions if each["extn_id"].dotted == asn1.QC_STATEMENTS]
    if len(found) > 1:
        findings.append(_unreadable("the extension is there more than once"))
        return None
    if not found:
        return None
    value: bytes = found[0]["extn_value"].contents
    if len(value) > LARGEST_EXTENSION_BYTES:
        findings.append(_unreadable(f"it has more than {LARGEST_EXTENSION_BYTES} bytes"))
        return None
    return value


def _statements(value: bytes, findings: list[Finding]) -> dict[str, bytes]:
    """Identifier → DER of its information (empty if there is none)."""
    try:
        listed = asn1.Statements.load(value, strict=True)
        if len(listed) and isinstance(listed[0], asn1.Statement):
            return _by_identifier(list(listed), findings)
    except _UNREADABLE:
        pass
    try:
        alone = asn1.Statement.load(value, strict=True)
        bare = _by_identifier([alone], [])
    except _UNREADABLE:
        findings.append(_unreadable("it is no list of statements"))
        return {}
    advice = "The extension holds one statement instead of a list of statements (RFC 3739, 3.2.6)."
    findings.append(Finding("psd2.statement.bare", "#/extensions/qcStatements", advice))
    return bare


def _by_identifier(listed: list[core.Sequence], findings: list[Finding]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for statement in listed:
        identifier = statement["id"].dotted
        info = statement["info"]
        if identifier in found:
            advice = f"The statement {identifier} is there more than once; only the first is read."
            findings.append(Finding("qc.statement.repeated", "#/extensions/qcStatements", advice))
            continue
        found[identifier] = b"" if isinstance(info, core.Void) else info.dump()
    return found


@dataclass(frozen=True, slots=True)
class _Psd2:
    roles: tuple[str, ...]
    nca_name: str
    nca_id: str


def _psd2(der: bytes | None, findings: list[Finding]) -> _Psd2 | None:
    if der is None:
        return None
    try:
        fields = list(core.SequenceOf.load(der, strict=True, spec=core.Any))
        roles = asn1.RolesOfPsp.load(fields[0].dump(), strict=True)
        pairs = [(role["oid"].dotted, str(role["name"].native)) for role in roles]
        words = [str(core.UTF8String.load(field.dump(), strict=True).native) for field in fields[1:3]]
    except _UNREADABLE:
        advice = "The PSD2 statement cannot be read; it gives no role (ETSI TS 119 495, 5.1)."
        findings.append(Finding("psd2.statement.unreadable", _place("PSD2"), advice))
        return None
    name, identifier = (*words, "", "")[:2]
    findings += _role_findings(pairs)
    findings += _authority_findings(name, identifier)
    named = {asn1.ROLES[oid] for oid, _ in pairs[:_MOST_ROLES] if oid in asn1.ROLES}
    return _Psd2(tuple(role for role in asn1.ROLE_NAMES if role in named), name.strip(), identifier.strip())


def _role_findings(pairs: list[tuple[str, str]]) -> Iterator[Finding]:
    place = _place("PSD2/rolesOfPSP")
    if not pairs:
        yield Finding("psd2.roles.missing", place, "The PSD2 statement names no role.")
    if len(pairs) > _MOST_ROLES:
        yield Finding("psd2.roles.too_many", place, f"{len(pairs)} roles are named; there are four.")
    for oid, name in pairs[:_MOST_ROLES]:
        expected = asn1.ROLES.get(oid)
        if expected is None:
            yield Finding("psd2.role.unknown", place, f"The role {_shown(oid)} is not one of ETSI TS 119 495.")
        elif name != expected:
            advice = f"The role {oid} is {expected}, but is called {_shown(name)}. The identifier counts."
            yield Finding("psd2.role.name_differs", place, advice)


def _authority_findings(name: str, identifier: str) -> Iterator[Finding]:
    if not name.strip():
        yield Finding("psd2.nca_name.missing", _place("PSD2/nCAName"), "The competent authority has no name.")
    if not identifier.strip():
        yield Finding("psd2.nca_id.missing", _place("PSD2/nCAId"), "The competent authority has no identifier.")
    elif not _NCA_ID.fullmatch(identifier):
        advice = f"The authority is {_shown(identifier)}; it is written like SE-FINA."
        yield Finding("psd2.nca_id.form", _place("PSD2/nCAId"), advice)


def _types(der: bytes | None, findings: list[Finding]) -> tuple[str, ...]:
    place = _place("QcType")
    if der is None:
        advice = "It does not say whether it is for websites (QWAC) or for seals (QSealC)."
        findings.append(Finding("qc.type.missing", place, advice))
        return ()
    try:
        oids = [each.dotted for each in asn1.TypesInfo.load(der, strict=True)]
    except _UNREADABLE:
        findings.append(Finding("qc.type.unreadable", place, "The type of the qualified certificate cannot be read."))
        return ()
    return tuple(dict.fromkeys(asn1.TYPES.get(oid, oid) for oid in oids[:_MOST_ROLES]))


def _subject(parsed: core.Sequence, findings: list[Finding], *, has_psd2: bool) -> OrganizationIdentifier | None:
    try:
        pairs = [
            (pair["type"].dotted, str(pair["value"].native))
            for relative in parsed["subject"].chosen
            for pair in relative
        ]
    except _UNREADABLE:
        findings.append(Finding("subject.unreadable", "#/subject", "The subject cannot be read."))
        return None
    findings += _country_findings([value for oid, value in pairs if oid == "2.5.4.6"])
    for oid, value in pairs:
        if value != value.strip():
            advice = f"The value {_shown(value)} ({oid}) has white space around it."
            findings.append(Finding("subject.spaces", "#/subject", advice))
    return _organization([value for oid, value in pairs if oid == asn1.ORGANIZATION_IDENTIFIER], findings, has_psd2)


def _country_findings(countries: list[str]) -> Iterator[Finding]:
    if not countries:
        yield Finding("subject.country.missing", "#/subject/countryName", "The subject has no country.")
    for country in countries:
        if not re.fullmatch("[A-Z]{2}", country):
            advice = f"The country is {_shown(country)}; it is written as two letters of ISO 3166: SE."
            yield Finding("subject.country.form", "#/subject/countryName", advice)


def _organization(values: list[str], findings: list[Finding], has_psd2: bool) -> OrganizationIdentifier | None:
    place = "#/subject/organizationIdentifier"
    if not values:
        if has_psd2:
            advice = "The subject has no organizationIdentifier, by which a provider is known: PSDSE-FINA-12345."
            findings.append(Finding("organization_identifier.missing", place, advice))
        return None
    if len(values) > 1:
        advice = "The subject has more than one organizationIdentifier; nobody can say which one counts."
        findings.append(Finding("organization_identifier.repeated", place, advice))
        return None
    text = values[0].strip()
    if found := _ORGANIZATION.fullmatch(text):
        return OrganizationIdentifier(text, *found.groups())
    if _OTHER_ORGANIZATION.fullmatch(text):
        advice = f"{_shown(text)} is of another register than that of a competent authority (EN 319 412-1, 5.1.4)."
        findings.append(Finding("organization_identifier.other_register", place, advice))
    else:
        advice = f"{_shown(text)} is not of the form PSDSE-FINA-12345 (ETSI TS 119 495, 5.2.1)."
        findings.append(Finding("organization_identifier.form", place, advice))
    return OrganizationIdentifier(text)


def _unreadable(why: str) -> Finding:
    return Finding("qc.unreadable", "#/extensions/qcStatements", f"The QCStatements cannot be read: {why}.")


def _place(name: str) -> str:
    return f"#/extensions/qcStatements/{name}"


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:80] + "…")
