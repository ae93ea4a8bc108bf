"""D3 and D4 as a person does them: call an operation from its page, read the answer, take samples and Postman along."""

from __future__ import annotations

import json
import re

import pytest

from browser.person import People, Person
from browser.sizes import desktop_first
from journeys.management_client import ManagementClient
from running_system import DemoUser, RunningSystem

TRY = "/products/accounts/v1/try"
TRACKING_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def tracking_id(person: Person) -> str:
    shown = person.page.locator("#try-answer .copyable code").first.text_content() or ""
    assert TRACKING_ID.fullmatch(shown), shown
    return shown


@pytest.mark.parametrize("javascript", [True, False])
@desktop_first
def test_a_developer_calls_with_the_services_token_and_certificate(
    running_system: RunningSystem, people: People, size: str, javascript: bool
) -> None:
    """One click, no field; the operator sees whose call it was, from where, and with which certificate."""
    dana = people.sign_in("developer", size=size, javascript=javascript)
    dana.goes_to(f"{TRY}/listAccounts?client={running_system.demo.application('server').client_id}")
    dana.presses("Send the request")
    dana.sees("It worked")
    dana.sees("acc-000001")
    assert (dana.clicks, dana.fields) == (1, 0)
    identifier = tracking_id(dana)
    with ManagementClient(running_system, "operator") as manage:
        record = manage.record(identifier)
        assert (record["operation"], record["status"], record["listener"]) == ("listAccounts", 200, "mutual")
        assert record["jti"].startswith("ct_")
        [event] = manage.events(object_id=record["jti"])
        assert event["actor"]["label"] == "dana@nordlicht.example"
        assert event["data"]["made_for"] == "console"
        made = manage("GET", f"/clients/{record['client_id']}/certificates?made_for=console")["data"]
        assert record["certificate_fingerprint"] in {each["fingerprint"] for each in made}
        own = manage("GET", f"/clients/{record['client_id']}/certificates")["data"]
        assert record["certificate_fingerprint"] not in {each["fingerprint"] for each in own}


def test_the_token_is_never_on_the_page(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to(f"{TRY}/listAccounts")
    dana.presses("Send the request")
    dana.sees("It worked")
    dana.opens("The request as it was sent")
    dana.sees("Bearer ••••••••")
    assert "eyJ" not in dana.page.content()


def test_a_customers_application_calls_for_the_identity_that_is_chosen(people: People) -> None:
    """Another customer's account is not there for this one: the token really is the customer's."""
    dana = people.sign_in("developer")
    dana.goes_to(f"{TRY}/getAccount")
    dana.chooses("Call as", "Account View (Sandbox)")
    dana.sees("Whose data is called for")
    dana.chooses("Customer", "Astrid Lindqvist (199311219639)")
    dana.presses("Send the request")
    dana.sees("It worked")
    dana.chooses("Customer", "Björn Hedlund (198811215477)")
    dana.presses("Send the request")
    dana.sees("Nothing is there")


def test_a_fapi2_application_without_a_certificate_calls_with_a_key_bound_token_fapi2_5_3_2_1_4(
    running_system: RunningSystem, people: People
) -> None:
    with ManagementClient(running_system, "developer") as manage:
        wish = {
            "name": "Signs Its Requests",
            "type": "web",
            "contact_email": "dana@nordlicht.example",
            "security_profile": "fapi2",
            "token_endpoint_auth_method": "private_key_jwt",
            "redirect_uris": ["https://partner.example/callback"],
            "products": ["accounts"],
        }
        made = manage("POST", "/applications", wish, status=201)
        dana = people.sign_in("developer")
        try:
            dana.goes_to(f"{TRY}/listAccounts?client={made['clients'][0]['client_id']}")
            dana.chooses("Customer", "Astrid Lindqvist (199311219639)")
            dana.presses("Send the request")
            dana.sees("It worked")
            dana.opens("The request as it was sent")
            dana.sees("DPoP ••••••••")
        finally:
            manage.request("DELETE", f"/applications/{made['id']}")


def test_a_value_that_leads_elsewhere_is_refused_at_its_field(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to(f"{TRY}/getAccount")
    dana.fills("id", "../../marks")
    dana.presses("Send the request")
    dana.sees("must be one step of the path")
    assert dana.page.locator("#try-answer").count() == 0


def test_source_ranges_apply_to_the_console_too(running_system: RunningSystem, people: People) -> None:
    """Said before the call, refused by the gateway itself, mended on the application's page."""
    with ManagementClient(running_system, "developer") as manage:
        wish = {
            "name": "Far Away",
            "type": "server",
            "contact_email": "dana@nordlicht.example",
            "products": ["accounts"],
            "source_ranges": ["192.0.2.0/24"],
        }
        made = manage("POST", "/applications", wish, status=201)
        client_id = made["clients"][0]["client_id"]
        dana = people.sign_in("developer")
        try:
            dana.goes_to(f"{TRY}/listAccounts?client={client_id}")
            dana.sees("may be used from its source ranges only")
            for _ in range(20):  # the gateway knows of new ranges within a second
                dana.presses("Send the request")
                dana.sees(re.compile(r"^\d{3} · "))
                if dana.page.get_by_text("gateway.source.refused").first.is_visible():
                    break
            dana.sees("The gateway refused the call")
            dana.follows("Mend it on the application's page")
            dana.is_at(f"/apps/{made['id']}/source-ranges")
        finally:
            manage.request("DELETE", f"/applications/{made['id']}")


def test_a_deleted_application_is_no_longer_to_be_called_with(running_system: RunningSystem, people: People) -> None:
    with ManagementClient(running_system, "developer") as manage:
        wish = {
            "name": "Soon Gone",
            "type": "server",
            "contact_email": "dana@nordlicht.example",
            "products": ["accounts"],
        }
        made = manage("POST", "/applications", wish, status=201)
        dana = people.sign_in("developer")
        dana.goes_to(f"{TRY}/listAccounts?client={made['clients'][0]['client_id']}")
        dana.presses("Send the request")
        dana.sees("It worked")
        assert manage.request("DELETE", f"/applications/{made['id']}").status_code == 204
        dana.goes_to(f"{TRY}/listAccounts")
        dana.does_not_see("Soon Gone")


def test_samples_and_postman_are_taken_along(people: People) -> None:
    dana = people.sign_in("developer")
    dana.goes_to(f"{TRY}/listAccounts")
    dana.page.get_by_role("tab", name="Python").click()
    dana.sees("Download list_accounts.py")
    assert "httpx" in dana.downloads("Download list_accounts.py").read_text()
    session = people.session("developer")
    collection = json.loads(session.get("/products/accounts/v1/postman-collection.json").text)
    assert collection["item"][0]["name"] == "Step 1: token"


def test_another_partner_sees_their_own_applications_only(running_system: RunningSystem, people: People) -> None:
    hedda: DemoUser = people.user("hedda@havn.example")
    person = people.sign_in(hedda)
    foreign = running_system.demo.application("server").client_id
    person.goes_to(f"{TRY}/listAccounts?client={foreign}")
    person.does_not_see("Ledger Sync")
    assert foreign not in person.page.content().split("<main")[1].split("<footer")[0]
