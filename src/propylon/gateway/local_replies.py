"""Envoy's error bodies, made from the table of refusals: standard, Berlin Group, RFC 9457 and RFC 6749 form."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from propylon.gateway.check import QUOTA_HEADER
from propylon.gateway.envoy_types import CEL_LOG_FILTER, Json, extension, set_header
from propylon.gateway.refusals import EARLY_DETAILS, OTHER_FAULT, OTHER_REFUSAL, REFUSALS, Refusal
from propylon.kernel.errors import error_body
from propylon.kernel.tracking import TRACKING_HEADER

TRACKING_ID = f"%REQ({TRACKING_HEADER})%"
# A well-formed UUID for requests that were refused before one was made: the same in header, body and call record.
EARLY_ID = "%START_TIME(%Y%m%d-%H%M-4%S0-8000-000%9f)%"
_FORMAT = "xds.route_metadata.filter_metadata['propylon']['format']"
_ALTERNATIVES = ("tpp", "problem", "oauth")
_GROUP = 7  # rows: Envoy reads expressions up to a depth
_OAUTH_ERRORS = {401: "invalid_client"}  # by status: RFC 6749 section 5.2


def local_reply_config() -> Json:
    """The first mapper whose filter matches is used; every reply finds one."""
    rows = [*REFUSALS, OTHER_FAULT, OTHER_REFUSAL]
    early = [_mapper(row, "standard", EARLY_ID, _early_condition(row)) for row in rows if row.is_early]
    return {"mappers": [*early, *(mapper for row in rows for mapper in _mappers(row))]}


def refusal_expression() -> str:
    """CEL: the code of a refusal, "" for an upstream's answer. As gateway.refusals.refusal_code reads a call record."""
    groups = [REFUSALS[at : at + _GROUP] for at in range(0, len(REFUSALS), _GROUP)]
    rows = "".join(f"{' || '.join(map(_condition, group))} ? ({_code_among(group)}) : " for group in groups)
    is_answer = "response.code < 400 || response.code_details == 'via_upstream'"
    broken_off = "response.code_details.startsWith('upstream_reset_after_response_started')"
    others = f"response.code >= 500 ? {_quoted(OTHER_FAULT.code)} : {_quoted(OTHER_REFUSAL.code)}"
    return f"{is_answer} ? '' : {rows}{broken_off} ? '' : {others}"


def _code_among(rows: Sequence[Refusal]) -> str:
    """CEL: the code of the first row that matches; of the last one, when it is none before."""
    before = "".join(f"{_condition(row)} ? {_quoted(row.code)} : " for row in rows[:-1])
    return before + _quoted(rows[-1].code)


def _mappers(row: Refusal) -> Iterator[Json]:
    condition = _condition(row)
    for name in _ALTERNATIVES:
        yield _mapper(row, name, TRACKING_ID, _both(f"{_FORMAT} == '{name}'", condition))
    yield _mapper(row, "standard", TRACKING_ID, condition)


def _mapper(row: Refusal, form: str, tracking_id: str, condition: str) -> Json:
    content_type, body = _body(row, form, tracking_id)
    mapper: Json = {
        "filter": _filter(row, condition),
        "headers_to_add": _headers(row, form, tracking_id),
        "body_format_override": {"content_type": content_type, "json_format": body},
    }
    if row not in (OTHER_FAULT, OTHER_REFUSAL):
        mapper["status_code"] = row.status
    return mapper


def _filter(row: Refusal, condition: str) -> Json:
    """A row that stands for a class of statuses asks for it; the conditions are CEL."""
    cel = {"extension_filter": extension("cel", CEL_LOG_FILTER, expression=condition)} if condition else None
    if row not in (OTHER_FAULT, OTHER_REFUSAL):
        return cel or {}
    at_least = {"default_value": row.status, "runtime_key": "propylon.none"}
    status = {"status_code_filter": {"comparison": {"op": "GE", "value": at_least}}}
    return {"and_filter": {"filters": [status, cel]}} if cel else status


def _condition(row: Refusal) -> str:
    parts = [f"response.code_details.startsWith({_quoted(start)})" for start in row.starts]
    if row.details:
        parts.append(f"response.code_details in [{', '.join(_quoted(text) for text in row.details)}]")
    if row.directs:
        parts.append(f"(response.code_details == 'direct_response' && response.code == {row.status})")
    if row.silent:
        # Its own status when the answer is made, the row's when that has been sent.
        parts.append(f"(response.code_details == '' && response.code in [{row.silent}, {row.status}])")
    return " || ".join(parts)


def _early_condition(row: Refusal) -> str:
    known = ", ".join(_quoted(text) for text in EARLY_DETAILS)
    no_id = f"!('{TRACKING_HEADER.lower()}' in request.headers) || response.code_details in [{known}]"
    return _both(no_id, _condition(row))


def _both(first: str, second: str) -> str:
    return f"({first}) && ({second})" if second else first


def _quoted(text: str) -> str:
    return json.dumps(text)


def _headers(row: Refusal, form: str, tracking_id: str) -> list[Json]:
    headers = [set_header(TRACKING_HEADER, tracking_id)]
    if form == "oauth":
        headers.append(set_header("Cache-Control", "no-store"))  # RFC 6749 section 5.2
    if row.www_authenticate:
        headers.append(set_header("WWW-Authenticate", row.www_authenticate))
    if row.retry_after:
        headers.append(set_header("Retry-After", row.retry_after))
    if row.is_quota:
        # As filter "limits" names them, and before it does: "tracking" takes the first for RateLimit-….
        of_quota = {"limit": f"%REQ({QUOTA_HEADER})%", "remaining": "0", "reset": row.retry_after}
        headers += [set_header(f"x-ratelimit-{name}", value) for name, value in of_quota.items()]
    return headers


def _body(row: Refusal, form: str, tracking_id: str) -> tuple[str, Json]:
    """Content type and JSON template."""
    if form == "tpp":
        message = {"category": "ERROR", "code": row.tpp_code, "text": row.message}
        return "application/json", {"tppMessages": [message]}
    if form == "problem":
        return "application/problem+json", {
            "type": f"urn:propylon:error:{row.code}",
            "title": row.message.split(". ")[0].rstrip("."),
            "detail": row.message,
            "status": "%RESPONSE_CODE%",
            "code": row.code,
            "trackingId": tracking_id,
        }
    if form == "oauth":
        is_passing = row.status >= 500 or row.transient
        error = "temporarily_unavailable" if is_passing else _OAUTH_ERRORS.get(row.status, "invalid_request")
        return "application/json", {"error": error, "error_description": row.message, "trackingId": tracking_id}
    return "application/json", error_body(row.code, row.message, tracking_id, transient=row.transient)
