"""From sign-up to the first answer of the sandbox, as a stranger does it: counted, and held to what is written down."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from browser.mails import link_in_mail
from browser.person import People, Size
from browser.sizes import desktop_first

WRITTEN = Path(__file__).parents[2] / "docs" / "explanation" / "first-call.md"
PASSWORD = "seven quiet lighthouses"


def written_numbers() -> tuple[int, int]:
    """Clicks and fields, as the page says them."""
    told = re.search(r"\*\*(\d+) clicks and (\d+) fields\*\*", WRITTEN.read_text())
    assert told, f"{WRITTEN.name} says no numbers"
    return int(told[1]), int(told[2])


@desktop_first
def test_a_stranger_makes_the_first_call(people: People, size: Size) -> None:
    address = f"freja{secrets.token_hex(4)}@fjord.example"
    freja = people.visitor(size=size)
    freja.goes_to("/")
    freja.presses("Sign up", within="header")
    freja.fills("Your name", "Freja Dahl")
    organization = f"Fjord Ledger {secrets.token_hex(3)}"
    freja.fills("Organization", organization)
    freja.fills("E-mail address", address)
    freja.fills("Password", PASSWORD)
    freja.presses("Sign up", within="main")
    freja.sees("A mail is on its way")

    freja.goes_to(link_in_mail(freja.system, address))
    freja.clicks += 1  # on the link in the mail
    freja.presses("Verify and sign in")

    freja.sees_heading("What kind of application is it?")
    freja.follows(re.compile("server", re.IGNORECASE), within=".grid--wide")
    freja.presses("Add the app")
    freja.sees(f"{organization} was added")
    freja.follows(re.compile("accounts", re.IGNORECASE), within="section[aria-labelledby=try]")
    freja.presses("Send the request")
    freja.sees(re.compile(r"^200 "))
    assert (freja.clicks, freja.fields) == written_numbers()
