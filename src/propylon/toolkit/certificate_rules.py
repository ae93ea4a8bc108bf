"""What is wrong with a client certificate by itself. One rule, one function; the table at the end is all of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from propylon.pki.keys import key_mistake
from propylon.toolkit.facts import CertificateFacts, extension_of, extensions_of
from propylon.toolkit.findings import Finding, finding, of_rule, shown
from propylon.toolkit.identity import is_self_issued
from propylon.toolkit.words import Severity

SOON_DAYS = 30
_MOST_NAMES = 100
_LONGEST_SERIAL_BITS = 159  # RFC 5280 section 4.1.2.2
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
_NEXT_QUALIFIED = "Show this to your trust service provider; a sandbox may take the certificate nevertheless."
_TOLD_BY_OTHER_RULES = frozenset({"subject.spaces", "subject.country.form", "subject.country.missing"})


@dataclass(frozen=True, slots=True)
class Case:
    """`service_account` is the common name that is wanted; "" if nobody said."""

    certificate: x509.Certificate
    facts: CertificateFacts
    now: datetime
    service_account: str = ""


def certificate_findings(case: Case) -> tuple[Finding, ...]:
    return tuple(found for rule in _RULES for found in rule(case))


def _readable(case: Case) -> Iterator[Finding]:
    for part in case.facts.unreadable:
        yield finding("certificate.part_unreadable", certificate=case.facts.label, part=part[:1].upper() + part[1:])


def _version(case: Case) -> Iterator[Finding]:
    if case.facts.version != 3:
        yield finding("certificate.version", certificate=case.facts.label)


def _validity(case: Case) -> Iterator[Finding]:
    start, end, label = case.facts.not_before, case.facts.not_after, case.facts.label
    if start is None or end is None:
        return
    if end <= start:
        yield finding("certificate.validity_empty", certificate=label)
    elif end < case.now:
        yield finding("certificate.expired", certificate=label, when=moment(end))
    elif start > case.now:
        yield finding("certificate.not_yet_valid", certificate=label, when=moment(start))
    elif (days := (end - case.now).days) <= SOON_DAYS:
        yield finding("certificate.ends_soon", certificate=label, when=moment(end), days=days)


def _authority(case: Case) -> Iterator[Finding]:
    if case.facts.is_authority:
        yield finding("certificate.authority", certificate=case.facts.label)
    if is_self_issued(case.certificate):
        yield finding("certificate.self_signed", certificate=case.facts.label)


def _signature(case: Case) -> Iterator[Finding]:
    try:
        digest = case.certificate.signature_hash_algorithm
    except _UNREADABLE:
        return
    if isinstance(digest, hashes.SHA1 | hashes.MD5):
        name = "SHA-1" if isinstance(digest, hashes.SHA1) else "MD5"
        yield finding("certificate.signature_weak", certificate=case.facts.label, digest=name)


def _key(case: Case) -> Iterator[Finding]:
    try:
        mistake = key_mistake(case.certificate.public_key())
    except _UNREADABLE:
        return  # _readable tells it
    if mistake:
        yield finding("certificate.key_refused", certificate=case.facts.label, mistake=mistake)


def _critical_extensions(case: Case) -> Iterator[Finding]:
    for extension in extensions_of(case.certificate):
        if extension.critical and isinstance(extension.value, x509.UnrecognizedExtension):
            oid = extension.oid.dotted_string
            yield finding("certificate.critical_unknown", certificate=case.facts.label, oid=oid)


def _usage(case: Case) -> Iterator[Finding]:
    extensions, label = extensions_of(case.certificate), case.facts.label
    if case.facts.qualification and "seal" in case.facts.qualification.types:
        yield finding("certificate.seal", certificate=label)
    extended = extension_of(extensions, x509.ExtendedKeyUsage)
    wanted = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    if extended is not None and not wanted & set(extended):
        yield finding("certificate.no_client_usage", certificate=label)
    plain = extension_of(extensions, x509.KeyUsage)
    if plain is not None and not plain.digital_signature and not case.facts.is_authority:
        yield finding("certificate.no_signature_usage", certificate=label)


def _common_name(case: Case) -> Iterator[Finding]:
    names = case.facts.common_names
    if not names and "the subject" not in case.facts.unreadable:
        yield finding("common_name.missing", certificate=case.facts.label)
    if len(names) > 1:
        yield finding("common_name.several", certificate=case.facts.label, count=len(names))
    for name in names[:5]:
        if not name.isprintable():
            yield finding("common_name.hidden_characters", name=shown(name))
        elif name != name.strip():
            yield finding("common_name.spaces", name=shown(name))
    wanted = case.service_account
    if wanted and names and wanted not in {name.strip() for name in names}:
        yield finding("common_name.wrong", name=shown(names[0]), expected=shown(wanted))


def _country(case: Case) -> Iterator[Finding]:
    try:
        countries = case.certificate.subject.get_attributes_for_oid(NameOID.COUNTRY_NAME)
    except _UNREADABLE:
        return
    for country in countries[:5]:
        if not re.fullmatch("[A-Z]{2}", str(country.value)):
            yield finding("certificate.country", certificate=case.facts.label, country=shown(str(country.value)))


def _names(case: Case) -> Iterator[Finding]:
    if case.facts.name_count > _MOST_NAMES:
        yield finding("certificate.names_many", certificate=case.facts.label, count=case.facts.name_count)


def _serial(case: Case) -> Iterator[Finding]:
    try:
        number = case.certificate.serial_number
    except _UNREADABLE:
        return
    if number <= 0 or number.bit_length() > _LONGEST_SERIAL_BITS:
        yield finding("certificate.serial", certificate=case.facts.label, serial=case.facts.serial[:60])


def _qualification(case: Case) -> Iterator[Finding]:
    read = case.facts.qualification
    strict = {each.code for each in read.mistakes(is_strict=False)} if read else set()
    for found in read.findings if read else ():
        if found.code not in _TOLD_BY_OTHER_RULES:
            yield of_rule(found, Severity.ERROR if found.code in strict else Severity.WARNING, _NEXT_QUALIFIED)


def moment(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M} UTC"


_RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    _readable,
    _version,
    _validity,
    _authority,
    _signature,
    _key,
    _critical_extensions,
    _usage,
    _common_name,
    _country,
    _names,
    _serial,
    _qualification,
)
