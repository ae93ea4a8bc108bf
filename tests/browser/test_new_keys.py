"""New keys by page, on the running system: asked for, approved with overlap, both work, the old one is ended (A3)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from browser.person import People, Person, Size
from browser.sizes import desktop_first
from journeys.customers import get_code, redeem
from journeys.management_client import ManagementClient
from journeys.partners import Partner, partner
from propylon.cli.demo.http_session import Answer
from running_system import RunningSystem, wait_until


def token(web: Partner, secret: str) -> Answer:
    """What the token endpoint gives for a customer's fresh code and this secret."""
    code, verifier = get_code(web)
    with web.public() as session:
        return redeem(replace(web, secret=secret), session, code, verifier)


def shown_secret(people: People, person: Person, path: str) -> str:
    person.goes_to(path)
    person.fills("Your password", people.user(person.role).password)
    person.presses("Show", exact=True)
    person.sees("Base64 of id:secret")
    return str(person.page.locator("[data-forget] code").first.text_content())


@desktop_first
def test_a3_new_keys_are_asked_for_approved_and_replace_the_old_without_an_interruption(
    people: People, running_system: RunningSystem, tmp_path: Path, size: Size
) -> None:
    with (
        ManagementClient(running_system, "developer") as developer,
        partner(running_system, developer, tmp_path, "web") as web,
    ):
        keys, old = f"/apps/{web.application_id}/keys", web.secret
        dana = people.sign_in("developer", size=size)
        dana.goes_to(keys)
        dana.fills("Why you need new keys", "The secret was in a log file.")
        dana.presses("Ask for new keys")
        dana.sees("The request is with the operator.")
        dana.sees("The secret was in a log file.")
        dana.is_accessible()
        assert token(web, old).status == 200, "nothing changes before the decision"

        otto = people.sign_in("operator", size=size)
        name = developer("GET", f"/applications/{web.application_id}")["name"]
        otto.goes_to("/console?kind=regeneration")
        otto.follows(name)
        otto.sees("The secret was in a log file.")
        otto.is_accessible()
        otto.chooses("7 days")
        otto.presses("Approve: make new keys")
        otto.sees("has a new secret")

        new = shown_secret(people, dana, keys)
        dana.sees("Two secrets work now.")
        dana.is_accessible()
        assert new != old
        assert [token(web, secret).status for secret in (old, new)] == [200, 200]
        assert token(web, "neither").status == 401

        otto.goes_to(f"/console/applications/{web.application_id}")
        otto.presses("End the old secret now")
        otto.sees("The old secret has ended.")
        wait_until(lambda: token(web, old).status == 401, 5, lambda: "the old secret still works")
        assert token(web, new).status == 200
        dana.goes_to(keys)
        dana.does_not_see("Two secrets work now.")
        dana.sees("The old secret works for 7 days longer")
        dana.goes_to(f"/apps/{web.application_id}/history")
        for word in ("New keys asked for", "Client secret replaced", "Old client secret ended before its time"):
            dana.sees(word)
