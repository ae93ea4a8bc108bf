"""The whole of it: what files hold, whose identity it is, and what there is to say about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509

from propylon.kernel.errors import PropylonError
from propylon.pki.findings import Finding as RuleFinding
from propylon.pki.signing_request import check_request
from propylon.toolkit.certificate_rules import Case, certificate_findings
from propylon.toolkit.contents import Contents
from propylon.toolkit.facts import CertificateFacts, KeyFacts, certificate_facts, public_key_facts, request_facts
from propylon.toolkit.findings import Finding, of_rule
from propylon.toolkit.identity import Identity, identity_of
from propylon.toolkit.identity_rules import chain_findings, key_findings, trust_findings
from propylon.toolkit.quiet import quietly
from propylon.toolkit.words import Severity

_NEXT_REQUEST = "Make the request anew: propylon cert csr"


@dataclass(frozen=True, slots=True)
class Authorities:
    """The certificates that a server trusts, and the file they are from."""

    certificates: tuple[x509.Certificate, ...]
    file: str


@dataclass(frozen=True, slots=True)
class Inspection:
    """`leaf` is None without a certificate; `issuers` are its chain, `others` do not belong to it."""

    contents: Contents
    identity: Identity | None
    leaf: CertificateFacts | None
    issuers: tuple[CertificateFacts, ...]
    others: tuple[CertificateFacts, ...]
    keys: tuple[KeyFacts, ...]
    requests: tuple[dict[str, Any], ...]
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.is_error)

    @property
    def is_read(self) -> bool:
        """Something was read, and no file stayed closed."""
        return all(file.is_read for file in self.contents.files) and bool(
            self.contents.certificates or self.contents.keys or self.contents.requests
        )

    def as_dict(self) -> dict[str, Any]:
        """The leaf's facts stand at the top; without a certificate they are empty."""
        leaf = self.leaf.as_dict() if self.leaf else {}
        psd2 = leaf.get("psd2") or {}
        return {
            "files": [
                {"name": file.name, "format": file.format, "encryption": file.encryption, "holds": file.holds()}
                for file in self.contents.files
            ],
            **leaf,
            "psd2_roles": psd2.get("roles", []),
            "has_private_key": bool(self.contents.keys),
            "private_keys": [{"algorithm": key.algorithm, "detail": key.detail} for key in self.keys],
            "chain": [facts.as_dict() for facts in self.issuers],
            "other_certificates": [facts.as_dict() for facts in self.others],
            "requests": list(self.requests),
            "findings": [each.as_dict() for each in self.findings],
        }


@quietly
def inspect(
    contents: Contents,
    *,
    now: datetime,
    service_account: str = "",
    authorities: Authorities | None = None,
    is_key_needed: bool = False,
) -> Inspection:
    """Everything that can be said of it. `is_key_needed` and `authorities` are for who is about to use it."""
    identity = identity_of(contents)
    leaf = certificate_facts(identity.leaf, contents.keys) if identity else None
    found: list[Finding] = [*contents.findings, *key_findings(contents, identity, is_key_needed=is_key_needed)]
    if identity and leaf:
        found += certificate_findings(Case(identity.leaf, leaf, now, service_account))
        found += chain_findings(identity, now, leaf)
        if authorities:
            found += trust_findings(identity, authorities.certificates, authorities.file)
    for request in contents.requests:
        found += _request_findings(request, service_account)
    return Inspection(
        contents=contents,
        identity=identity,
        leaf=leaf,
        issuers=_facts(identity.issuers if identity else ()),
        others=_facts(identity.others if identity else ()),
        keys=tuple(public_key_facts(key.key.public_key(), is_private=True) for key in contents.keys),
        requests=tuple(request_facts(request) for request in contents.requests),
        findings=tuple(sorted(dict.fromkeys(found), key=lambda each: list(Severity).index(each.severity))),
    )


def _facts(certificates: Iterable[x509.Certificate]) -> tuple[CertificateFacts, ...]:
    return tuple(certificate_facts(each) for each in certificates)


def _request_findings(request: x509.CertificateSigningRequest, service_account: str) -> Sequence[Finding]:
    """By the same rules as an order's; without a service account, the request's own common name is as good as any."""
    from cryptography.hazmat.primitives.serialization import Encoding

    own = str(request_facts(request)["common_name"])
    try:
        check_request(
            request.public_bytes(Encoding.PEM), common_name=service_account or own.strip() or "svcYourNameV01"
        )
    except PropylonError as refused:
        return [_of_reason(error.reason) for error in refused.errors]
    return ()


def _of_reason(reason: str) -> Finding:
    """field_errors writes "code: message"."""
    code, _, message = reason.partition(": ")
    return of_rule(RuleFinding(code, "", message), Severity.ERROR, _NEXT_REQUEST)
