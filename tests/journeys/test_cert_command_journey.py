"""From a .pfx to a first 200 on the mutual port by `propylon cert`, and its doctor against the real gateway."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from journeys.management_client import ManagementClient
from propylon.cli.cert.command import cert as cert_command
from running_system import DemoApplication, RunningSystem, wait_until
from toolkit.examples import made

Doctor = Callable[..., tuple[int, dict[str, Any]]]


def cert(*arguments: str) -> Result:
    """The command, in the folder of the test."""
    return CliRunner().invoke(cert_command, arguments, env={"SECRET": "a long secret"})


@pytest.fixture
def service(running_system: RunningSystem) -> DemoApplication:
    return running_system.demo.application("server")


@pytest.fixture
def doctor(running_system: RunningSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    monkeypatch.chdir(tmp_path)

    def examine(*arguments: str, port: int = 0) -> tuple[int, dict[str, Any]]:
        product = next(each for each in running_system.demo.products if each.environment == "sandbox")
        url = f"https://localhost:{port or running_system.mutual_port}/sandbox{product.sample_get}"
        done = cert("doctor", url, *arguments, "--ca", str(running_system.ca_file), "--json")
        return done.exit_code, json.loads(done.stdout)

    return examine


def codes(told: dict[str, Any]) -> set[str]:
    return {each["code"] for each in told["findings"]}


def test_from_a_pfx_to_a_first_200_in_four_commands(
    running_system: RunningSystem, service: DemoApplication, doctor: Doctor, tmp_path: Path
) -> None:
    """FEATURES C6; the .pfx is what a partner got by mail."""
    assert service.certificate_file
    assert service.private_key_file
    assert service.service_account
    mailed = (
        "convert",
        service.certificate_file,
        service.private_key_file,
        "--to",
        "pfx-legacy",
        "--out",
        "partner.pfx",
    )
    assert cert(*mailed, "--new-password-env", "SECRET").exit_code == 0
    token = tmp_path / "token"
    token.write_text(running_system.service_token(service))

    assert cert("inspect", "partner.pfx", "--password-env", "SECRET").exit_code == 0
    extracted = cert("extract", "partner.pfx", "--password-env", "SECRET", "--out", "identity")
    assert extracted.exit_code == 0, extracted.stderr
    parts = ("identity/certificate.crt", "identity/private.key")
    good = cert("check", *parts, "identity/chain.crt", "--service-account", service.service_account)
    assert good.exit_code == 0, good.stdout
    code, told = doctor(*parts, "--token-file", str(token))
    assert (code, told["steps"][-1]) == (0, {"title": "answer", "is_good": True, "text": "HTTP 200"}), told


def test_the_doctor_says_what_the_gateway_refuses(
    running_system: RunningSystem, service: DemoApplication, doctor: Doctor, tmp_path: Path
) -> None:
    own = (str(service.certificate_file), str(service.private_key_file))
    token = tmp_path / "token"
    token.write_text(running_system.service_token(service))
    with_token = ("--token-file", str(token))
    stranger = made(self_signed=True)
    (tmp_path / "stranger.pem").write_bytes(stranger.pem + stranger.key_pem)
    other = next(
        each
        for each in running_system.demo.applications
        if each.certificate_file and each.service_account != service.service_account
    )

    assert codes(doctor(*with_token)[1]) == {"client.nothing_to_send"}
    assert "client.unknown_authority" in codes(doctor("stranger.pem")[1])
    assert "client.not_asked" in codes(doctor(*own, *with_token, port=running_system.public_port)[1])
    bound = codes(doctor(str(other.certificate_file), str(other.private_key_file), *with_token)[1])
    assert {"token.bound_elsewhere", "answer.token_bound_elsewhere"} <= bound
    assert "common_name.wrong" in codes(doctor(*own, "--service-account", "svcOtherV01")[1])
    code, told = doctor(*own)
    assert (code, codes(told)) == (0, {"answer.token_missing"})


@pytest.mark.slow
def test_the_doctor_says_that_the_address_is_not_allowed(
    running_system: RunningSystem, service: DemoApplication, doctor: Doctor, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(running_system.service_token(service))
    own = (str(service.certificate_file), str(service.private_key_file), "--token-file", str(token))
    address = f"/clients/{service.client_id}/source-ranges"
    with ManagementClient(running_system, "developer") as developer:
        before = developer("GET", address)
        try:
            developer("PUT", address, {"source_ranges": ["192.0.2.0/24"]})
            wait_until(lambda: "answer.address_refused" in codes(doctor(*own)[1]), 15, lambda: str(doctor(*own)))
        finally:
            developer("PUT", address, before)
        wait_until(lambda: doctor(*own)[0] == 0, 15, lambda: str(doctor(*own)))
