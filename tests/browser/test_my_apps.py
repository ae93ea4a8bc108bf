"""My apps as people use it, on the running system: each row's effect is looked at by somebody else (A1-A5, A8)."""

from __future__ import annotations

import base64
import re
import secrets
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx

from browser.person import People, Person, Size
from browser.sizes import desktop_first
from journeys.management_client import ManagementClient
from running_system import RunningSystem, wait_until

APP = re.compile(r"/apps/(app_\w+)")
CLIENT = re.compile(r"cli_\w+")


def unique(name: str) -> str:
    return f"{name} {secrets.token_hex(3)}"


def path_of(person: Person) -> str:
    """The application that the person is at."""
    found = APP.search(person.page.url)
    assert found, person.page.url
    return f"/apps/{found[1]}"


def client_id(person: Person) -> str:
    found = CLIENT.search(person.page.locator("main").inner_text())
    assert found
    return found[0]


def adds(person: Person, type_title: str, name: str) -> str:
    """An application with nothing but its name typed; the path of its page."""
    person.goes_to("/apps")
    person.presses("Add an app")
    person.follows(type_title)
    person.fills("Name", name)
    person.presses("Add the app")
    person.sees("has its keys")
    return path_of(person)


def shown_secret(people: People, person: Person, path: str) -> str:
    person.goes_to(f"{path}/keys")
    person.fills("Your password", people.user(person.role).password)
    person.presses("Show", exact=True)
    person.sees("Base64 of id:secret")
    return str(person.page.locator("[data-forget] code").first.text_content())


def code_for_tokens(system: RunningSystem, identifier: str, secret: str) -> httpx.Response:
    """What the token endpoint says to these keys: a wrong code is refused only after the keys were believed."""
    with system.client() as client:
        form = {
            "grant_type": "authorization_code",
            "code": "unknown",
            "redirect_uri": "https://localhost/callback",
            "code_verifier": "v" * 43,
        }
        return client.post("/oauth/token", data=form, auth=(identifier, secret))


@desktop_first
def test_a1_an_app_is_added_and_its_manager_sees_it(people: People, size: Size) -> None:
    dana, name = people.sign_in("developer", size=size), unique("Ledger")
    path = adds(dana, "Web application", name)
    dana.sees("What now")
    dana.is_accessible()
    omar = people.sign_in("organization_manager", size=size)
    omar.goes_to(f"/apps?q={name.replace(' ', '+')}")
    omar.follows(name)
    omar.sees_heading(name)
    hedda = people.sign_in("hedda@havn.example", size=size)
    hedda.goes_to(path, status=404)


def test_a1_the_operator_decides_about_production_and_the_page_tells(people: People) -> None:
    dana, name = people.sign_in("developer"), unique("Treasury")
    dana.goes_to("/apps/new/web")
    dana.fills("Name", name)
    dana.chooses("Production")
    dana.presses("Add the app")
    dana.sees("The operator decides about Production.")
    path, identifier = path_of(dana), client_id(dana)
    dana.goes_to(f"{path}/keys")
    dana.sees("There is no secret before the approval")
    decides(people, identifier, "approve", "Contract 17")
    dana.goes_to(path)
    dana.sees("Contract 17")
    dana.does_not_see("The operator decides about Production.")
    assert shown_secret(people, dana, path)


def test_a1_a_mistake_is_told_at_its_field_and_nothing_typed_is_lost(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to("/apps/new/web")
    dana.fills("Name", unique("Ledger"))
    dana.fills("Redirect URIs", "http://elsewhere.example/")
    dana.presses("Add the app")
    dana.sees("must begin with https://")
    dana.is_accessible()
    dana.fills("Redirect URIs", "https://elsewhere.example/")
    dana.presses("Add the app")
    dana.sees("has its keys")


def test_a1_help_to_choose_works_without_scripts(people: People) -> None:
    dana = people.sign_in("developer", javascript=False)
    dana.goes_to("/apps/new?product=accounts")
    dana.opens("Help me choose")
    for answer in ("As an app on a device", "Yes"):
        dana.page.get_by_label(answer, exact=True).check()
    dana.presses("Show what fits")
    dana.follows("Go on with this type")
    dana.is_at(re.compile(r"/apps/new/native\?product=accounts$"))


@desktop_first
def test_a2_keys_are_hidden_shown_on_demand_copied_and_audited(
    people: People, running_system: RunningSystem, size: Size
) -> None:
    dana, name = people.sign_in("developer", size=size), unique("Vault")
    path = adds(dana, "Web application", name)
    dana.goes_to(f"{path}/keys")
    identifier = client_id(dana)
    dana.fills("Your password", "not the password")
    dana.presses("Show", exact=True)
    dana.sees("This is not your password")

    secret = shown_secret(people, dana, path)
    dana.is_accessible()
    assert code_for_tokens(running_system, identifier, secret).json()["error"] == "invalid_grant", "the keys are good"
    assert code_for_tokens(running_system, identifier, f"{secret}x").json()["error"] == "invalid_client"
    dana.presses("Copy the client secret")
    assert dana.page.evaluate("() => navigator.clipboard.readText()") == secret
    dana.presses("Copy id and secret in Base64")
    copied = dana.page.evaluate("() => navigator.clipboard.readText()")
    assert base64.b64decode(copied).decode() == f"{identifier}:{secret}"
    assert secret not in dana.page.url

    dana.goes_to(f"{path}/settings")
    dana.page.go_back()
    dana.watch.settle()
    assert secret not in dana.page.content(), "hidden again once the page was left"
    omar = people.sign_in("organization_manager", size=size)
    omar.goes_to(f"{path}/history")
    omar.sees("Client secret shown")
    omar.sees("dana@nordlicht.example")


def test_a4_deletion_takes_the_typed_name_and_ends_tokens_at_once(
    people: People, running_system: RunningSystem, tmp_path: Path
) -> None:
    dana, name = people.sign_in("developer"), unique("Engine")
    path, call = server_application(people, running_system, dana, name, tmp_path)
    assert call() == 200
    petra = people.sign_in("product_manager")
    petra.goes_to(path)

    dana.goes_to(f"{path}/settings")
    dana.follows("Delete this app")
    dana.fills("to confirm", "something else")
    dana.presses("Delete this app")
    dana.sees("This is not it.")
    assert call() == 200
    dana.fills("to confirm", name)
    dana.presses("Delete this app")
    dana.sees(f"{name} was deleted")
    dana.does_not_see(name, within="table")
    wait_until(lambda: call() == 401, 5)
    petra.goes_to(path, status=404)
    people.sign_in("operator").goes_to(path, status=404)


def test_a5_a_subscription_lets_it_call_and_its_end_refuses_its_tokens(
    people: People, running_system: RunningSystem, tmp_path: Path
) -> None:
    dana, name = people.sign_in("developer"), unique("Feed")
    path, call = server_application(people, running_system, dana, name, tmp_path)
    assert call() == 200
    dana.goes_to(f"{path}/subscriptions")
    dana.opens("Unsubscribe")
    dana.presses("End the subscription")
    dana.sees("None yet.")
    wait_until(lambda: call() == 401, 5)
    dana.presses("Subscribe Accounts")
    dana.sees("is subscribed to Accounts")
    petra = people.sign_in("product_manager")
    petra.goes_to(f"{path}/subscriptions")
    petra.sees("transactions")
    petra.does_not_see("Unsubscribe")
    petra.goes_to(f"{path}/history")
    petra.sees("Subscription given up")


def test_refused_calls_are_told_in_words(people: People, running_system: RunningSystem, tmp_path: Path) -> None:
    dana, name = people.sign_in("developer"), unique("Probe")
    path, call = server_application(people, running_system, dana, name, tmp_path)
    dana.goes_to(f"{path}/source-ranges")
    dana.fills("Source ranges", "203.0.113.0/24")
    dana.presses("Save")
    dana.sees("The source ranges are in force within a second.")
    wait_until(lambda: call() == 403, 5)

    def shows() -> bool:
        dana.goes_to(f"{path}/calls?outcome=refused")
        return dana.page.get_by_text("may not be used from your address").count() > 0

    wait_until(shows, 20)
    dana.is_accessible()
    dana.page.locator("tbody tr").first.get_by_role("link").click()
    dana.sees("Add the address to the application's source ranges.")
    tracking_id = dana.page.url.rpartition("/")[2]
    dana.follows("Source ranges", within=".notice")
    dana.is_at(f"{path}/source-ranges")
    petra = people.sign_in("product_manager")
    petra.goes_to(f"{path}/calls")
    petra.fills("RequestTrackingId", tracking_id)
    petra.presses("Find")
    petra.is_at(f"{path}/calls/{tracking_id}")


def test_a8_each_environment_has_base_url_audience_and_keys_of_its_own(
    people: People, running_system: RunningSystem
) -> None:
    dana, name = people.sign_in("developer"), unique("Two places")
    path = adds(dana, "Web application", name)
    sandbox, secret = client_id(dana), shown_secret(people, dana, path)
    dana.presses("Add to another environment")
    dana.presses("Add", exact=True)
    dana.sees("The operator decides about Production.")
    dana.sees(f"{running_system.public_url}/api")
    production = client_id(dana)
    assert production != sandbox
    decides(people, production, "approve", "")
    dana.goes_to(f"{path}/keys?environment=production")
    dana.fills("Your password", people.user("developer").password)
    dana.presses("Show", exact=True)
    dana.sees("Base64 of id:secret")
    other = str(dana.page.locator("[data-forget] code").first.text_content())
    assert other != secret
    assert code_for_tokens(running_system, production, other).json()["error"] == "invalid_grant"
    assert code_for_tokens(running_system, production, secret).json()["error"] == "invalid_client"
    dana.follows(re.compile("^Sandbox"))
    dana.sees(sandbox)
    otto = people.sign_in("operator")
    otto.goes_to(f"{path}?environment=production")
    otto.sees(production)


def test_c3_c4_a_certificate_is_ordered_downloaded_once_and_revoked(
    people: People, running_system: RunningSystem, tmp_path: Path
) -> None:
    dana, name = people.sign_in("developer"), unique("Holder")
    dana.goes_to("/apps/new/server")
    dana.fills("Name", name)
    dana.presses("Add the app")
    path = path_of(dana)
    link = mailed_link(running_system, name)
    dana.goes_to(f"{path}/certificates")
    dana.sees("Valid", within="table")
    dana.presses("Mail a new link")
    dana.sees("A link for one download was mailed")
    newer = mailed_link(running_system, name, but=link)
    with running_system.client() as client:
        assert client.post(link, data={"format": "pem"}).status_code == 404, "the link before has ended"
        assert client.post(newer, data={"format": "pem"}).status_code == 200
        assert client.post(newer, data={"format": "pem"}).status_code == 409
    dana.goes_to(f"{path}/certificates")
    dana.sees("Downloaded; the key is no longer kept here")
    dana.page.locator("tbody tr").first.get_by_role("link").first.click()
    dana.sees_heading("Revoke")
    dana.fills("to confirm", "svcSomethingElse")
    dana.presses("Revoke the certificate")
    dana.sees("This is not it.")
    dana.fills("to confirm", dana.page.locator("main h2").first.inner_text().split()[0])
    dana.presses("Revoke the certificate")
    petra = people.sign_in("product_manager")
    petra.goes_to(f"{path}/certificates")
    petra.sees("Revoked")


# ── what a test needs beside pages ──
def decides(people: People, identifier: str, decision: str, reason: str) -> None:
    """The operator's decision, by the API: the console's pages have tests of their own."""
    with ManagementClient(people.system) as otto:
        otto("POST", f"/clients/{identifier}/decision", {"decision": decision, "reason": reason})


def mailed_link(system: RunningSystem, name: str, but: str = "") -> str:
    """The path and query of the newest download link of an application."""
    found: list[str] = []

    def arrived() -> bool:
        found.clear()
        for file in sorted(system.home.outbox.glob("*.eml"), key=lambda each: each.stat().st_mtime):
            text = file.read_bytes().replace(b"=\r\n", b"").replace(b"=\n", b"").decode()
            if name in text and (link := re.search(r"/certificates/download\?token=(?:3D)?([\w-]+)", text)):
                found.append(f"/certificates/download?token={link[1]}")
        return any(each != but for each in found)

    wait_until(arrived, 15)
    return next(each for each in reversed(found) if each != but)


def server_application(
    people: People, system: RunningSystem, dana: Person, name: str, folder: Path
) -> tuple[str, Callable[[], int]]:
    """Added by its page with the developer's own key; and a call with one token of it, that tells the status."""
    key, request, certificate = folder / "key.pem", folder / "request.pem", folder / "certificate.pem"
    dana.goes_to("/apps/new/server")
    dana.fills("Name", name)
    dana.chooses("For my own key")
    account = str(dana.page.locator(".revealed code").first.text_content())
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc")
    subject = ("-subj", f"/CN={account}")
    command = ["openssl", "req", "-new", *curve, "-keyout", str(key), "-out", str(request), *subject]
    subprocess.run(command, check=True, capture_output=True)
    dana.fills(re.compile("^Signing request"), request.read_text())
    dana.presses("Add the app")
    dana.sees("has its keys")
    path, identifier = path_of(dana), client_id(dana)
    dana.goes_to(f"{path}/certificates")
    dana.page.locator("tbody tr").first.get_by_role("link").first.click()
    dana.opens("The certificate itself")
    certificate.write_text(dana.page.locator(".code code").first.inner_text())
    context = system.tls()
    context.load_cert_chain(certificate, key)
    product = system.demo.products[0]
    address = system.demo.environments[product.environment]["mutual_url"] + product.sample_get
    client = httpx.Client(base_url=system.mutual_url, verify=context, trust_env=False, timeout=10.0)
    form = {"grant_type": "client_credentials", "client_id": identifier, "scope": "accounts"}
    answer = client.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    return path, lambda: client.get(address, headers=headers).status_code
