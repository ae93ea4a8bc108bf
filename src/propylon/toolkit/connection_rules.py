"""What was seen of a connection becomes findings in words. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from cryptography import x509

from propylon.toolkit.certificate_rules import moment
from propylon.toolkit.connection import Answer, Proxy, Seen, Target
from propylon.toolkit.facts import CertificateFacts, certificate_facts
from propylon.toolkit.findings import Finding, finding

_CLOCK_SECONDS = 60
# Of OpenSSL's alerts (RFC 8446 section 6.2), by the part of its reason that names them.
_ALERTS: Mapping[str, str] = MappingProxyType(
    {
        "UNKNOWN_CA": "client.unknown_authority",
        "CERTIFICATE_EXPIRED": "client.expired",
        "CERTIFICATE_REVOKED": "client.revoked",
        "CERTIFICATE_REQUIRED": "client.required",
        "DECRYPT_ERROR": "client.key_not_proved",
        "BAD_CERTIFICATE": "client.refused",
        "CERTIFICATE_UNKNOWN": "client.refused",
        "UNSUPPORTED_CERTIFICATE": "client.refused",
        "ACCESS_DENIED": "client.refused",
        "PROTOCOL_VERSION": "server.too_old",
        "NO_PROTOCOLS": "server.too_old",
        "UNSUPPORTED_PROTOCOL": "server.too_old",
        "INSUFFICIENT_SECURITY": "server.too_old",
    }
)
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG")
_EXPIRED, _NOT_YET, _NAME = {10}, {9}, {62, 63, 64}  # X509_V_ERR_…
_AUTHORITY = {2, 18, 19, 20, 21}
_BY_CODE: Mapping[str, str] = MappingProxyType(
    {
        "gateway.certificate.missing": "answer.certificate_missing",
        "gateway.certificate.revoked": "answer.certificate_revoked",
        "gateway.token.binding": "answer.token_bound_elsewhere",
        "gateway.token.missing": "answer.token_missing",
        "gateway.source.refused": "answer.address_refused",
        "gateway.path.unknown": "answer.path_unknown",
        "gateway.host.unknown": "answer.host_unknown",
    }
)
# What other servers say when no certificate came: nginx, Apache, IIS.
_NO_CERTIFICATE = re.compile(rb"No required SSL certificate|client certificate (?:is )?required|403\.7", re.IGNORECASE)


def way_findings(seen: Seen, target: Target, proxy: Proxy | None, seconds: float) -> Iterator[Finding]:
    """Up to the handshake."""
    if seen.failed_at == "name":
        yield finding("name.unknown", host=target.host, reason=seen.reason.lower())
    elif seen.failed_at == "proxy" and seen.proxy_answer:
        yield finding("proxy.refuses", proxy=proxy, host=target.host, port=target.port, answer=seen.proxy_answer[:80])
    elif seen.failed_at == "proxy":
        yield finding("proxy.unreachable", proxy=proxy, reason=seen.reason.lower())
    elif seen.failed_at == "port" and seen.is_timeout:
        yield finding("port.silent", host=target.host, port=target.port, seconds=round(seconds))
    elif seen.failed_at == "port":
        code = "port.refused" if "refused" in seen.reason.lower() else "port.unreachable"
        yield finding(code, host=target.host, port=target.port, reason=seen.reason.lower())
    elif seen.failed_at == "identity":
        code = "key.does_not_fit" if "MISMATCH" in seen.reason else "client.unusable"
        yield finding(code, certificate="the certificate", reason=_words(seen.reason))


def handshake_findings(
    seen: Seen, target: Target, client: CertificateFacts | None, stranger: CertificateFacts | None
) -> Iterator[Finding]:
    """Also what TLS 1.3 says only afterwards. `stranger` is of the server's certificate that did not verify."""
    if seen.failed_at not in {"handshake", "answer"}:
        return
    reason = seen.reason.upper()
    alert = next((code for part, code in _ALERTS.items() if part in reason), "")
    if seen.verify_code:
        yield _server_finding(seen, target, stranger)
    elif alert:
        yield _client_finding(alert, seen, client, target)
    elif any(part in reason for part in _NO_TLS) or (seen.is_timeout and not seen.tls):
        yield finding("port.no_tls", host=target.host, port=target.port)
    elif seen.failed_at == "handshake" or _is_hang_up(reason):
        needs = seen.is_certificate_asked and client is None
        yield finding("client.nothing_to_send") if needs else _refused_or_hung_up(seen, target, client)
    else:
        yield finding("answer.broken", reason=_words(seen.reason))


def certificate_findings(seen: Seen, target: Target, client: CertificateFacts | None) -> Iterator[Finding]:
    """Was one asked for, and was there one? Where the handshake went through."""
    if not seen.tls:
        return
    if seen.is_certificate_asked is False and client is not None:
        yield finding("client.not_asked", port=target.port)


def answer_findings(seen: Seen, target: Target, client: CertificateFacts | None, now: datetime) -> Iterator[Finding]:
    answer = seen.answer
    if answer is None:
        return
    yield from _clock(answer, now)
    code, message = _error_of(answer)
    values = {"message": message, "status": answer.status, "path": target.path, "host": target.host}
    if _follows_from_the_handshake(code, seen, client):
        return
    if code in _BY_CODE:
        yield finding(_BY_CODE[code], **values)
    elif code.startswith("gateway.token."):
        yield finding("answer.token_refused", **values)
    elif answer.status in {495, 496} or (answer.status >= 400 and _NO_CERTIFICATE.search(answer.body)):
        yield finding("answer.certificate_missing")
    elif answer.status == 429:
        yield finding("answer.quota", **values)
    elif answer.status >= 400 and _is_page(answer):
        yield finding("answer.not_from_api", status=answer.status, title=_title(answer) or "none")
    elif answer.status == 404:
        yield finding("answer.path_unknown", **values)
    elif answer.status >= 400:
        yield finding("answer.refused", **values)


def _follows_from_the_handshake(code: str, seen: Seen, client: CertificateFacts | None) -> bool:
    """Without a certificate, a missing certificate and a wrong binding are no findings of their own."""
    sent = client is not None and seen.is_certificate_asked is not False
    told = seen.is_certificate_asked is not None and (client is not None or seen.is_certificate_asked)
    return told and not sent and code in {"gateway.certificate.missing", "gateway.token.binding"}


def _server_finding(seen: Seen, target: Target, stranger: CertificateFacts | None) -> Finding:
    issuer = stranger.issuer if stranger else "an authority"
    if seen.verify_code in _NAME:
        names = ", ".join(stranger.names or stranger.common_names) if stranger else "another name"
        return finding("server.other_name", names=names or "no name at all", host=target.host)
    if seen.verify_code in _EXPIRED:
        ended = moment(stranger.not_after) if stranger and stranger.not_after else "an earlier day"
        return finding("server.expired", when=ended)
    if seen.verify_code in _NOT_YET:
        return finding("server.not_yet_valid")
    if seen.verify_code in _AUTHORITY:
        return finding("server.unknown_authority", issuer=issuer)
    return finding("server.not_verified", reason=seen.reason)


def _client_finding(code: str, seen: Seen, client: CertificateFacts | None, target: Target) -> Finding:
    if client is None and code.startswith("client."):
        return finding("client.required")
    label, issuer = (client.label, client.issuer) if client else ("the certificate", "")
    return finding(code, certificate=label, issuer=issuer, alert=_words(seen.reason), host=target.host)


def _refused_or_hung_up(seen: Seen, target: Target, client: CertificateFacts | None) -> Finding:
    if "ALERT" in seen.reason.upper() and client is not None:
        return finding("client.refused", certificate=client.label, alert=_words(seen.reason))
    if client is not None and seen.is_certificate_asked and seen.tls:
        return finding("client.cut_off", certificate=client.label, issuer=client.issuer)
    return finding("port.hangs_up", host=target.host)


def _is_hang_up(reason: str) -> bool:
    return any(part in reason for part in ("EOF", "RESET", "BROKEN PIPE", "ALERT", "REMOTE END CLOSED"))


def _clock(answer: Answer, now: datetime) -> Iterator[Finding]:
    try:
        there = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return
    seconds = abs((now - there.replace(tzinfo=there.tzinfo or UTC)).total_seconds())
    if seconds > _CLOCK_SECONDS:
        yield finding("clock.differs", seconds=round(seconds))


def _error_of(answer: Answer) -> tuple[str, str]:
    """(code, message) of the standard error body, of OAuth's, or of a problem (RFC 9457)."""
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "", f"HTTP {answer.status}"
    if not isinstance(body, dict):
        return "", f"HTTP {answer.status}"
    code = body.get("code") or body.get("error") or ""
    message = body.get("message") or body.get("error_description") or body.get("detail") or body.get("title") or code
    return str(code)[:80], str(message or f"HTTP {answer.status}")[:300]


def _is_page(answer: Answer) -> bool:
    return "html" in answer.headers.get("content-type", "").lower()


def _title(answer: Answer) -> str:
    found = re.search(rb"<title[^>]*>([^<]{1,120})", answer.body, re.IGNORECASE)
    return " ".join(found[1].decode("utf-8", "replace").split()) if found else ""


def _words(reason: str) -> str:
    """TLSV1_ALERT_UNKNOWN_CA → "unknown ca"."""
    text = reason.rsplit("] ", maxsplit=1)[-1].split(" (_ssl", maxsplit=1)[0]
    return re.sub(r"^(?:tlsv1|sslv3|tlsv13)_(?:alert_)?", "", text, flags=re.IGNORECASE).replace("_", " ").lower()


def server_facts(der: bytes | None) -> CertificateFacts | None:
    try:
        return certificate_facts(x509.load_der_x509_certificate(der)) if der else None
    except ValueError:
        return None
