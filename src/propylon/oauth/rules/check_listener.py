"""Clients with a certificate as identity ask on the mutual listener only (FEATURES C2)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_client
from propylon.oauth.policy import Listener


def check_listener(attempt: TokenAttempt) -> None:
    if attempt.client.policy.listener is Listener.MUTUAL and attempt.listener != "mutual":
        raise invalid_client("asked on the public listener")
