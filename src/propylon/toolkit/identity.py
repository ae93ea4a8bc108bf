"""Which of the certificates is the application's, with which key, and who issued it."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from propylon.toolkit.contents import Contents, FoundKey
from propylon.toolkit.facts import extensions_of, is_authority
from propylon.toolkit.quiet import quietly

_LONGEST_CHAIN = 10
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True)
class Identity:
    """`issuers` from the leaf's upwards, a root included where there is one. `key` fits the leaf, or is None."""

    leaf: x509.Certificate
    issuers: tuple[x509.Certificate, ...]
    key: FoundKey | None
    others: tuple[x509.Certificate, ...]


@quietly
def identity_of(contents: Contents) -> Identity | None:
    """None without a certificate."""
    certificates = contents.certificates
    if not certificates:
        return None
    leaf, key = _leaf(certificates, contents.keys)
    issuers = _issuers(leaf, certificates)
    others = tuple(each for each in certificates if each != leaf and each not in issuers)
    return Identity(leaf, issuers, key, others)


def is_signed_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool | None:
    """Names and signature; None where the algorithm is one that is not judged here (SHA-1, MD5)."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except InvalidSignature:
        return False
    except (TypeError, UnsupportedAlgorithm):
        return None
    except ValueError as error:
        return None if "algorithm" in str(error) else False
    return True


def names_as_issuer(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        return certificate.issuer == issuer.subject
    except _UNREADABLE:
        return False


def is_self_issued(certificate: x509.Certificate) -> bool:
    return names_as_issuer(certificate, certificate)


def fits(key: FoundKey, certificate: x509.Certificate) -> bool:
    try:
        return bool(key.key.public_key() == certificate.public_key())
    except _UNREADABLE:
        return False


def _leaf(
    certificates: tuple[x509.Certificate, ...], keys: tuple[FoundKey, ...]
) -> tuple[x509.Certificate, FoundKey | None]:
    """The one whose key is there; else one that issued no other, and rather no authority."""
    for certificate in certificates:
        for key in keys:
            if fits(key, certificate):
                return certificate, key
    plain = [each for each in certificates if not is_authority(extensions_of(each))] or list(certificates)
    issued = [each for each in plain if not any(names_as_issuer(other, each) for other in plain if other != each)]
    return (issued or plain)[0], None


def _issuers(leaf: x509.Certificate, certificates: tuple[x509.Certificate, ...]) -> tuple[x509.Certificate, ...]:
    chain = [leaf]
    while len(chain) < _LONGEST_CHAIN and not is_self_issued(chain[-1]):
        named = [each for each in certificates if each not in chain and names_as_issuer(chain[-1], each)]
        found = next((each for each in named if is_signed_by(chain[-1], each)), None)
        # One of the right name with another key is kept out of the chain; the rules tell of it.
        found = found or next((each for each in named if is_signed_by(chain[-1], each) is None), None)
        if found is None:
            break
        chain.append(found)
    return tuple(chain[1:])
