"""Bounds of a product's own, beside others under the same base path: bodies, answers, time."""

from __future__ import annotations

import time

import pytest

from propylon.gateway.refusals import refusal_code

NARROW = "/sandbox/shared/narrow"  # bodies of 2,000 bytes, answers of 30,000, 200 ms
WIDE = "/sandbox/shared/wide"  # bodies of 40,000 bytes, where the installation takes 20,000
USUAL = "/sandbox/accounts/v1/accounts"


def unannounced(size):
    return iter([b"x" * 500] * (size // 500))


def announced(size):
    return b"x" * size


@pytest.mark.parametrize("body", [announced, unannounced])
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        (NARROW, 2_000, 200),
        (NARROW, 60_000, 413),
        (USUAL, 20_000, 200),
        (USUAL, 60_000, 413),
        (WIDE, 40_000, 200),
        (WIDE, 200_000, 413),
    ],
)
def test_a_products_bound_of_bodies_is_its_own(gateway, path, size, status, body):
    answer = gateway.call(path, "POST", token=gateway.token(), body=body(size))
    assert answer.status == status
    if status == 413:
        assert answer.json()["code"] == "gateway.body.too_large"
        assert gateway.record(answer.tracking_id)["product"] in ("narrow", "wide", "accounts")
    else:
        assert answer.json()["length"] == size


def test_an_announced_body_of_a_byte_more_is_refused(gateway):
    for path, most in ((NARROW, 2_000), (WIDE, 40_000)):
        answer = gateway.call(path, "POST", token=gateway.token(), body=b"x" * (most + 1))
        assert (answer.status, answer.json()["code"]) == (413, "gateway.body.too_large")


@pytest.mark.parametrize("path", [NARROW, "/sandbox/shared/unannounced"])
def test_an_answer_that_is_too_large_is_none(gateway, path):
    whole = gateway.call(f"{path}?size=30000", token=gateway.token())
    assert (whole.status, len(whole.body)) == (200, 30_000)
    for size in (30_001, 400_000):
        answer = gateway.call(f"{path}?size={size}", token=gateway.token())
        assert (answer.status, answer.json()["code"]) == (502, "gateway.answer.too_large")
        record = gateway.record(answer.tracking_id)
        assert (record["details"], record["product"]) == ("", "narrow")
        assert refusal_code(record["details"], record["flags"], int(record["status"])) == "gateway.answer.too_large"


def test_answers_of_others_and_streams_are_as_large_as_they_are(gateway):
    for path in (WIDE, USUAL, "/sandbox/shared/export"):
        answer = gateway.call(f"{path}?size=400000", token=gateway.token())
        assert (answer.status, len(answer.body)) == (200, 400_000)


def test_an_answer_without_a_body_is_no_answer_too_large(gateway):
    assert gateway.call(f"{NARROW}?size=400000", "HEAD", token=gateway.token()).status == 200


def test_a_products_patience_is_its_own(gateway):
    began = time.monotonic()
    answer = gateway.call("/sandbox/shared/slow", token=gateway.token())
    assert (answer.status, answer.json()["code"]) == (504, "gateway.upstream.timeout")
    assert time.monotonic() - began < 0.45  # the upstream's is 500 ms
