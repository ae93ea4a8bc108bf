"""The customer has approved, and in time; until then the client waits, and not too hastily (CIBA Core, 11)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import OAuthError
from propylon.oauth.records import Approval


def check_approval_given(attempt: TokenAttempt) -> None:
    request = attempt.backchannel
    if request is None:
        raise OAuthError("authorization_pending", "Nobody was asked.")
    if request.approval is Approval.DENIED:
        raise OAuthError("access_denied", "The customer did not agree.")
    if request.approval is Approval.TIMED_OUT or attempt.now >= request.expires_at:
        raise OAuthError("expired_token", "The customer's time is over, and so is this auth_req_id. Ask again.")
    if request.approval is Approval.APPROVED:
        return
    if attempt.now < request.polled_at + request.interval:
        raise OAuthError("slow_down", "You ask too often: from now on wait five seconds longer between two questions.")
    raise OAuthError("authorization_pending", "The customer has not answered yet. Ask again after the interval.")
