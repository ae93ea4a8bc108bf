"""Organizations and members by page: each role sees and may do what the table of roles says."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from management import PASSWORD, Program
from portal.account_pages import at_home, text_of
from propylon.accounts.actions import add_member, create_user
from propylon.accounts.models import Membership
from propylon.kernel.actor import SYSTEM

SCRIPT = '<script>alert("x")</script>'


def place(program: Program) -> str:
    return f"/organizations/{program.partner.public_id}"


@pytest.mark.parametrize("role", ["developer", "analyst", "product_manager"])
def test_members_see_one_another_and_change_nothing(program: Program, role: str) -> None:
    browser, other = at_home(program, role), program.people["organization_manager"]
    page = browser.get(f"{place(program)}/members")
    assert other.email in text_of(page)
    assert "/invite" not in text_of(page)
    for path in ("/invite", f"/members/{other.public_id}"):
        assert browser.get(place(program) + path).status_code == 403
    assert browser.post(f"{place(program)}/members/{other.public_id}/remove").status_code == 403
    assert Membership.objects.filter(organization=program.partner, user=other).exists()


def test_another_organization_does_not_exist_for_outsiders(program: Program) -> None:
    browser = at_home(program, "outsider")
    for path in ("/members", "/invite", "/history", f"/members/{program.people['developer'].public_id}"):
        answer = browser.get(place(program) + path)
        assert answer.status_code == 404
        assert program.partner.name not in text_of(answer)


def test_another_role_is_what_the_second_person_has(program: Program) -> None:
    manager, analyst = at_home(program, "organization_manager"), at_home(program, "analyst")
    assert analyst.get(f"{place(program)}/history").status_code == 403
    path = f"{place(program)}/members/{program.people['analyst'].public_id}"
    assert "Reads documentation" in text_of(manager.get(path))
    assert manager.post(path, {"role": "operator"}).status_code == 400
    assert manager.post(path, {"role": "developer"}).status_code == 303
    assert analyst.get(f"{place(program)}/history").status_code == 200


def test_a_removed_member_is_out_at_once(program: Program) -> None:
    manager, developer = at_home(program, "organization_manager"), at_home(program, "developer")
    path = f"{place(program)}/members/{program.people['developer'].public_id}/remove"
    assert manager.get(path).status_code == 405
    assert manager.post(path).status_code == 303
    assert developer.get(f"{place(program)}/members").status_code == 404
    assert developer.get("/account/profile").status_code == 200


def test_the_last_manager_is_told_why_they_stay(program: Program) -> None:
    manager = at_home(program, "organization_manager")
    own = f"{place(program)}/members/{program.people['organization_manager'].public_id}"
    page = manager.post(f"{own}/remove", follow=True)
    assert "This is the last organization manager" in text_of(page)
    assert manager.post(own, {"role": "developer"}).status_code == 400
    assert manager.get(own).status_code == 200


def test_what_people_type_stays_text(program: Program) -> None:
    browser = at_home(program, "developer")
    assert browser.post("/account/profile", {"name": SCRIPT, "language": "sv"}).status_code == 303
    page = text_of(browser.get("/account/profile"))
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert browser.post("/account/profile", {"name": "x" * 1_000_000, "language": ""}).status_code == 400
    assert browser.post("/account/profile", {"name": "Dana", "language": "xx"}).status_code == 400


def test_the_language_of_a_person_comes_with_them(program: Program) -> None:
    browser = at_home(program, "developer")
    browser.post("/account/profile", {"name": "Dana", "language": "sv"})
    elsewhere = at_home(program, "developer")
    assert '<html lang="sv"' in text_of(elsewhere.get("/account/profile"))


def test_the_api_changes_the_same_profile_and_password(program: Program) -> None:
    caller, dana = program.callers["developer"], program.people["developer"]
    assert caller("PATCH", "/me", {"name": "Dana Holm", "language": "sv"}).body["language"] == "sv"
    assert caller("PATCH", "/me", {"name": "D", "language": "xx"}).fields == {"name", "language"}
    wish = {"current_password": PASSWORD, "password": "four patient lighthouses"}
    assert caller.post("/me/password", {**wish, "current_password": "no"}).code == "sign_in.confirmation.wrong"
    assert caller.post("/me/password", wish).status == 204
    dana.refresh_from_db()
    assert dana.check_password(wish["password"])


def test_a_page_of_members_costs_the_same_however_many_they_are(
    program: Program, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for each in range(60):
        user = create_user(
            acting_user=SYSTEM, email=f"m{each}@people.example", name=f"Member {each}", password_hash="!"
        )
        add_member(acting_user=SYSTEM, organization=program.partner, user=user, role="analyst")
    browser = at_home(program, "organization_manager")
    browser.get("/account/profile")
    with django_assert_max_num_queries(14):
        page = browser.get(f"{place(program)}/members")
    assert "Next page" in text_of(page)
