"""The call console's proofs of possession, judged by the code that the gateway's nodes judge them with."""

from __future__ import annotations

import time

import pytest

from propylon.kernel.secret import Secret
from propylon.oauth.dpop import Occasion, ProofRefused, check_proof
from propylon.portal.calling.gateway_call import GatewayRequest, _headers
from propylon.portal.calling.possession import PossessionKey

ADDRESS = "https://api.example/sandbox/accounts/v1/accounts"
TOKEN = Secret("a.token.of.ours")


def occasion(**other: str) -> Occasion:
    return Occasion(
        **{"method": "GET", "address": ADDRESS, "access_token": TOKEN.reveal(), **other}, now=int(time.time())
    )


def test_a_proof_holds_for_its_call_and_no_other_rfc9449_4_3() -> None:
    key = PossessionKey()
    text = key.proof(method="GET", url=f"{ADDRESS}?limit=5", token=TOKEN)
    assert check_proof(text, occasion()).thumbprint == key.thumbprint
    for other in ({"method": "POST"}, {"address": f"{ADDRESS}/1"}, {"access_token": "another"}):
        with pytest.raises(ProofRefused):
            check_proof(text, occasion(**other))


def test_each_proof_is_a_new_one_rfc9449_11_1() -> None:
    key = PossessionKey()
    first, second = (check_proof(key.proof(method="GET", url=ADDRESS, token=TOKEN), occasion()) for _ in range(2))
    assert first.digest != second.digest


def test_what_is_sent_is_a_proof_and_what_is_shown_holds_neither_token_nor_proof() -> None:
    request = GatewayRequest("GET", ADDRESS, (("Accept", "application/json"),), None, TOKEN, PossessionKey())
    sent, shown = _headers(request), dict(request.shown_headers)
    assert sent["Authorization"] == f"DPoP {TOKEN.reveal()}"
    assert check_proof(sent["DPoP"], occasion()).identifier
    assert shown["Authorization"].startswith("DPoP ")
    assert TOKEN.reveal() not in str(shown)
    assert sent["DPoP"] != shown["DPoP"]
