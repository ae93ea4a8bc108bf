"""A role of PSD2 decides what may be called (FEATURES C8): over the wire, with the certificate that carries it."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509

from journeys.management_client import ManagementClient
from journeys.partners import Partner, bearer, claims_of, partner
from propylon.pki.qc_statements import read_qualification
from running_system import RunningSystem, wait_until

_PATIENCE = 20


def test_a_token_passes_with_the_role_of_its_certificate_and_no_other_protocol_3_3(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    product = running_system.demo.products[0]
    address = running_system.demo.environments["sandbox"]["public_url"].removeprefix(running_system.public_url)
    address += product.sample_get
    with (
        ManagementClient(running_system) as operator,
        ManagementClient(running_system, "developer") as developer,
        partner(running_system, developer, tmp_path, psd2_roles=["PSP_AI"]) as ai,
        partner(running_system, developer, tmp_path, psd2_roles=["PSP_PI", "PSP_IC"]) as pi,
        partner(running_system, developer, tmp_path) as plain,
    ):
        assert ai.identity is not None
        leaf = x509.load_pem_x509_certificate(ai.identity.certificate_file.read_bytes())
        assert read_qualification(leaf).roles == ("PSP_AI",)
        tokens = {each.client_id: each.token() for each in (ai, pi, plain)}
        assert claims_of(tokens[ai.client_id])["psd2"] == "PSP_AI"
        assert claims_of(tokens[pi.client_id])["psd2"] == "PSP_PI PSP_IC"
        assert "psd2" not in claims_of(tokens[plain.client_id])

        def called(by: Partner) -> tuple[int, str]:
            with by.mutual() as session:
                answer = session.get(address, **bearer(tokens[by.client_id]))
            return answer.status, "" if answer.status == 200 else answer.json()["code"]

        assert {called(each) for each in (ai, pi, plain)} == {(200, "")}
        versions = f"/products/{product.name}/versions/{product.version}/operations"
        path = product.sample_get.removeprefix(product.base_path)
        listed = operator("GET", f"{versions}?limit=200")["data"]
        found = next(each for each in listed if (each["method"], each["path"]) == ("GET", path))
        rule = f"{versions}/{found['operation_id']}"
        operator("PATCH", rule, {"psd2_roles": ["PSP_AI"]})
        try:
            wait_until(lambda: called(pi)[0] == 401, _PATIENCE)
            assert called(pi) == called(plain) == (401, "gateway.role.missing")
            assert called(ai) == (200, "")
            operator("POST", f"/certificates/{ai.certificate_id}/revocation", {})
            wait_until(lambda: ai_is_refused(ai, address, tokens[ai.client_id]), _PATIENCE)
        finally:
            operator("PATCH", rule, {"psd2_roles": []})


def ai_is_refused(by: Partner, address: str, token: str) -> bool:
    """The handshake of a new connection fails, or the call is refused in words: both are no."""
    try:
        with by.mutual() as session:
            return session.get(address, **bearer(token)).status == 401
    except OSError:
        return True
