"""Fixtures of the authorization server's tests: see bank.py."""

from __future__ import annotations

import pytest

from authserver.bank import Bank, Caller, make_bank


@pytest.fixture
def bank(db: None) -> Bank:
    return make_bank()


@pytest.fixture
def caller() -> Caller:
    return Caller()


@pytest.fixture
def browser() -> Caller:
    return Caller()
