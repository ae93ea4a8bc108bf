"""The bank's customer answers what an application asked without a browser (CIBA), on the running system."""

from __future__ import annotations

from pathlib import Path

from browser.person import People, Size
from browser.sizes import telephone_first
from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, bearer, partner
from propylon.oauth.policy import CIBA
from running_system import RunningSystem


@telephone_first
def test_a_question_is_compared_denied_and_approved(
    people: People, running_system: RunningSystem, tmp_path: Path, size: Size
) -> None:
    identity = running_system.demo.identities[0]
    with (
        ManagementClient(running_system, "developer") as developer,
        partner(running_system, developer, tmp_path, "web") as web,
        web.public() as session,
    ):
        developer("PUT", f"/clients/{web.client_id}/asking-customers", {"is_allowed": True})

        def ask(message: str) -> str:
            form = {"scope": "openid accounts", "login_hint": identity.identity_number, "binding_message": message}
            answer = session.post_form("/oauth/bc-authorize", form, Authorization=web.basic)
            assert answer.status == 200, answer.json()
            return str(answer.json()["auth_req_id"])

        def poll(auth_req_id: str) -> dict[str, str]:
            form = {"grant_type": CIBA, "auth_req_id": auth_req_id}
            body: dict[str, str] = session.post_form("/oauth/token", form, Authorization=web.basic).json()
            return body

        unwanted, wanted = ask("Grey heron 17"), ask("Blue whale 42")
        assert poll(wanted)["error"] == "authorization_pending"
        maja = people.visitor(size=size)
        maja.goes_to("/oauth/approvals")
        maja.is_accessible()
        maja.chooses("Where", "Sandbox")
        maja.fills("Identity number", identity.identity_number)
        maja.fills("Password", identity.password)
        maja.presses("Log in")
        maja.is_at("/oauth/approvals")
        maja.sees("Blue whale 42")
        maja.is_accessible()
        maja.presses("Deny", within='article.card:has-text("Grey heron 17")')
        maja.sees("Denied. Nothing was shared.")
        maja.presses("Approve", within='article.card:has-text("Blue whale 42")')
        maja.sees("Approved. Go back to the application.")
        maja.is_accessible()
        assert poll(unwanted)["error"] == "access_denied"
        tokens = poll(wanted)
        assert session.get(f"{SANDBOX}/accounts", **bearer(tokens["access_token"])).status == 200
        maja.goes_to("/oauth/consents")
        maja.sees(developer("GET", f"/applications/{web.application_id}")["name"])
