"""The bank's customer at their own consents, on the running system: seen with their use, and taken back (O8)."""

from __future__ import annotations

from pathlib import Path

from browser.person import People, Size
from browser.sizes import both_sizes
from journeys.customers import get_code, redeem
from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, bearer, partner
from running_system import RunningSystem, wait_until


@both_sizes
def test_o8_a_consent_is_seen_with_its_use_and_withdrawn(
    people: People, running_system: RunningSystem, tmp_path: Path, size: Size
) -> None:
    with (
        ManagementClient(running_system, "developer") as developer,
        partner(running_system, developer, tmp_path, "web") as web,
        web.public() as session,
    ):
        name = developer("GET", f"/applications/{web.application_id}")["name"]
        tokens = redeem(web, session, *get_code(web)).json()

        def call() -> tuple[int, str]:
            answer = session.get(f"{SANDBOX}/accounts", **bearer(tokens["access_token"]))
            return answer.status, answer.json().get("code", "")

        assert call()[0] == 200
        identity = running_system.demo.identities[0]
        maja = people.visitor(size=size)
        maja.goes_to("/oauth/consents")
        maja.is_at("/oauth/consents/log-in")
        maja.is_accessible()
        maja.chooses("Where", "Sandbox")
        maja.fills("Identity number", identity.identity_number)
        maja.fills("Password", identity.password)
        maja.presses("Log in")
        card = f'section.card:has(h2:text-is("{name}"))'
        maja.sees(name)
        maja.is_accessible()

        def is_counted() -> bool:
            maja.goes_to("/oauth/consents")
            return "Not yet" not in maja.page.locator(card).inner_text()

        wait_until(is_counted, 20)
        maja.presses("Withdraw", within=card)
        maja.sees("Its next call is refused")
        maja.is_accessible()
        assert call()[0] == 200, "looking withdraws nothing"
        maja.presses("Withdraw", exact=True)
        maja.sees("Withdrawn. The application cannot use your data any more.")
        wait_until(lambda: call() == (401, "gateway.token.revoked"), 5)
        again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        assert session.post_form("/oauth/token", again, Authorization=web.basic).json()["error"] == "invalid_grant"
        maja.presses("Log out")
        maja.is_at("/oauth/consents/log-in")
