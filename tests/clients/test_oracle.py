"""Every scenario of this folder against node oidc-provider: one that fails there is a wrong scenario."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clients import (
    test_appauth,
    test_authlib,
    test_oauth4webapi,
    test_openid_client,
    test_openid_registration,
    test_requests_oauth2client,
    test_requests_oauthlib,
)
from clients.oracle import Oracle, running_oracle
from clients.target import Scenario

FILES = (
    test_appauth,
    test_authlib,
    test_oauth4webapi,
    test_openid_client,
    test_openid_registration,
    test_requests_oauth2client,
    test_requests_oauthlib,
)
SCENARIOS: dict[str, Scenario] = {
    f"{file.__name__.rpartition('test_')[2]}: {name}": scenario
    for file in FILES
    for name, scenario in file.SCENARIOS.items()
}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def oracle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oracle]:
    with running_oracle(tmp_path_factory.mktemp("oracle"), [wanted for wanted, _ in SCENARIOS.values()]) as running:
        yield running


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_scenario_completes_with_a_server_that_nobody_here_wrote(oracle: Oracle, name: str) -> None:
    wanted, scenario = SCENARIOS[name]
    scenario(oracle.targets[wanted])
