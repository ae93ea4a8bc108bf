"""Damaged and invented files: everything is a finding or one of the house's errors, never a crash."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, pkcs7
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.kernel.errors import PropylonError
from propylon.pki.qc_asn1 import QcWords, statements_der
from propylon.toolkit.bearer_token import token_findings
from propylon.toolkit.connection import Answer, Seen, Target
from propylon.toolkit.connection_rules import answer_findings, server_facts
from propylon.toolkit.encryption import encryption_of
from propylon.toolkit.outputs import taken_apart
from propylon.toolkit.pem_blocks import blocks
from propylon.toolkit.usable import usable_identity
from toolkit.examples import NOW, PASSWORD, Wish, key_pem, looked_at, made
from toolkit.test_toolkit_findings import qc, request

WHOLE = made(Wish(more=(qc(statements_der(QcWords(("PSP_AI",), "X", "SE-FINA"))),)))
SAMPLES = {
    "certificate": WHOLE.certificate.public_bytes(Encoding.DER),
    "certificate in pem": WHOLE.pem,
    "pfx": WHOLE.pfx(rounds=1),
    "old pfx": WHOLE.pfx(rounds=1, is_legacy=True),
    "p7b": pkcs7.serialize_certificates([WHOLE.certificate, *WHOLE.issuers], Encoding.DER),
    "key": WHOLE.key_pem,
    "old key": key_pem(WHOLE.key, PASSWORD, PrivateFormat.TraditionalOpenSSL),
    "request": request("svcX", WHOLE.key),
}
QUICK = settings(max_examples=60)


def use(data: bytes) -> None:
    """All that a command or the page does with a file."""
    found = looked_at(data, passwords=[PASSWORD], service_account="svcX", is_key_needed=True)
    json.dumps(found.as_dict())
    assert all("\n" not in each.sentence and each.next_step for each in found.findings)
    with contextlib.suppress(PropylonError):
        taken_apart(usable_identity(found.contents, needs_key=True))


@st.composite
def damaged(draw: st.DrawFn, sample: bytes) -> bytes:
    """Some bytes changed, one piece cut out or doubled, the end missing."""
    data = bytearray(sample)
    for _ in range(draw(st.integers(0, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    start, length = draw(st.integers(0, len(data))), draw(st.integers(0, 40))
    piece = bytes(data[start : start + length])
    kind = draw(st.sampled_from(["keep", "cut", "double", "end"]))
    if kind == "cut":
        del data[start : start + length]
    elif kind == "double":
        data[start:start] = piece * draw(st.integers(1, 3))
    elif kind == "end":
        del data[start:]
    return bytes(data)


@pytest.mark.parametrize("name", SAMPLES)
def test_damaged_files(name: str) -> None:
    @QUICK
    @given(damaged(SAMPLES[name]))
    def tried(data: bytes) -> None:
        use(data)

    tried()


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
def test_many_damaged_files(name: str) -> None:
    @settings(max_examples=1_500)
    @given(damaged(SAMPLES[name]))
    def tried(data: bytes) -> None:
        use(data)

    tried()


@QUICK
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x30\x82", b"\x30\x80\x02\x01\x03", b"-----BEGIN CERTIFICATE-----\n"]),
)
def test_invented_files(data: bytes, beginning: bytes) -> None:
    use(beginning + data)
    encryption_of(beginning + data)


@QUICK
@given(st.text(max_size=300))
def test_invented_text(text: str) -> None:
    list(blocks(f"-----BEGIN X-----\n{text}\n-----END X-----"))
    list(token_findings(text, None, NOW))
    list(token_findings(f"a.{text}.b", None, NOW))


@QUICK
@given(
    st.integers(100, 599),
    st.binary(max_size=200),
    st.dictionaries(st.sampled_from(["date", "content-type"]), st.text(max_size=40)),
)
def test_invented_answers(status: int, body: bytes, headers: dict[str, str]) -> None:
    seen = Seen(answer=Answer(status, headers, body), tls="TLSv1.3", is_certificate_asked=True)
    list(answer_findings(seen, Target("h", 443, "/"), None, NOW))
    server_facts(body)


@QUICK
@given(
    st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["code", "message", "cnf", "exp"]), inner),
        max_leaves=8,
    )
)
def test_invented_json(value: Any) -> None:
    body = json.dumps(value).encode()
    list(answer_findings(Seen(answer=Answer(401, {}, body)), Target("h", 443, "/"), None, NOW))
    list(token_findings(f"a.{base64.urlsafe_b64encode(body).decode()}.b", None, NOW))


def test_many_beginnings_without_ends_take_no_time() -> None:
    """A PEM reader that looks for each END from each BEGIN takes minutes here."""
    use(b"-----BEGIN CERTIFICATE-----\n" * 30_000)
    use(b"\x30\x80" * 400_000)
    use(b"\x30\x83\x0f\xff\xff" * 100_000)
