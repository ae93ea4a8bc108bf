"""What the management API says of calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ninja import Field, Schema
from pydantic import AwareDatetime

from propylon.audit.paging import PageQuery, Paging
from propylon.authserver.console_tokens import is_console_token
from propylon.catalog.quotas import Quota
from propylon.usage.application_usage import Usage
from propylon.usage.models import CallRecord
from propylon.usage.quotas import QuotaUse
from propylon.usage.refusal_words import refusal_sentence
from propylon.usage.selectors import CallFilter, Outcome


class CallOut(Schema):
    """One call as the gateway recorded it. Times in milliseconds, sizes in bytes."""

    tracking_id: str
    caller_request_id: str = Field(description="The caller's own X-Request-ID.")
    at: datetime
    node: str
    listener: str
    environment: str
    product: str = Field(description="Empty for token requests and addresses outside every product.")
    version: str
    operation: str
    method: str
    path: str
    status: int = Field(description="0: the caller left before the answer.")
    refusal_code: str = Field(description="Why the gateway refused; empty when the upstream answered.")
    refusal: str = Field(description="The same in words, with what to do next.")
    client_id: str
    application_id: str
    grant_id: str
    jti: str
    is_from_console: bool = Field(description="Made by a developer in the portal's call console.")
    source_address: str
    certificate_fingerprint: str
    duration_ms: int
    upstream_ms: int | None
    bytes_received: int
    bytes_sent: int
    details: str = Field(description="The gateway's own words, for support.")


class CallPage(Schema):
    data: list[CallOut]
    paging: Paging


class PeriodQuery(Schema):
    since: AwareDatetime | None = Field(None, description="The first day (UTC) that counts is the one that it lies in.")
    until: AwareDatetime | None = Field(None, description="Days (UTC) that begin before it count.")


class CallsQuery(PageQuery):
    since: AwareDatetime | None = Field(None, description="The first moment that counts.")
    until: AwareDatetime | None = Field(None, description="The first moment that does not count any more.")
    status: int | None = Field(None, ge=0, le=599)
    refusal_code: str | None = Field(None, max_length=80)
    outcome: Outcome | None = Field(None, description="refused: by the gateway; error: answered with 4xx or 5xx.")

    def wanted(self) -> CallFilter:
        return CallFilter(
            since=self.since,
            until=self.until,
            status=self.status,
            refusal_code=self.refusal_code,
            outcome=self.outcome,
        )


class RefusedQuery(PageQuery):
    hours: int = Field(24, ge=1, le=24 * 90, description="How far to look back.")
    refusal_code: str = Field("", max_length=80)


class OperationUsageOut(Schema):
    environment: str
    product: str
    version: str
    operation: str
    calls: int
    refused: int = Field(description="By the gateway.")
    failed: int = Field(description="Answered with 5xx, by gateway or upstream.")
    mean_duration_ms: int


class UsageOut(Schema):
    """Counts of an application's calls on whole days (UTC), some seconds behind; as long as counts per day are kept."""

    application_id: str
    since: datetime | None
    until: datetime | None
    calls: int
    by_status_class: dict[str, int] = Field(examples=[{"2xx": 120, "4xx": 3}])
    by_refusal_code: dict[str, int]
    by_operation: list[OperationUsageOut]


_CALL_FIELDS = tuple(name for name in CallOut.model_fields if name not in {"refusal", "is_from_console"})


def call_out(record: CallRecord) -> CallOut:
    known = {name: getattr(record, name) for name in _CALL_FIELDS}
    is_from_console = is_console_token(record.jti)
    return CallOut(**known, refusal=refusal_sentence(record.refusal_code), is_from_console=is_from_console)


def usage_out(application_id: str, query: PeriodQuery, usage: Usage) -> UsageOut:
    return UsageOut(
        application_id=application_id,
        since=query.since,
        until=query.until,
        calls=usage.calls,
        by_status_class=usage.by_status_class,
        by_refusal_code=usage.by_refusal_code,
        by_operation=[
            OperationUsageOut(**{name: getattr(row, name) for name in OperationUsageOut.model_fields})
            for row in usage.by_operation
        ],
    )


class QuotaUseOut(Schema):
    """One limit: `limit` null is unlimited; `ends_at` is when counting begins again."""

    period: str = Field(description="day or month")
    used: int
    limit: int | None
    ends_at: datetime


class QuotaOut(Schema):
    kind: str = Field(description="metered, exact, or empty: nothing is limited but the rate.")
    periods: list[QuotaUseOut]


def quota_out(quota: Quota, uses: Sequence[QuotaUse]) -> QuotaOut:
    periods = [QuotaUseOut(period=u.period, used=u.used, limit=u.limit, ends_at=u.ends_at) for u in uses]
    return QuotaOut(kind=quota.kind, periods=periods)
