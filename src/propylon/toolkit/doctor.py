"""The doctor: looks at what is to be sent, connects, and says in words what fails and what to change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from propylon.toolkit import connection_rules as rules
from propylon.toolkit.bearer_token import token_findings
from propylon.toolkit.connection import Proxy, Seen, Target, proxy_for, stranger_certificate, watch
from propylon.toolkit.facts import CertificateFacts
from propylon.toolkit.findings import Finding, finding, refusal
from propylon.toolkit.inspection import Inspection
from propylon.toolkit.quiet import quietly
from propylon.toolkit.words import Severity

_HEADER = re.compile(r"[\x21-\x7e]{1,16384}")


@dataclass(frozen=True, slots=True)
class Patient:
    """What a program would send. `inspection` is of certificate and key; None to send none."""

    url: str
    inspection: Inspection | None = None
    ca_file: str | None = None
    token: str = ""
    goes_past_proxy: bool = False
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of the way. `is_good` is None where it was not reached."""

    title: str
    is_good: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    target: Target
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        return not any(each.is_error for each in self.findings)

    def as_dict(self) -> dict[str, Any]:
        return {
            "host": self.target.host,
            "port": self.target.port,
            "is_good": self.is_good,
            "steps": [{"title": each.title, "is_good": each.is_good, "text": each.text} for each in self.steps],
            "findings": [each.as_dict() for each in self.findings],
        }


def target_of(url: str) -> Target:
    """Raises `address.invalid` and `address.not_encrypted`."""
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise refusal(finding("address.invalid", url=url[:200])) from None
    if parts.scheme == "http" and host:
        raise refusal(finding("address.not_encrypted", url=url[:200]))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if parts.scheme != "https" or not host or not _HEADER.fullmatch(path):
        raise refusal(finding("address.invalid", url=url[:200]))
    return Target(host, port, path)


@quietly
def examine(patient: Patient, *, now: datetime) -> Diagnosis:
    """Connects at most three times: as the program would, to see a stranger's certificate, and past a proxy."""
    target = target_of(patient.url)
    inspection = patient.inspection
    client = inspection.leaf if inspection else None
    found: list[Finding] = [each for each in inspection.findings if each.is_error] if inspection else []
    if patient.token:
        found += token_findings(patient.token, client, now)
    if inspection and (inspection.identity is None or inspection.identity.key is None):
        return Diagnosis(target, tuple(_steps(Seen("identity"), target, None, client)), _ordered(found))
    proxy = None if patient.goes_past_proxy else proxy_for(target)
    if proxy:
        found.append(finding("proxy.used", proxy=proxy, host=target.host))
    seen = watch(
        target,
        identity=inspection.identity if inspection else None,
        ca_file=patient.ca_file,
        proxy=proxy,
        headers=_headers(patient.token),
        seconds=patient.seconds,
    )
    found += _judged(seen, patient, target, proxy, client, now)
    return Diagnosis(target, tuple(_steps(seen, target, proxy, client)), _ordered(found))


def _ordered(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(found), key=lambda each: list(Severity).index(each.severity)))


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.strip()}"} if _HEADER.fullmatch(token.strip()) else {}


def _judged(
    seen: Seen, patient: Patient, target: Target, proxy: Proxy | None, client: CertificateFacts | None, now: datetime
) -> Iterator[Finding]:
    yield from rules.way_findings(seen, target, proxy, patient.seconds)
    stranger = None
    if seen.verify_code:
        stranger = rules.server_facts(stranger_certificate(target, proxy=proxy, seconds=patient.seconds))
        if proxy and stranger and _answers_itself(target, stranger, patient.seconds):
            yield finding("proxy.opens_tls", proxy=proxy, host=target.host, issuer=stranger.issuer)
            return
    yield from rules.handshake_findings(seen, target, client, stranger)
    yield from rules.certificate_findings(seen, target, client)
    yield from rules.answer_findings(seen, target, client, now)
    if client is None and seen.is_certificate_asked and seen.answer:
        yield finding("client.nothing_to_send")


def _answers_itself(target: Target, stranger: CertificateFacts, seconds: float) -> bool:
    """Another certificate through the proxy than past it."""
    direct = rules.server_facts(stranger_certificate(target, proxy=None, seconds=seconds))
    return direct is not None and direct.fingerprint != stranger.fingerprint


def _steps(seen: Seen, target: Target, proxy: Proxy | None, client: CertificateFacts | None) -> Iterator[Step]:
    """In the order of the way; what lies behind the first that fails was not reached."""
    where = f"{proxy}, the proxy," if proxy else target.host
    server = rules.server_facts(seen.server_certificate)
    tls = f"{seen.tls}; the server is {server.label}, verified" if server else seen.tls
    answer = f"HTTP {seen.answer.status}" if seen.answer else ""
    is_answered = seen.answer is not None and seen.answer.status < 400
    texts = (
        ("files", "identity", "certificate and key belong together" if client else "none given", True),
        ("name", "name", f"{where} is {', '.join(seen.addresses[:4])}", True),
        ("proxy", "proxy", f"{proxy} lets through" if proxy else "none", True),
        ("port", "port", f"{target.port} answers", True),
        ("TLS", "handshake", tls, True),
        ("certificate", "certificate", _certificate_text(seen, client), _is_certificate_good(seen, client)),
        ("answer", "answer", answer, is_answered),
    )
    is_reached = True
    for title, place, text, is_good in texts:
        if not is_reached:
            yield Step(title, None, "not reached")
        elif seen.failed_at == place:
            yield Step(title, False, "broke off; see below" if place == "answer" else "fails; see below")
            is_reached = False
        else:
            yield Step(title, is_good, text)


def _is_certificate_good(seen: Seen, client: CertificateFacts | None) -> bool:
    if seen.is_certificate_asked is None:
        return seen.failed_at == ""
    return seen.is_certificate_asked == (client is not None) and seen.failed_at == ""


def _certificate_text(seen: Seen, client: CertificateFacts | None) -> str:
    asked = {True: "asked for", False: "not asked for", None: ""}[seen.is_certificate_asked]
    if client is None:
        given = "none given"
    else:
        given = f"{client.label} sent" if seen.is_certificate_asked is not False else f"{client.label} not sent"
    return ", ".join(part for part in (asked, given) if part)
