"""The roles of the certificate that a client presents stand in its tokens (PROTOCOL 3.3, issue 5's missing part)."""

from __future__ import annotations

from authserver.bank import Bank, Caller, Party, claims_of
from propylon.audit.actions import record_event
from propylon.certificates.models import Certificate
from propylon.kernel.actor import SYSTEM

_FORM = {"grant_type": "client_credentials"}


def _claims(caller: Caller, party: Party) -> dict[str, object]:
    answer = caller.token({**_FORM, "client_id": party.id}, party.on_mutual())
    assert answer.status_code == 200, answer.text
    return claims_of(answer.json()["access_token"])


def _gives(party: Party, *roles: str) -> None:
    Certificate.objects.filter(fingerprint=party.fingerprint).update(psd2_roles=list(roles))
    record_event(acting_user=SYSTEM, action="client.changed", object_kind="client", object_id=party.id)


def test_the_roles_of_the_bound_certificate_are_in_the_token(bank: Bank, caller: Caller) -> None:
    party = bank.client("server")
    _gives(party, "PSP_PI", "PSP_AI")
    claims = _claims(caller, party)
    assert claims["psd2"] == "PSP_PI PSP_AI"
    assert claims["x5h"] == party.fingerprint, "so nobody else can use them"


def test_a_certificate_without_roles_gives_none_whatever_another_one_of_the_client_gives(
    bank: Bank, caller: Caller
) -> None:
    plain, other = bank.client("server"), bank.client("server")
    _gives(other, "PSP_AI")
    Certificate.objects.filter(fingerprint=other.fingerprint).update(client=plain.row)
    record_event(acting_user=SYSTEM, action="client.changed", object_kind="client", object_id=plain.id)
    assert "psd2" not in _claims(caller, plain)
