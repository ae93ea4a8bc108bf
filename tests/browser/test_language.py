"""Language and colours are chosen on plain pages as elsewhere, without scripts and without losing one's place."""

from __future__ import annotations

from urllib.parse import urlencode

from browser.person import People, Size
from browser.sizes import desktop_first
from running_system import RunningSystem


def login_address(system: RunningSystem) -> str:
    application = system.demo.application("spa")
    asked = {
        "response_type": "code",
        "client_id": application.client_id,
        "redirect_uri": application.redirect_uris[0],
        "scope": "accounts",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(asked)}"


@desktop_first
def test_a_customer_chooses_the_language_and_goes_on_with_the_same_request(
    people: People, running_system: RunningSystem, size: Size
) -> None:
    astrid = people.visitor(size=size)
    astrid.goes_to(login_address(running_system))
    astrid.presses("Svenska", within="footer")
    astrid.sees_heading("Logga in")
    reference = astrid.page.locator("input[name=request]").first.input_value()
    identity = running_system.demo.identities[0]
    astrid.fills("Personnummer", identity.identity_number)
    astrid.fills("Lösenord", identity.password)
    astrid.presses("Logga in", within="main")
    astrid.sees_heading("Ge åtkomst?")
    assert reference in astrid.page.url
    astrid.presses("English", within="footer")
    astrid.sees_heading("Allow access?")
    astrid.presses("Dark", within="footer")
    assert astrid.page.locator("html").get_attribute("data-theme") == "dark"
    assert reference in astrid.page.url


def test_the_page_of_a_certificates_link_has_the_same_choice(people: People) -> None:
    stranger = people.visitor()
    stranger.goes_to("/certificates/download?token=unknown", status=404)
    stranger.presses("Svenska", within="footer")
    stranger.sees_heading("Länken fungerar inte")
    stranger.is_at("/certificates/download?token=unknown")


def test_a_refusal_is_told_in_the_language_of_the_page(people: People) -> None:
    dana = people.sign_in("developer", language="sv")
    dana.goes_to("/console", status=403)
    dana.sees("Konsolen är till för bankens egen personal.")
    dana.goes_to("/apps/new/web")
    dana.fills("Namn", "x", exact=True)
    dana.fills("Omdirigerings-URI:er", "https://app.example/cb")
    dana.presses("Lägg till appen")
    dana.sees("ska ha 2 till 80 tecken")


def test_a_pasted_error_code_is_explained_in_swedish(people: People) -> None:
    visitor = people.visitor(language="sv", size="telephone")
    visitor.goes_to("/products?q=gateway.token.expired")
    visitor.follows("gateway.token.expired")
    visitor.sees("Åtkomsttoken har gått ut.")
    visitor.goes_to("/guides/tokens")
    visitor.sees_heading("Tokens, steg för steg")
