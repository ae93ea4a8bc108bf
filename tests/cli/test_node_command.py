"""`propylon node` on both machines: what is written, what is refused, and that nothing is left of a refusal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click import BadParameter
from click.testing import CliRunner
from cryptography import x509

from propylon.certificates.actions import ensure_authorities
from propylon.cli.node import node
from propylon.controlplane.models import Enrolment
from propylon.gateway.node_bundle import NodeBundle, read_bundle
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.project import settings as own

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    return CliRunner().invoke(node, [*arguments], catch_exceptions=False, standalone_mode=False).output


@pytest.fixture(autouse=True)
def address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "PROPYLON_NODES_ADDRESS", ("10.0.0.1", 8445))


def added(tmp_path: Path, *more: str) -> NodeBundle:
    out = tmp_path / "node-2.bundle"
    run("add", "node-2", "--out", str(out), *more)
    assert out.stat().st_mode & 0o777 == 0o600
    return read_bundle(out.read_text())


def test_a_bundle_is_for_this_user_alone_and_replaces_no_file(tmp_path: Path) -> None:
    bundle = added(tmp_path)
    assert (bundle.node, bundle.control_plane) == ("node-2", "10.0.0.1:8445")
    assert bundle.server_certificate_pem == bundle.server_key_pem == ""
    before = Enrolment.objects.get().fingerprint
    with pytest.raises(BadParameter, match="cannot be made"):
        added(tmp_path)
    assert Enrolment.objects.get().fingerprint == before


def test_a_refusal_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(PropylonError, match=r"controlplane\.node\.name_invalid"):
        run("add", "node-1", "--out", str(tmp_path / "x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("listens", "given", "found"),
    [
        (("10.0.0.1", 8445), "gate.bank.example:1", "gate.bank.example:1"),
        (("fd00::1", 8445), "", "[fd00::1]:8445"),
        (None, "gate.bank.example:1", "gate.bank.example:1"),
        (None, "", "node.address.missing"),
        (("0.0.0.0", 8445), "", "node.address.unknown"),  # the public URL's host is localhost
    ],
)
def test_where_the_node_finds_the_control_plane(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listens: tuple[str, int] | None, given: str, found: str
) -> None:
    monkeypatch.setattr(own, "PROPYLON_NODES_ADDRESS", listens)
    more = ["--address", given] if given else []
    if found.startswith("node."):
        with pytest.raises(PropylonError) as raised:
            added(tmp_path, *more)
        assert raised.value.code == found
        assert not Enrolment.objects.exists()
    else:
        assert added(tmp_path, *more).control_plane == found


def test_an_address_that_is_everywhere_is_called_by_the_public_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own, "PROPYLON_NODES_ADDRESS", ("0.0.0.0", 8445))
    monkeypatch.setattr(own, "PROPYLON_PUBLIC_URL", "https://bank.example")
    assert added(tmp_path).control_plane == "bank.example:8445"


def test_a_server_certificate_is_for_the_hosts_of_apis_alone(tmp_path: Path, settings: Any) -> None:
    from propylon.catalog.models import Environment

    ensure_authorities(acting_user=SYSTEM)
    settings.PROPYLON_ENVIRONMENT_URLS = {"sandbox": ("https://api.bank.example", "https://mtls.bank.example")}
    Environment.objects.create(name="sandbox", path_prefix="")
    bundle = added(tmp_path, "--server-certificate")
    certificate = x509.load_pem_x509_certificate(bundle.server_certificate_pem.encode())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert set(names.get_values_for_type(x509.DNSName)) == {"api.bank.example", "mtls.bank.example"}
    assert "PRIVATE KEY" in bundle.server_key_pem


def test_nodes_are_listed_and_removed(tmp_path: Path) -> None:
    added(tmp_path)
    line = next(line for line in run("list").splitlines() if line.startswith("node-2"))
    assert "never" in line
    assert "removed" in run("remove", "node-2")
    assert "node-2" not in run("list")
    with pytest.raises(PropylonError, match=r"controlplane\.node\.unknown"):
        run("remove", "node-2")
