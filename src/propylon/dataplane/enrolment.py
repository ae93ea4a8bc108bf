"""A node whose control plane is on another machine: what it was given when it joined, kept in its home."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from propylon.gateway.node_bundle import NodeBundle, host_and_port, read_bundle
from propylon.kernel.errors import Kind, PropylonError
from propylon.kernel.home import Home


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Times are ISO 8601 in UTC; the certificate and its key are in the home's `node_identity`."""

    node: str
    control_plane: str  # "host:port"
    ca_pem: str
    ends_at: str
    renew_after: str

    @property
    def address(self) -> tuple[str, int]:
        return host_and_port(self.control_plane)


def read_enrolment(home: Home) -> Enrolment | None:
    """None for a node of the control plane's own machine. Raises `dataplane.enrolment.unreadable`."""
    try:
        return Enrolment(**json.loads(home.node_enrolment.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise PropylonError(
            "dataplane.enrolment.unreadable",
            f"{home.node_enrolment} is damaged. Enrol the node again: `propylon node add`, `propylon node join`.",
            kind=Kind.UNAVAILABLE,
        ) from error


def join(home: Home, text: str) -> Enrolment:
    """Keep what a bundle holds; the node's agent follows it from its next connection on. Raises `dataplane.join.*`."""
    bundle = _bundle(text)
    _require_node_home(home, bundle.node)
    for folder in (home.root, home.run, home.logs):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if bundle.server_certificate_pem:
        write_private(home.server_key, bundle.server_key_pem)
        write_private(home.server_certificate, bundle.server_certificate_pem)
    enrolment = Enrolment(
        bundle.node, bundle.control_plane, bundle.ca_pem, ends_at=bundle.ends_at, renew_after=bundle.renew_after
    )
    keep(home, enrolment, bundle.certificate_pem, bundle.private_key_pem)
    return enrolment


def renewed(home: Home, *, certificate_pem: str, key_pem: str, ends_at: str, renew_after: str) -> None:
    """Show the new certificate from the next connection on."""
    enrolment = read_enrolment(home)
    if enrolment is not None:
        keep(home, replace(enrolment, ends_at=ends_at, renew_after=renew_after), certificate_pem, key_pem)


def keep(home: Home, enrolment: Enrolment, certificate_pem: str, key_pem: str) -> None:
    """The identity first: whoever sees the new enrolment finds the certificate that it speaks of."""
    write_private(home.node_identity, certificate_pem + key_pem)
    write_private(home.node_enrolment, json.dumps(asdict(enrolment), indent=1) + "\n")


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and for this user alone."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _bundle(text: str) -> NodeBundle:
    try:
        return read_bundle(text)
    except ValueError as error:
        raise PropylonError(
            "dataplane.join.unreadable",
            "This is no bundle of a node. Give the file that `propylon node add` has written, as it is.",
            kind=Kind.MALFORMED,
            detail=str(error),
        ) from error


def _require_node_home(home: Home, node: str) -> None:
    if home.sealing_key.exists():
        raise PropylonError(
            "dataplane.join.installation",
            f"{home.root} holds an installation with a control plane of its own. Give the node a home of its own: "
            "--home, or PROPYLON_HOME.",
            kind=Kind.CONFLICT,
        )
    before = read_enrolment(home) if home.node_enrolment.exists() else None
    if before is not None and before.node != node:
        raise PropylonError(
            "dataplane.join.other_node",
            f"{home.root} is the home of node {before.node}. Give {node} a home of its own: --home, or PROPYLON_HOME.",
            kind=Kind.CONFLICT,
        )
