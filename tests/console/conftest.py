"""The console's tests share the program of tests/management.py."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from management import Program, password_hash
from propylon.accounts.actions import add_member, create_user
from propylon.accounts.models import User
from propylon.kernel.actor import SYSTEM


@pytest.fixture
def make_person(program: Program) -> Callable[[str], User]:
    """A person of the bank's staff with this role, unless there is one."""

    def make(role: str) -> User:
        if role not in program.people:
            user = create_user(
                acting_user=SYSTEM, email=f"{role}@people.example", name=f"The {role}", password_hash=password_hash()
            )
            add_member(acting_user=SYSTEM, organization=program.bank, user=user, role=role)
            program.people[role] = user
        return program.people[role]

    return make
