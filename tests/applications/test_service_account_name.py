"""Names of service accounts: `svcPartnerNameV01` (FEATURES C2)."""

from __future__ import annotations

import pytest

from propylon.applications.service_account_name import service_account_name


@pytest.mark.parametrize(
    ("organization", "taken", "name"),
    [
        ("Partner Name", (), "svcPartnerNameV01"),
        ("Partner Name", ("svcPartnerNameV01", "svcPartnerNameV02"), "svcPartnerNameV03"),
        ("Partner Name", ("svcPartnerNameV02",), "svcPartnerNameV01"),
        ("älv & söner ab", (), "svcAlvSonerAbV01"),
        ("株式会社", (), "svcPartnerV01"),
        ("x" * 120, (), f"svcX{'x' * 39}V01"),
    ],
)
def test_the_first_free_name(organization: str, taken: tuple[str, ...], name: str) -> None:
    assert service_account_name(organization, taken) == name
    assert len(name) <= 64
