"""Call lines become records exactly once, whatever is sent again, cut, overlapping, missing or broken."""

from __future__ import annotations

import logging
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from call_lines import call_line
from propylon.gateway.call_log import read_line, record_id
from propylon.kernel.errors import Kind, PropylonError
from propylon.usage.actions import ingest_lines
from propylon.usage.models import CallRecord, ShippedSegment
from propylon.usage.tasks import PERIODIC, forget_old_calls

pytestmark = pytest.mark.django_db(databases=["default", "usage"])


def _line(**changes: object) -> bytes:
    call: dict[str, object] = {
        "at": 1_790_000_000.125,
        "id": str(uuid.uuid4()),
        "early_id": "20261122-0046-4350-8000-000585843000",
        "caller_id": "caller-7",
        "listener": "mutual",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "method": "GET",
        "path": "/sandbox/accounts/v1/accounts",
        "status": 200,
        "details": "via_upstream",
        "flags": None,
        "client": "cli_1",
        "application": "app_1",
        "grant": None,
        "jti": "jti-1",
        "duration_ms": 7,
        "upstream_ms": 3,
        "received": 0,
        "sent": 2048,
        "address": "127.0.0.1",
        "fingerprint": "ab" * 32,
        "protocol": "HTTP/2",
        "tls": "TLSv1.3",
    }
    return call_line(call | changes)


def _ingest(data: bytes, offset: int = 0, segment: str = "calls-1") -> int:
    return ingest_lines(node="node-1", segment=segment, offset=offset, data=data)


def _stored_offset() -> int:
    return ShippedSegment.objects.get(node="node-1", segment="calls-1").offset


def test_every_field_of_a_line_is_stored() -> None:
    identifier = str(uuid.uuid4())
    data = _line(id=identifier, grant="grant_1")
    assert _ingest(data) == len(data)
    record = CallRecord.objects.get()
    stored = {name: value for name, value in vars(record).items() if name not in {"_state", "id", "part"}}
    assert stored == {
        "tracking_id": identifier,
        "caller_request_id": "caller-7",
        "at": datetime.fromtimestamp(1_790_000_000.125, UTC),
        "node": "node-1",
        "listener": "mutual",
        "environment": "sandbox",
        "product": "accounts",
        "version": "v1",
        "operation": "listAccounts",
        "method": "GET",
        "path": "/sandbox/accounts/v1/accounts",
        "status": 200,
        "refusal_code": "",
        "client_id": "cli_1",
        "application_id": "app_1",
        "grant_id": "grant_1",
        "jti": "jti-1",
        "source_address": "127.0.0.1",
        "certificate_fingerprint": "ab" * 32,
        "duration_ms": 7,
        "upstream_ms": 3,
        "bytes_received": 0,
        "bytes_sent": 2048,
        "details": "via_upstream",
    }


def test_bytes_that_are_sent_again_store_nothing_twice() -> None:
    data = b"".join(_line() for _ in range(20))
    for _ in range(3):
        assert _ingest(data) == len(data)
    assert CallRecord.objects.count() == 20


def test_an_incomplete_last_line_is_left_for_the_next_time() -> None:
    first, second = _line(), _line()
    assert _ingest(first + second[:-30]) == len(first)
    assert CallRecord.objects.count() == 1
    assert _ingest(second, offset=len(first)) == len(first + second)
    assert CallRecord.objects.count() == 2


def test_nothing_but_an_incomplete_line_moves_nothing() -> None:
    assert _ingest(_line()[:-1]) == 0
    assert _ingest(b"") == 0
    assert CallRecord.objects.count() == 0
    assert _stored_offset() == 0


def test_an_overlap_stores_only_what_is_new_also_from_the_middle_of_a_line() -> None:
    lines = [_line() for _ in range(6)]
    data = b"".join(lines)
    _ingest(b"".join(lines[:4]))
    assert _ingest(data[10:], offset=10) == len(data)
    assert CallRecord.objects.count() == 6
    assert _ingest(lines[0]) == len(data)  # older than all that is known
    assert CallRecord.objects.count() == 6


def test_a_gap_is_a_conflict_that_tells_the_stored_offset_and_stores_nothing() -> None:
    first = _line()
    _ingest(first)
    with pytest.raises(PropylonError) as refusal:
        _ingest(_line(), offset=len(first) + 1)
    assert (refusal.value.code, refusal.value.kind) == ("usage.segment.gap", Kind.CONFLICT)
    assert [(error.field, error.reason) for error in refusal.value.errors] == [("offset", str(len(first)))]
    assert CallRecord.objects.count() == 1
    assert _stored_offset() == len(first)


def test_a_segment_that_is_unknown_begins_at_0() -> None:
    with pytest.raises(PropylonError) as refusal:
        _ingest(_line(), offset=5)
    assert refusal.value.errors[0].reason == "0"
    assert CallRecord.objects.count() == 0


def test_segments_and_nodes_are_counted_apart() -> None:
    _ingest(_line())
    _ingest(_line(), segment="calls-2")
    ingest_lines(node="node-2", segment="calls-1", offset=0, data=_line())
    assert CallRecord.objects.count() == ShippedSegment.objects.count() == 3


def test_the_same_call_in_another_segment_is_stored_once() -> None:
    line = _line()
    _ingest(line)
    assert _ingest(line, segment="calls-2") == len(line)
    assert CallRecord.objects.count() == 1


@pytest.mark.parametrize(
    "broken",
    [
        b"{}\n",
        b"call1\n",
        b"\xff\xfe\n",
        b"\t" * 20_000 + b"\n",
        _line().replace(b"call1", b"call2"),
        _line(id="no-uuid", early_id=None),
        _line(id=None, early_id="-"),
        _line()[:120] + b"\n",
    ],
)
def test_a_broken_line_is_counted_and_logged_and_the_others_are_stored(
    broken: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    data = _line() + broken + _line()
    with caplog.at_level(logging.WARNING, logger="propylon.usage"):
        assert _ingest(data) == len(data)
    assert CallRecord.objects.count() == 2
    events = [(record.message, vars(record)["broken"]) for record in caplog.records]
    assert events == [("usage.lines.broken", 1)]


def test_what_a_caller_chose_moves_no_other_field() -> None:
    """A header's value may hold a tab, and the mark of a line."""
    forged = "call1\t" + "\t".join(["forged"] * 30)
    _ingest(_line(caller_id=forged))
    record = CallRecord.objects.get()
    assert (record.status, record.application_id) == (200, "app_1")
    assert record.caller_request_id == forged[:128]


def test_empty_lines_are_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    _ingest(b"\n" + _line() + b"\n\n")
    assert CallRecord.objects.count() == 1
    assert not caplog.records


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "404", "details": "route_not_found"}, {"status": 404}),
        ({"status": None}, {"status": 0}),
        ({"status": "-"}, {"status": 0}),
        ({"duration_ms": "12", "upstream_ms": "-"}, {"duration_ms": 12, "upstream_ms": None}),
        ({"duration_ms": None, "upstream_ms": None}, {"duration_ms": 0, "upstream_ms": None}),
        ({"received": -1, "sent": "1000"}, {"bytes_received": 0, "bytes_sent": 1000}),
        ({"sent": 10**30, "duration_ms": 10**30}, {"bytes_sent": 2**63 - 1, "duration_ms": 2**31 - 1}),
        ({"at": "1790000000.250"}, {"at": datetime.fromtimestamp(1_790_000_000.25, UTC)}),
        ({"application": "-", "client": None, "product": ""}, {"application_id": "", "client_id": "", "product": ""}),
        ({"path": "/" + "x" * 5000}, {"path": "/" + "x" * 2099}),
    ],
)
def test_numbers_as_text_null_and_dashes_are_read(changes: dict[str, Any], expected: dict[str, Any]) -> None:
    _ingest(_line(**changes))
    record = CallRecord.objects.get()
    assert {name: getattr(record, name) for name in expected} == expected


def test_a_line_without_a_time_is_a_call_of_now() -> None:
    for at in (None, "yesterday", 10**30, "nan"):
        _ingest(_line(at=at), segment=str(at))
    assert {timezone.now() - record.at < timedelta(minutes=1) for record in CallRecord.objects.all()} == {True}
    assert CallRecord.objects.count() == 4


@pytest.mark.parametrize(
    "changes",
    [
        # ENVOY section 6: on a bad path the id is still the caller's; without a host or a request there is none
        {"details": "path_normalization_failed", "status": 400},
        {"details": "missing_host_header", "status": 400},
        {"id": None, "details": "http1.codec_error", "status": 400},
        {"id": "-"},
        {"id": "the caller's own"},
    ],
)
def test_a_refusal_before_the_filters_is_found_by_the_early_id(changes: dict[str, Any]) -> None:
    _ingest(_line(**changes))
    assert CallRecord.objects.get().tracking_id == "20261122-0046-4350-8000-000585843000"


def test_the_upstreams_own_errors_are_no_refusals_and_the_gateways_are() -> None:
    _ingest(_line(status=403, details="via_upstream"), segment="a")
    _ingest(_line(status=401, details="jwt_authn_access_denied{Jwt_is_missing}"), segment="b")
    by_status = {record.status: record.refusal_code for record in CallRecord.objects.all()}
    assert by_status[403] == ""
    assert by_status[401] != ""


def test_a_failure_in_the_middle_stores_neither_records_nor_offset(monkeypatch: pytest.MonkeyPatch) -> None:
    first = _line()
    _ingest(first)

    def out_of_disk(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ShippedSegment, "save", out_of_disk)
    with pytest.raises(OSError, match="No space"):
        _ingest(_line(), offset=len(first))
    monkeypatch.undo()
    assert CallRecord.objects.count() == 1
    assert _stored_offset() == len(first)


def test_records_are_kept_90_days_and_segments_as_long(settings: Any) -> None:
    now = timezone.now().timestamp()
    day = 24 * 3600
    _ingest(_line(at=now - 91 * day) + _line(at=now - 89 * day) + _line(at=now))
    ShippedSegment.objects.create(node="gone", segment="old", offset=1, updated_at=timezone.now() - timedelta(days=91))
    forget_old_calls()
    assert CallRecord.objects.count() == 2
    assert [shipped.node for shipped in ShippedSegment.objects.all()] == ["node-1"]
    settings.PROPYLON_CALL_RECORD_DAYS = 30
    PERIODIC[0].run()
    assert CallRecord.objects.count() == 1


@pytest.mark.parametrize("details", ["via_upstream", "path_normalization_failed", "missing_host_header", "-"])
@pytest.mark.parametrize("own", ["3a25458d-4994-4953-af29-536c0f8a000b", "the caller's own", "-"])
def test_the_record_has_the_id_that_the_gateways_own_reading_of_a_line_finds(details: str, own: str) -> None:
    line = _line(id=own, details=details)
    _ingest(line)
    call = read_line(line.decode().rstrip("\n"))
    assert call is not None
    assert CallRecord.objects.get().tracking_id == record_id(call)
