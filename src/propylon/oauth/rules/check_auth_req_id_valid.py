"""The auth_req_id is known, of this client, and unused: it works once (CIBA Core, 10.1 and 11)."""

from __future__ import annotations

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.errors import invalid_grant, invalid_request


def check_auth_req_id_valid(attempt: TokenAttempt) -> None:
    request = attempt.backchannel
    if "auth_req_id" not in attempt.form:
        raise invalid_request("The parameter auth_req_id is missing.")
    if request is None or request.grant.client_id != attempt.client.client_id:
        raise invalid_grant("unknown auth_req_id" if request is None else "auth_req_id of another client")
    if request.is_used:
        raise invalid_grant("auth_req_id used a second time")
