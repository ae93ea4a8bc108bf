"""Every finding of the toolkit: its code, how grave it is, what is the case, and what to do next. One table.

`{name}` stands for a value. docs/reference/certificate-findings.md is made from it. Findings about signing requests and
PSD2 statements come from pki with words of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """An error is refused somewhere for sure; a warning may be; a note only tells."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Words:
    severity: Severity
    sentence: str
    next_step: str


def _error(sentence: str, next_step: str) -> Words:
    return Words(Severity.ERROR, sentence, next_step)


def _warning(sentence: str, next_step: str) -> Words:
    return Words(Severity.WARNING, sentence, next_step)


def _note(sentence: str, next_step: str) -> Words:
    return Words(Severity.NOTE, sentence, next_step)


_FILES = {
    "file.not_found": _error("{file} cannot be read: {reason}.", "Check the name, and that you may read it."),
    "file.empty": _error("{file} is empty.", "Fetch it again."),
    "file.too_large": _error(
        "{file} is larger than {limit} KB; certificates and keys take a few.",
        "Name the file of the certificate itself.",
    ),
    "file.too_many": _error(
        "The files hold more than {limit} things together.", "Name only the files that belong to one identity."
    ),
    "file.unknown": _error(
        "{file} is in none of the formats that hold certificates or keys.",
        "Name a .pfx, .p12, .p7b, .p7s, .cer, .crt, .pem, .key or .csr file, PEM or DER.",
    ),
    "file.cut_off": _error(
        "{file} is cut off: it should have {wanted} bytes and has {there}.", "Copy or download it again, as binary."
    ),
    "file.damaged": _error("{file} looks like {format}, but it is damaged.", "Ask for it again, or export it again."),
    "file.utf16": _note(
        "{file} is text in UTF-16, which most programs do not read.", "Save it as UTF-8, or convert it."
    ),
    "file.java_keystore": _error(
        "{file} is a Java keystore (JKS).",
        "Turn it into PKCS #12 first: keytool -importkeystore -srckeystore FILE -destkeystore identity.p12 "
        "-deststoretype pkcs12",
    ),
    "file.zip": _error("{file} is a zip archive.", "Unpack it and name the files that were in it."),
    "file.web_page": _error(
        "{file} is a web page, not a certificate: the download led to a page for signing in, or to an error.",
        "Open the link in a browser and download again.",
    ),
    "file.mail": _error("{file} is a whole mail.", "Save its attachment (smime.p7s) and name that."),
    "file.ssh_key": _error(
        "{file} is a key for SSH, in OpenSSH's own form.",
        "If it is the key of the certificate: ssh-keygen -p -m PKCS8 -f FILE makes a form that TLS knows.",
    ),
    "file.pgp": _error("{file} is for PGP, which is something else than X.509.", "Name the certificate's file."),
    "file.public_key": _note(
        "{file} holds a public key alone.", "It is no secret and no certificate; the private key is another file."
    ),
    "file.revocation_list": _note("{file} holds a revocation list.", "It is not needed to call an API."),
    "file.encrypted_message": _error(
        "{file} is an encrypted message (PKCS #7), which holds no certificate that could be read.",
        "Ask for the certificate itself.",
    ),
    "password.needed": _error(
        "{file} is encrypted, and no password was given.",
        "Give it by --password-file FILE or --password-env NAME, or type it when asked.",
    ),
    "password.wrong": _error(
        "The password does not open {file}.",
        "Check for a space at its end and the keyboard's language; ask who made the file.",
    ),
    "encryption.old": _warning(
        "{file} is encrypted in an old way ({encryption}), which new programs refuse to read.",
        "Make a new one: propylon cert convert FILE --to pfx --out identity.pfx",
    ),
    "encryption.unknown": _error(
        "{file} is encrypted in a way that is not read here.",
        "Install openssl with its legacy provider and try again, or ask for the file in AES-256.",
    ),
    "encryption.costly": _error(
        "{file} asks for {rounds} rounds to try one password; {limit} are the most that are tried.",
        "Ask for the file with fewer rounds.",
    ),
    "reading.gave_up": _error(
        "Reading took longer or more memory than a certificate may take.", "Ask for the file in another form."
    ),
}

_KEYS = {
    "key.never_in_format": _note(
        "{file} is {format}: it holds certificates only, never a private key.",
        "The private key is where the signing request was made; look for a .key, .pfx or .p12 file there.",
    ),
    "key.not_in_pfx": _warning(
        "{file} could hold a private key, but does not.",
        "Export it again with its private key (in Windows: “Yes, export the private key”).",
    ),
    "key.missing": _error(
        "There is no private key for {certificate}.", "Name the file with the key as well; without it nobody can call."
    ),
    "key.does_not_fit": _error(
        "The private key does not belong to {certificate}.",
        "Find the key that its signing request was made with, or order a new certificate.",
    ),
    "key.certificate_missing": _error(
        "There is a private key, but no certificate.", "Name the file with the certificate as well."
    ),
    "key.unprotected": _note(
        "The private key in {file} is not encrypted.",
        "Let only the program that uses it read the file (mode 0600), or convert it with a pass phrase.",
    ),
    "key.unreadable": _error("The private key in {file} cannot be read.", "Export it again, as PKCS #8 or PKCS #12."),
    "key.refused": _error("{mistake}", "Make a new key (propylon cert csr), and order a certificate for it."),
}

_CERTIFICATES = {
    "certificate.none": _error("There is no certificate in what was given.", "Name the file with the certificate."),
    "certificate.unreadable": _error(
        "A certificate in {file} cannot be read.", "Ask who issued it for a certificate by RFC 5280."
    ),
    "certificate.part_unreadable": _error(
        "{part} of {certificate} cannot be read.", "Ask who issued it for a certificate by RFC 5280."
    ),
    "certificate.version": _warning(
        "{certificate} is of X.509 version 1, without extensions: it does not say what it may be used for.",
        "It works where it is entered by hand; ask for a version 3 certificate before it ends.",
    ),
    "certificate.expired": _error("{certificate} ended on {when}.", "Order a new one and put it in its place."),
    "certificate.ends_soon": _warning("{certificate} ends on {when}, in {days} days.", "Order its successor now."),
    "certificate.not_yet_valid": _error(
        "{certificate} is valid from {when} on, which is not yet.", "Check this machine's clock, or wait."
    ),
    "certificate.validity_empty": _error("{certificate} ends before it begins.", "Ask who issued it for another."),
    "certificate.self_signed": _warning(
        "{certificate} is signed by its own key: no authority stands behind it.",
        "Use it only where it was entered by hand; otherwise order one from an authority.",
    ),
    "certificate.authority": _error(
        "{certificate} is an authority's certificate, not an application's.",
        "Name the certificate that it issued for you.",
    ),
    "certificate.signature_weak": _error(
        "{certificate} is signed with {digest}, which can be forged.",
        "Order one that is signed with SHA-256 or better.",
    ),
    "certificate.key_refused": _error(
        "{certificate}: {mistake}", "Make a new key (propylon cert csr), and order a certificate for it."
    ),
    "certificate.critical_unknown": _error(
        "{certificate} has a critical extension that is unknown here ({oid}): who does not know it must refuse it.",
        "Ask who issued it for a certificate without.",
    ),
    "certificate.no_client_usage": _error(
        "{certificate} may not be used by a client: its extended key usage lacks clientAuth.",
        "Order a certificate for client authentication.",
    ),
    "certificate.no_signature_usage": _error(
        "{certificate} may not sign: its key usage lacks digitalSignature, which TLS needs.",
        "Order a certificate for client authentication.",
    ),
    "certificate.seal": _error(
        "{certificate} is a certificate for seals (QSealC), not for connections (QWAC).",
        "Sign documents with it; for two-way TLS, order a QWAC.",
    ),
    "certificate.country": _warning(
        "{certificate}: the country is {country}, which is not two letters of ISO 3166.", "Ask for one with C=SE, DE …"
    ),
    "certificate.names_many": _warning(
        "{certificate} has {count} alternative names; so large a certificate can break a handshake.",
        "Ask for one with only the names that are needed.",
    ),
    "certificate.serial": _warning(
        "{certificate}: the serial number {serial} is not one by RFC 5280 (positive, at most 20 octets).",
        "Ask who issued it for another.",
    ),
    "common_name.missing": _error(
        "{certificate} has no common name (CN).", "Order one whose CN is the service account."
    ),
    "common_name.several": _error(
        "{certificate} has {count} common names.", "Order one with exactly one, the service account."
    ),
    "common_name.spaces": _warning(
        "The common name {name} has a space before or after it: it is not the same name as without.",
        "Ask for a certificate without the space, or have the service account compared without it.",
    ),
    "common_name.hidden_characters": _error(
        "The common name {name} holds characters that cannot be seen, such as NUL.",
        "Do not use it: such names are made to be taken for another. Order a new one.",
    ),
    "common_name.wrong": _error(
        "The common name is {name}; the service account is {expected}.",
        "Use the service account's own certificate, or order one for it.",
    ),
}

_CHAINS = {
    "chain.issuer_missing": _note(
        "The certificate of its issuer ({issuer}) is not among the files.",
        "If the server knows that issuer, none is needed; otherwise name the file with the chain (.p7b, chain.crt).",
    ),
    "chain.signature_wrong": _error(
        "{certificate} names {issuer} as its issuer, but is not signed by the certificate of that name.",
        "Fetch the issuer's certificate again: it may have been renewed with another key.",
    ),
    "chain.issuer_expired": _error("The issuer {issuer} ended on {when}.", "Fetch the issuer's new certificate."),
    "chain.issuer_no_authority": _error(
        "The issuer {issuer} is not marked as an authority (CA:TRUE).", "Ask who issued it for the right chain."
    ),
    "chain.not_trusted": _error(
        "The chain of {certificate} does not lead to one of the authorities in {file}.",
        "Use a certificate of an authority that the server trusts, or name the right file with --ca.",
    ),
    "chain.others": _note(
        "{count} certificates belong to another chain than that of {certificate}.", "They are left aside."
    ),
}

WORDS: Mapping[str, Words] = MappingProxyType({**_FILES, **_KEYS, **_CERTIFICATES, **_CHAINS})
