"""Real documents to read: not part of the project, so tests say when they are absent."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator

_CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def nextgenpsd2_text() -> str:
    """The Berlin Group's document: 534 KB, 38 operations, 2,399 references."""
    folder = Path(os.environ.get("PROPYLON_REALITY") or _CHECKOUT.parent / "shared" / "reality")
    path = folder / "openapi" / "nextgenpsd2-1.3.11.yaml"
    if not path.exists():
        pytest.skip(f"{path.name} is not here; set PROPYLON_REALITY to the folder of real documents")
    return path.read_text()


class Judge:
    """Judges values by OpenAPI 3.0's own schema rules, with somebody else's code."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._validator = OAS30Validator(document, format_checker=OAS30Validator.FORMAT_CHECKER)

    def mistakes(self, schema: Any, value: Any) -> list[str]:
        return [error.message for error in self._validator.evolve(schema=schema).iter_errors(value)]


@pytest.fixture
def judge_of() -> type[Judge]:
    return Judge


@pytest.fixture(scope="session")
def accounts_text() -> str:
    return (_CHECKOUT / "src/propylon/sandbox/documents/accounts-v1.yaml").read_text()
