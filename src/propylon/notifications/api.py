"""The outbox in the management API. Mounted for the program's staff: mails hold links that are as good as passwords."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from propylon.audit.paging import PageQuery, Paging, page_of
from propylon.notifications.models import Mail
from propylon.notifications.selectors import mail, outbox

router = Router(tags=["Outbox"])


class MailQuery(PageQuery):
    to: str = ""
    state: str = Field("", description="queued, sent or failed")


class MailSummary(Schema):
    id: str
    to: str
    subject: str
    queued_at: datetime
    delivered_at: datetime | None
    attempts: int
    last_error: str


class MailOut(MailSummary):
    body: str


class MailPage(Schema):
    data: list[MailSummary]
    paging: Paging


def _summary(row: Mail) -> MailSummary:
    return MailSummary(
        id=row.public_id,
        to=row.to,
        subject=row.subject,
        queued_at=row.queued_at,
        delivered_at=row.delivered_at,
        attempts=row.attempts,
        last_error=row.last_error,
    )


@router.get("", response=MailPage, summary="Mails that were queued or sent, newest first")
def list_mails(request: HttpRequest, query: Query[MailQuery]) -> MailPage:
    page = page_of(
        outbox(to=query.to, state=query.state), query, name="mails", filters={"to": query.to, "state": query.state}
    )
    return MailPage(data=[_summary(row) for row in page.rows], paging=page.paging)


@router.get("/{mail_id}", response=MailOut, summary="One mail with its text")
def show_mail(request: HttpRequest, mail_id: str) -> MailOut:
    row = mail(mail_id)
    return MailOut(**_summary(row).model_dump(), body=row.body)
