"""An answer in words: what its status means, what a refusal asks for, the body in readable form. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS
from propylon.kernel.tracking import TRACKING_HEADER
from propylon.portal.calling.gateway_call import GatewayAnswer
from propylon.portal.calling.trying import Tried

_GATEWAY_CODES = frozenset(refusal.code for refusal in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL))


@dataclass(frozen=True, slots=True)
class ShownAnswer:
    """`mend` is the part of the application's pages that helps: "source-ranges", "subscriptions", "" if none."""

    status: int
    tone: str  # good, wait, bad
    title: str
    sentence: str
    code: str
    mend: str
    tracking_id: str
    milliseconds: str
    request_text: str
    headers_text: str
    body_text: str
    body_language: str
    body_title: str


def shown_answer(tried: Tried) -> ShownAnswer:
    answer = tried.answer
    text = _text(answer)
    parsed = _parsed(text)
    code, sentence = _refusal(parsed)
    language, body = _body(answer, text, parsed)
    title, meaning, tone = _meaning(answer.status, is_gateways=code in _GATEWAY_CODES)
    return ShownAnswer(
        status=answer.status,
        tone=tone,
        title=title,
        sentence=sentence or meaning,
        code=code,
        mend=_MENDS.get(code, ""),
        tracking_id=answer.header(TRACKING_HEADER),
        milliseconds=f"{answer.milliseconds:.0f}",
        request_text=request_text(tried),
        headers_text=_lines(f"HTTP {answer.status} {answer.reason}", answer.headers),
        body_text=body,
        body_language=language,
        body_title=answer.header("Content-Type") or _("No content"),
    )


def request_text(tried: Tried) -> str:
    """As it was sent, but for the token and its proof."""
    request = tried.request
    text = _lines(f"{request.method} {request.url}", request.shown_headers)
    return f"{text}\n\n{request.body.decode()}" if request.body else text


_MENDS: Mapping[str, str] = {
    "gateway.source.refused": "source-ranges",
    "gateway.scope.missing": "subscriptions",
    "gateway.certificate.missing": "certificates",
    "gateway.certificate.revoked": "certificates",
}


def _meaning(status: int, *, is_gateways: bool) -> tuple[str, str, str]:
    """(title, sentence, tone) of a status."""
    if status < 300:
        return _("It worked"), _("The service answered."), "good"
    if status < 400:
        return _("It leads elsewhere"), _("The answer names another address; the console does not follow it."), "wait"
    if is_gateways:
        return _("The gateway refused the call"), _("The service behind it did not see the call."), "bad"
    if status == 404:
        return _("Nothing is there"), _("The service knows no such thing. Take an id from a list's answer."), "wait"
    if status < 500:
        return _("The service refused the call"), _("The request reached the service, which does not accept it."), "bad"
    return _("The service failed"), _("Try again; if it stays so, tell support the RequestTrackingId."), "bad"


def _refusal(parsed: Any) -> tuple[str, str]:
    """(code, sentence) of the standard error body."""
    if not isinstance(parsed, dict) or not isinstance(parsed.get("code"), str) or "trackingId" not in parsed:
        return "", ""
    message = parsed.get("message")
    return parsed["code"][:120], message[:600] if isinstance(message, str) else ""


def _text(answer: GatewayAnswer) -> str | None:
    """None for what is no text."""
    try:
        text = answer.body.decode("utf-8", errors="ignore" if answer.is_cut else "strict")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except (ValueError, RecursionError):
        return None


def _body(answer: GatewayAnswer, text: str | None, parsed: Any) -> tuple[str, str]:
    """(Pygments' language, text)."""
    if text is None:
        return "text", _("%(size)s bytes that are no text.") % {"size": len(answer.body)}
    note = "\n" + _("… the rest is not shown.") if answer.is_cut else ""
    if parsed is not None:
        return "json", json.dumps(parsed, indent=2, ensure_ascii=False)
    language = "json" if "json" in answer.header("Content-Type") else "xml" if text.startswith("<") else "text"
    return language, text + note


def _lines(first: str, headers: Any) -> str:
    return "\n".join([first, *(f"{name}: {value}" for name, value in headers)])
