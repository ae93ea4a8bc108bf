"""Rows D1, D3 (documentation), D5, P6, P10 as people live them: a stranger reads, a developer finds their own."""

from __future__ import annotations

import json
import re
from pathlib import Path

from browser.person import People, Size
from browser.sizes import desktop_first


@desktop_first
def test_a_stranger_finds_an_operation_and_reads_what_it_needs(people: People, size: Size) -> None:
    reader = people.visitor(size=size)
    reader.goes_to("/")
    reader.follows("See the products")
    reader.fills("Search", "transactions")
    reader.is_at(re.compile(r"q=transactions"))
    reader.does_not_see("Authentication API", within="#results")
    reader.follows("Accounts", within="#results")
    reader.sees_heading("Accounts")
    reader.follows("List the transactions of an account", within="main")
    reader.sees_heading("List the transactions of an account")
    reader.sees("transactions", within="main dl")
    reader.sees("Sign in", within="#try")
    reader.is_accessible()


def test_search_works_without_scripts(people: People) -> None:
    reader = people.visitor(javascript=False)
    reader.goes_to("/products")
    reader.fills("Search", "revoke")
    reader.presses("Search", within="main form")
    reader.sees("Authentication API", within="#results")


def test_the_authorization_server_is_a_documented_product(people: People) -> None:
    reader = people.visitor()
    reader.goes_to("/products/authentication")
    if people.size == "telephone":
        reader.opens("Authentication API")
    reader.follows("Get a token", within="nav.side")
    reader.sees("client_credentials", within="main")
    reader.sees("invalid_client", within="#errors")
    file = reader.goes_to("/products/authentication/v1/downloads") or reader.downloads("JSON")
    assert "/oauth/token" in json.loads(Path(file).read_text())["paths"]


def test_step_one_carries_the_readers_own_client_id(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to("/products/accounts/v1/token")
    shown = " ".join(dana.page.locator("main pre").all_text_contents())
    named = re.search(r"\bcli_[a-z0-9]+", shown)
    assert named, shown
    with people.system.client() as stranger_client:
        assert "cli_" not in stranger_client.get("/products/accounts/v1/token").text
    dana.goes_to("/products/accounts/v1/identities")
    dana.sees(people.system.demo.identities[0].password)
    stranger = people.visitor()
    stranger.goes_to("/products/accounts/v1/identities")
    stranger.sees(people.system.demo.identities[0].identity_number)
    stranger.does_not_see(people.system.demo.identities[0].password)


def test_getting_started_is_true_here(people: People) -> None:
    reader = people.visitor()
    reader.goes_to("/getting-started")
    reader.sees(f"{people.system.public_url}/sandbox", within="main table")
    reader.sees(f"{people.system.mutual_url}/sandbox", within="main table")
    reader.follows("Which one is mine?")
    reader.sees_heading("Choose an application type")


def test_what_the_operator_features_and_writes_is_on_the_partners_home(people: People) -> None:
    """The effect as a second role sees it."""
    otto, dana = people.session("operator"), people.sign_in("developer")
    assert otto.is_signed_in
    dana.goes_to("/")
    dana.sees_heading("Products")
    dana.sees("The sandbox is open")
    dana.follows("The sandbox is open")
    dana.presses("To the product")
    dana.sees_heading("Accounts")


@desktop_first
def test_versions_and_downloads(people: People, size: Size) -> None:
    reader = people.visitor(size=size)
    reader.goes_to("/products/accounts/v1/versions")
    reader.sees("Newest")
    reader.goes_to("/products/accounts/v1/downloads")
    document = json.loads(reader.downloads("JSON").read_text())
    assert document["servers"][0]["url"].startswith(people.system.public_url)
