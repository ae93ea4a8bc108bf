"""A foreign authority at the mutual listener: let through at once, and nobody by that (PROTOCOL 3.3)."""

from __future__ import annotations

import ssl
import time
from pathlib import Path

from foreign_authority import ForeignAuthority
from journeys.management_client import ManagementClient
from journeys.partners import bearer, partner
from propylon.cli.demo.http_session import ClientIdentity, HttpSession
from running_system import RunningSystem, wait_until

_WITHIN_SECONDS = 10.0  # on a busy machine; what it took is printed
_OAUTH = "/.well-known/oauth-authorization-server"


def test_a_foreign_authority_is_let_through_and_makes_nobody_a_service_account(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    foreign = ForeignAuthority("Journey Trust Service CA")
    with (
        ManagementClient(running_system) as operator,
        ManagementClient(running_system, "developer") as developer,
        partner(running_system, developer, tmp_path) as server,
    ):
        account = developer("GET", f"/clients/{server.client_id}")["service_account"]
        certificate, key = foreign.issue(account)
        identity = ClientIdentity(tmp_path / "foreign.crt", tmp_path / "foreign.key")
        identity.certificate_file.write_text(certificate)
        identity.private_key_file.write_text(key)

        def gets_through() -> bool:
            try:
                with server.mutual(identity=identity) as session:
                    return session.get(_OAUTH).status == 200
            except (OSError, ssl.SSLError):
                return False

        assert not gets_through(), "nobody trusts it"
        anchor = operator("POST", "/trust-anchors", {"text": foreign.pem}, status=201)["added"][0]
        try:
            assert anchor["state"] == "waiting"
            begun = time.monotonic()
            listed = operator("PUT", f"/trust-anchors/{anchor['id']}/revocation-list", {"text": foreign.crl().decode()})
            assert listed["state"] == "in_force"
            wait_until(gets_through, _WITHIN_SECONDS)
            print(f"a foreign authority is let through {time.monotonic() - begun:.2f} s after its list was set")
            with server.mutual(identity=identity) as session:
                refused = server.ask_for_token(session)
            assert refused.status == 401, "its CN is the service account's name, and that proves nothing"
            assert refused.json()["error"] == "invalid_client"
            with server.mutual() as session:
                assert server.ask_for_token(session).status == 200, "the program's own go on"
            own = developer(
                "POST", f"/clients/{server.client_id}/certificates", {"certificate": certificate}, status=201
            )
            assert own["is_own"]
            with server.mutual(identity=identity) as session:
                token = server.ask_for_token(session).json()["access_token"]
                call = running_system.demo.environments["sandbox"]["public_url"].removeprefix(running_system.public_url)
                call += running_system.demo.products[0].sample_get
                assert session.get(call, **bearer(token)).status == 200
                begun = time.monotonic()
                listed = foreign.crl(int(own["serial"], 16), days=6).decode()
                operator("PUT", f"/trust-anchors/{anchor['id']}/revocation-list", {"text": listed})
                wait_until(lambda: session.get(call, **bearer(token)).status == 401, _WITHIN_SECONDS)
                print(f"revoked by its issuer: refused on the open connection after {time.monotonic() - begun:.2f} s")
        finally:
            begun = time.monotonic()
            operator("DELETE", f"/trust-anchors/{anchor['id']}", status=204)
        wait_until(lambda: not gets_through(), _WITHIN_SECONDS)
        print(f"and no longer {time.monotonic() - begun:.2f} s after it was removed")
        assert _still(server.mutual())


def _still(session: HttpSession) -> bool:
    with session:
        return session.get(_OAUTH).status == 200
