"""Who must sign does, and then nothing stands beside what was signed (CIBA Core, 7.1.1; FAPI-CIBA, 5.2.2)."""

from __future__ import annotations

from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.errors import invalid_request


def check_backchannel_signed(attempt: BackchannelAttempt) -> None:
    client = attempt.client
    if not attempt.is_signed and (client.requires_signed_requests or client.policy.asks_by_fapi_ciba):
        raise invalid_request("This client signs its requests: send the parameter request (CIBA Core, 7.1.1).")
    if "request_uri" in attempt.parameters:
        raise invalid_request("request_uri is not taken here. Send the signed request itself, as request.")
    if attempt.beside:
        names = ", ".join(sorted(attempt.beside))
        raise invalid_request(
            f"Beside request stands nothing but what authenticates the client. Sign these too: {names}."
        )
