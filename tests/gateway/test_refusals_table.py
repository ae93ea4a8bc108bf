"""The table of refusals: codes are stable, unique and complete."""

from __future__ import annotations

import pytest

from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS, refusal_code


def test_codes_are_unique_and_ours():
    codes = [row.code for row in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL)]
    assert len(codes) == len(set(codes))
    assert all(code.startswith("gateway.") for code in codes)


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row.code)
def test_a_message_says_what_to_do_next(row):
    assert row.message.endswith(".")
    assert (row.status == 401 or "insufficient_scope" in row.www_authenticate) == bool(row.www_authenticate)
    is_passing = row.status in (408, 429, 502, 503, 504) and row.code != "gateway.answer.too_large"
    assert row.transient == is_passing  # an answer that is too large will be so again


@pytest.mark.parametrize(
    ("details", "flags", "status", "code"),
    [
        ("via_upstream", "-", 404, ""),
        ("via_upstream", "-", 200, ""),
        ("", "-", 502, "gateway.answer.too_large"),
        ("", "-", 500, ""),
        ("downstream_remote_disconnect", "DC", 0, ""),
        ("jwt_authn_access_denied{Jwt_is_missing}", "UAEX", 401, "gateway.token.missing"),
        ("jwt_authn_access_denied{Audiences_in_Jwt_are_not_allowed}", "-", 401, "gateway.token.audience"),
        ("jwt_authn_access_denied{Something_new}", "-", 401, "gateway.token.malformed"),
        ("rbac_access_denied_matched_policy[scope]", "-", 403, "gateway.scope.missing"),
        ("rbac_access_denied_matched_policy[none]", "-", 403, "gateway.scope.missing"),
        ("rbac_access_denied_matched_policy[nonce]", "-", 401, "gateway.proof.nonce_needed"),
        ("rbac_access_denied_matched_policy[revoked.grant]", "-", 401, "gateway.token.revoked"),
        ("rbac_access_denied_matched_policy[revoked.certificate]", "-", 401, "gateway.certificate.revoked"),
        ("direct_response", "-", 401, "gateway.certificate.missing"),
        ("direct_response", "-", 404, "gateway.path.unknown"),
        ("direct_response", "-", 405, "gateway.method.refused"),
        ("direct_response", "-", 410, "gateway.version.sunset"),
        ("direct_response", "-", 413, "gateway.body.too_large"),
        ("direct_response", "-", 414, "gateway.url.too_long"),
        ("upstream_reset_before_response_started{connection_termination}", "UC", 502, "gateway.upstream.failed"),
        ("response_timeout", "UT", 504, "gateway.upstream.timeout"),
        ("something_new", "-", 500, "gateway.unavailable"),
        ("something_new", "-", 400, "gateway.request.refused"),
    ],
)
def test_a_record_is_read_with_the_same_table(details, flags, status, code):
    assert refusal_code(details, flags, status) == code
