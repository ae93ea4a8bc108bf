"""What the management API says of calls that were tried, and takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from ninja import Field, Schema

from propylon.kernel.tracking import TRACKING_HEADER
from propylon.portal.calling.downloads import Sample
from propylon.portal.calling.trying import LONGEST_BODY, LONGEST_VALUE, Tried, Wish


class ParameterIn(Schema):
    location: Literal["path", "query", "header"]
    name: str = Field(max_length=200)
    value: str = Field(max_length=LONGEST_VALUE, description="Lists as `a,b`, objects as JSON.")


class TryIn(Schema):
    client_id: str = Field(max_length=40, description="Of an application of yours in a test environment.")
    listener: Literal["public", "mutual"] | None = Field(None, description="Left out: where the application calls.")
    parameters: list[ParameterIn] = Field(default_factory=list, max_length=200)
    body: str = Field("", max_length=LONGEST_BODY)
    identity_number: str = Field("", max_length=40, description="Of a published identity, for customers' applications.")


class HeaderOut(Schema):
    name: str
    value: str


class TriedRequestOut(Schema):
    """As it was sent, but for the token and its proof, which stay here."""

    method: str
    url: str
    headers: list[HeaderOut]
    body: str


class TriedOut(Schema):
    request: TriedRequestOut
    status: int
    headers: list[HeaderOut]
    body: str = Field(description="Text; what is no UTF-8 is replaced.")
    is_body_cut: bool
    tracking_id: str
    milliseconds: float


class SampleOut(Schema):
    language: str
    filename: str
    text: str


class SampleList(Schema):
    data: list[SampleOut]


def wish_of(payload: TryIn, listeners: tuple[str, ...]) -> Wish:
    return Wish(
        listener=payload.listener or (listeners[0] if listeners else ""),
        values={(each.location, each.name): each.value for each in payload.parameters},
        body=payload.body,
        identity_number=payload.identity_number,
    )


def tried_out(tried: Tried) -> TriedOut:
    request, answer = tried.request, tried.answer
    return TriedOut(
        request=TriedRequestOut(
            method=request.method,
            url=request.url,
            headers=_headers(request.shown_headers),
            body=(request.body or b"").decode(),
        ),
        status=answer.status,
        headers=_headers(answer.headers),
        body=answer.body.decode("utf-8", errors="replace"),
        is_body_cut=answer.is_cut,
        tracking_id=answer.header(TRACKING_HEADER),
        milliseconds=round(answer.milliseconds, 1),
    )


def sample_list(samples: list[Sample]) -> SampleList:
    return SampleList(
        data=[SampleOut(language=each.language, filename=each.filename, text=each.text) for each in samples]
    )


def _headers(pairs: Iterable[tuple[str, str]]) -> list[HeaderOut]:
    return [HeaderOut(name=name, value=value) for name, value in pairs]
