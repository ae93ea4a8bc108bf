"""Do key, certificate and chain belong together?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509

from propylon.toolkit.certificate_rules import moment
from propylon.toolkit.contents import Contents
from propylon.toolkit.facts import CertificateFacts, certificate_facts, extensions_of, is_authority
from propylon.toolkit.findings import Finding, finding, shown
from propylon.toolkit.identity import Identity, is_self_issued, is_signed_by, names_as_issuer


def key_findings(contents: Contents, identity: Identity | None, *, is_key_needed: bool) -> Iterator[Finding]:
    """`is_key_needed` where the identity is to be used, and not only looked at."""
    if identity is None:
        # Of a file that could not be read, its own finding says why nothing is there.
        if contents.keys:
            yield finding("key.certificate_missing")
        elif not contents.requests and all(file.is_read for file in contents.files):
            yield finding("certificate.none")
        return
    label = certificate_facts(identity.leaf).label
    if contents.keys and identity.key is None:
        yield finding("key.does_not_fit", certificate=label)
    elif is_key_needed and not contents.keys:
        yield finding("key.missing", certificate=label)


def chain_findings(identity: Identity, now: datetime, facts: CertificateFacts) -> Iterator[Finding]:
    """`facts` are of the leaf."""
    for issuer in identity.issuers:
        its = certificate_facts(issuer)
        if its.not_after and its.not_after < now:
            yield finding("chain.issuer_expired", issuer=its.label, when=moment(its.not_after))
        if its.version == 3 and not is_authority(extensions_of(issuer)):
            yield finding("chain.issuer_no_authority", issuer=its.label)
    yield from _upper_end(identity)
    strangers = [each for each in identity.others if not _is_namesake(identity, each)]
    if strangers:
        yield finding("chain.others", count=len(strangers), certificate=facts.label)


def trust_findings(identity: Identity, authorities: Sequence[x509.Certificate], file: str) -> Iterator[Finding]:
    """Does the chain end at one of the authorities, or is it issued by one?"""
    chain = (identity.leaf, *identity.issuers)
    if any(each in authorities for each in chain):
        return
    if not any(names_as_issuer(each, root) and is_signed_by(each, root) for each in chain for root in authorities):
        yield finding("chain.not_trusted", certificate=certificate_facts(identity.leaf).label, file=file)


def _upper_end(identity: Identity) -> Iterator[Finding]:
    """What stands above the last certificate of the chain."""
    last = (identity.leaf, *identity.issuers)[-1]
    if is_self_issued(last):
        return
    its = certificate_facts(last)
    if any(_is_namesake(identity, each) for each in identity.others):
        yield finding("chain.signature_wrong", certificate=its.label, issuer=shown(its.issuer))
    else:
        yield finding("chain.issuer_missing", issuer=shown(its.issuer))


def _is_namesake(identity: Identity, other: x509.Certificate) -> bool:
    """Named as issuer, with another key: it did not sign."""
    return names_as_issuer((identity.leaf, *identity.issuers)[-1], other)
