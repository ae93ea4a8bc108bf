"""Members: invited, given roles, removed; and what a manager cannot do."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from management import PASSWORD, Caller, Program, secret_of_mail
from propylon.accounts.models import Invitation, Membership, User
from propylon.notifications.models import Mail

nobody = Caller()


def invite(program: Program, email: str, role: str = "developer") -> str:
    answer = program.callers["organization_manager"].post(
        f"/organizations/{program.partner.public_id}/invitations", {"email": email, "role": role}
    )
    assert answer.status == 201, answer.body
    return secret_of_mail(Mail.objects.get(to=email))


def member_path(program: Program, role: str) -> str:
    return f"/organizations/{program.partner.public_id}/members/{program.people[role].public_id}"


def test_an_invited_stranger_makes_an_account_by_accepting(program: Program) -> None:
    token = invite(program, "fresh@people.example")
    wish = {"token": token, "name": "Fresh", "password": "eleven orange kites"}

    answer = nobody.post("/invitation-acceptances", wish)

    assert (answer.status, answer.body["name"]) == (201, "Partner AB")
    user = User.objects.get(email="fresh@people.example")
    assert [row.role for row in user.memberships.all()] == ["developer"]
    assert nobody.post("/invitation-acceptances", wish).code == "invitation.link.invalid"


def test_an_invited_user_keeps_name_and_password(program: Program) -> None:
    token = invite(program, "outsider@people.example", "analyst")
    nobody.post("/invitation-acceptances", {"token": token, "name": "X", "password": "another password"})
    user = User.objects.get(email="outsider@people.example")
    assert user.check_password(PASSWORD)
    assert user.name == "The outsider"
    assert user.memberships.count() == 2


def test_a_bad_acceptance_lists_every_mistake_and_keeps_the_link(program: Program) -> None:
    token = invite(program, "fresh@people.example")
    answer = nobody.post("/invitation-acceptances", {"token": token, "password": "short"})
    assert answer.code == "invitation.acceptance.invalid"
    assert answer.fields == {"name", "password"}
    assert not User.objects.filter(email="fresh@people.example").exists()
    assert Invitation.objects.get().accepted_at is None


def test_a_withdrawn_or_expired_invitation_is_refused(program: Program) -> None:
    token = invite(program, "fresh@people.example")
    row = Invitation.objects.get()
    path = f"/organizations/{program.partner.public_id}/invitations/{row.public_id}"
    assert program.callers["organization_manager"]("DELETE", path).status == 204
    wish = {"token": token, "name": "Fresh", "password": "eleven orange kites"}
    assert nobody.post("/invitation-acceptances", wish).code == "invitation.link.invalid"

    Invitation.objects.update(withdrawn_at=None, expires_at=timezone.now() - timedelta(seconds=1))
    assert nobody.post("/invitation-acceptances", wish).code == "invitation.link.invalid"
    assert not User.objects.filter(email="fresh@people.example").exists()


def test_a_manager_cannot_hand_out_the_banks_roles(program: Program) -> None:
    manager = program.callers["organization_manager"]
    invited = manager.post(
        f"/organizations/{program.partner.public_id}/invitations", {"email": "x@people.example", "role": "operator"}
    )
    changed = manager("PATCH", member_path(program, "developer"), {"role": "auditor"})
    assert (invited.code, changed.code) == ("invitation.request.invalid", "member.role.unfit")
    assert Membership.objects.get(user=program.people["developer"]).role == "developer"
    assert not Invitation.objects.exists()


def test_the_last_manager_stays(program: Program) -> None:
    manager = program.callers["organization_manager"]
    own = member_path(program, "organization_manager")
    assert manager("PATCH", own, {"role": "developer"}).code == "member.last"
    assert manager("DELETE", own).code == "member.last"

    assert manager("PATCH", member_path(program, "developer"), {"role": "organization_manager"}).status == 200
    assert manager("DELETE", own).status == 204
    assert manager.get(f"/organizations/{program.partner.public_id}").status == 404


def test_the_last_operator_stays(program: Program) -> None:
    operator = program.callers["operator"]
    own = f"/organizations/{program.bank.public_id}/members/{program.people['operator'].public_id}"
    assert operator("PATCH", own, {"role": "auditor"}).code == "member.last"
    me = f"/users/{program.people['operator'].public_id}"
    assert operator("PATCH", me, {"is_active": False}).code == "user.self.deactivation"
    assert operator.get("/users").status == 200


def test_an_operator_switches_a_user_off_and_on(program: Program) -> None:
    path = f"/users/{program.people['developer'].public_id}"
    operator, developer = program.callers["operator"], program.callers["developer"]
    assert operator("PATCH", path, {"is_active": False}).body["is_active"] is False
    assert developer.get("/me").status == 401
    operator("PATCH", path, {"is_active": True})
    assert developer.get("/me").status == 200
