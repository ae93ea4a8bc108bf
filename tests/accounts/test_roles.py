"""The table of roles (FEATURES P5): who may do what, written out once more and compared."""

from __future__ import annotations

import pytest

from management import Program
from propylon.accounts.access import may
from propylon.accounts.role_words import ABILITIES, PURPOSES, TITLES, role_in_words, roles_for
from propylon.accounts.roles import ROLES, STAFF_ROLES, Permission

TABLE = """
                      see_apps apps secrets usage members program manage approve secure
developer             x        x    x       x     -       -       -      -       -
analyst               -        -    -       -     -       -       -      -       -
product_manager       x        -    -       x     -       -       -      -       -
organization_manager  x        x    x       x     x       -       -      -       -
relationship_manager  x        -    -       x     -       x       -      -       -
operator              x        x    -       x     x       x       x      x       x
security_officer      x        -    -       x     -       x       -      x       x
auditor               x        -    -       x     -       x       -      -       -
"""


def test_the_table_of_roles_is_this() -> None:
    rows = [line.split() for line in TABLE.strip().splitlines()[1:]]
    expected = {
        role: {permission for permission, mark in zip(Permission, marks, strict=True) if mark == "x"}
        for role, *marks in rows
    }
    assert {role: set(permissions) for role, permissions in ROLES.items()} == expected


def test_every_role_and_permission_has_words() -> None:
    assert set(TITLES) == set(PURPOSES) == set(ROLES)
    assert set(ABILITIES) == set(Permission)
    assert role_in_words("analyst").abilities == ()


def test_an_organization_takes_its_own_kind_of_roles(program: Program) -> None:
    assert {role.name for role in roles_for(program.bank)} == STAFF_ROLES
    assert {role.name for role in roles_for(program.partner)} == set(ROLES) - STAFF_ROLES


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_staff_see_everywhere_and_change_only_what_their_role_says(program: Program, role: str) -> None:
    user = program.people[role]
    assert may(user, Permission.VIEW_APPLICATIONS, program.other)
    assert may(user, Permission.MANAGE_PROGRAM) is (role == "operator")
    assert may(user, Permission.APPROVE) is (role in {"operator", "security_officer"})


def test_a_security_officer_decides_and_revokes_but_builds_nothing(program: Program) -> None:
    officer = program.callers["security_officer"]
    _, client, _ = program.register(environment=program.production)
    decision = {"decision": "approve", "reason": "checked", "seen_status": "pending"}

    assert officer.post(f"/clients/{client.client_id}/decision", decision).status == 200
    assert officer.post("/marks", {"kind": "token", "value": "x" * 20, "hours": 1}).status == 201
    assert officer("PATCH", f"/users/{program.people['developer'].public_id}", {"is_active": False}).status == 200
    assert officer.post(f"/clients/{client.client_id}/secret-regeneration", {"reason": "why not"}).status == 403
    assert officer.post("/organizations", {"name": "New"}).status == 403


def test_an_auditor_decides_nothing(program: Program) -> None:
    _, client, _ = program.register(environment=program.production)
    decision = {"decision": "approve", "reason": "checked", "seen_status": "pending"}
    assert program.callers["auditor"].post(f"/clients/{client.client_id}/decision", decision).status == 403
    client.refresh_from_db()
    assert client.status == "pending"
