"""A call that is let through: what the upstream receives, and what the caller gets back."""

from __future__ import annotations


def test_a_call_with_its_scope_reaches_the_upstream(gateway):
    answer = gateway.call("/sandbox/accounts/v1/accounts", token=gateway.token())
    assert answer.status == 200, answer.body
    print(answer.headers, answer.json())
    print(gateway.record(answer.tracking_id))
