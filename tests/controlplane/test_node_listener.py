"""The door for nodes on other machines, on real TLS: who gets in, under which name, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import connections

from propylon.certificates.actions import ensure_authorities
from propylon.certificates.entropy import new_serial
from propylon.certificates.internal_ca import ISSUING, load_authority
from propylon.controlplane.models import Enrolment
from propylon.controlplane.node_enrolment import enrol_node, remove_node
from propylon.controlplane.node_listener import NodeListener
from propylon.controlplane.offering import Offering
from propylon.controlplane.protocol import NodeProtocol
from propylon.dataplane.control_plane import ControlPlane, ControlPlaneAway
from propylon.dataplane.enrolment import join, read_enrolment
from propylon.dataplane.health import NodeState
from propylon.dataplane.leases import LeaseQuestion, Ledger, NobodyCounts
from propylon.dataplane.renewal import Renewal
from propylon.dataplane.way import TlsWay, Ways
from propylon.gateway.fitting import Fit
from propylon.gateway.node_bundle import CONTROL_PLANE_NAME
from propylon.gateway.snapshot import Resource
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.kernel.home import Home
from propylon.pki import profiles
from propylon.pki.issuance import Subject, prepare
from propylon.pki.pem import pem_of, private_pem

pytestmark = pytest.mark.django_db(transaction=True)


class Door:
    """A listening control plane in a thread of its own, and homes of nodes that were enrolled at it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.shipped: list[tuple[str, str, int, bytes]] = []
        self.offering = Offering()
        self.offering.offer([Resource("rds", "r1", "routes")])
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def until_open(self) -> None:
        until(lambda: _answers(self.port))

    def _run(self) -> None:
        protocol = NodeProtocol(self.offering, self._ingest)
        application = protocol.application(asks_for_certificate=True)
        self._listener = NodeListener(("127.0.0.1", self.port), application, self.root / "nodes.pem")
        self._loop.run_until_complete(self._listener.serve())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        protocol.close()
        self._loop.close()

    async def _ingest(self, node: str, segment: str, offset: int, data: bytes) -> int:
        self.shipped.append((node, segment, offset, data))
        return offset + len(data)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self.offering.close)
        self._loop.call_soon_threadsafe(self._listener.stop)
        self._thread.join(10)

    def home(self, name: str) -> Home:
        """Of a node that is enrolled (again), and has joined."""
        home = Home(self.root / name)
        bundle = enrol_node(acting_user=SYSTEM, name=name, address=f"127.0.0.1:{self.port}")
        join(home, bundle.as_text())
        return home

    def node(self, name: str, *, under: str = "") -> ControlPlane:
        """The control plane as this node sees it; `under`: it calls itself so."""
        return ControlPlane(Ways(self.home(name)), under or name, Fit())


def until(look: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _answers(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    made = Door(tmp_path)
    try:
        made.start()
        made.until_open()
        yield made
    finally:
        made.stop()
        connections.close_all()


def test_an_enrolled_node_polls_ships_and_leases(door: Door) -> None:
    node = door.node("node-2")
    assert node.poll(["rds"], {}, 0) == {"rds": Resource("rds", "r1", "routes")}
    assert node.ship("s1", 0, b"a line\n") == 7
    assert door.shipped == [("node-2", "s1", 0, b"a line\n")]
    node.confirm({"rds": {"version": "r1", "rejection": ""}})

    async def lease_twice() -> list[int]:
        ledger = Ledger(Ways(Home(door.root / "node-2")), "node-2")
        found = [(await ledger.ask(LeaseQuestion("no client of a plan", 5))).granted for _ in range(2)]
        assert len(ledger._kept) == 1
        return found

    assert asyncio.run(lease_twice()) == [5, 5]


def test_a_thread_keeps_its_connection(door: Door) -> None:
    node = door.node("node-2")
    node.poll(["rds"], {}, 0)
    kept = node._over_tls._of_thread.connection.sock
    node.poll(["rds"], {}, 0)
    assert node._over_tls._of_thread.connection.sock is kept
    kept.shutdown(socket.SHUT_RDWR)  # as if the control plane had closed it
    assert node.poll(["rds"], {}, 0).keys() == {"rds"}


def test_under_another_nodes_name_nothing_works(door: Door) -> None:
    door.home("node-3")
    node = door.node("node-2", under="node-3")
    for ask in (
        lambda: node.poll(["rds"], {}, 0),
        lambda: node.confirm({}),
        lambda: node.ship("s1", 0, b""),
        lambda: node.renew("…"),
    ):
        with pytest.raises(ControlPlaneAway, match=r"403: .*controlplane\.node\.foreign_name"):
            ask()
    assert not door.shipped

    async def lease() -> None:
        await Ledger(Ways(Home(door.root / "node-2")), "node-3").ask(LeaseQuestion("cl_1", 5))

    with pytest.raises(NobodyCounts, match=r"controlplane\.node\.foreign_name"):
        asyncio.run(lease())


def test_a_removed_node_is_refused_with_its_next_request_and_gets_nothing_that_it_waited_for(door: Door) -> None:
    node, told = door.node("node-2"), []

    def wait() -> None:
        try:
            told.append(str(node.poll(["rds"], {"rds": "r1"}, 20)))
        except ControlPlaneAway as away:
            told.append(str(away))

    waiting = threading.Thread(target=wait)
    waiting.start()
    until(lambda: door.offering._waiters)
    remove_node(acting_user=SYSTEM, name="node-2")
    with pytest.raises(ControlPlaneAway, match=r"403: .*controlplane\.node\.not_enrolled"):
        node.poll(["rds"], {}, 0)
    door.offering.offer([Resource("rds", "r2", "other routes")])
    waiting.join(5)
    assert "controlplane.node.not_enrolled" in told[0]


def test_enrolled_again_the_certificate_before_is_refused_and_a_running_node_takes_the_new_one(door: Door) -> None:
    node, stolen = door.node("node-2"), Home(door.root / "stolen")
    (door.root / "stolen").mkdir()
    (door.root / "node-2" / "node").rename(door.root / "stolen" / "node")
    door.home("node-2")
    assert node.poll(["rds"], {}, 0).keys() == {"rds"}
    with pytest.raises(ControlPlaneAway, match=r"controlplane\.node\.not_enrolled"):
        ControlPlane(Ways(stolen), "node-2", Fit()).poll(["rds"], {}, 0)


def test_a_joined_node_takes_a_key_of_its_own_and_the_bundles_is_worth_nothing_then(door: Door) -> None:
    node, home = door.node("node-2"), Home(door.root / "node-2")
    copy = Home(door.root / "copy")
    (copy.root / "node").mkdir(parents=True)
    for path in (home.node_identity, home.node_enrolment):
        (copy.root / "node" / path.name).write_text(path.read_text())
    stopping = threading.Event()
    renewing = threading.Thread(target=Renewal(home, node, NodeState(home, "node-2")).run, args=(stopping,))
    renewing.start()
    until(lambda: _renew_after(home) > datetime.now(UTC))
    stopping.set()
    renewing.join(10)
    assert "PRIVATE KEY" in home.node_identity.read_text()
    assert home.node_identity.read_text() != (copy.root / "node" / "identity.pem").read_text()
    assert home.node_identity.stat().st_mode & 0o777 == 0o600
    assert node.poll(["rds"], {}, 0).keys() == {"rds"}
    row = Enrolment.objects.get(name="node-2")
    assert row.previous_ends_at is not None
    Enrolment.objects.update(previous_ends_at=row.issued_at)  # a minute later
    with pytest.raises(ControlPlaneAway, match=r"controlplane\.node\.not_enrolled"):
        ControlPlane(Ways(copy), "node-2", Fit()).poll(["rds"], {}, 0)
    assert node.poll(["rds"], {}, 0).keys() == {"rds"}


def _renew_after(home: Home) -> datetime:
    enrolment = read_enrolment(home)
    assert enrolment is not None
    return datetime.fromisoformat(enrolment.renew_after)


def _exchange(door: Door, context: ssl.SSLContext) -> bytes:
    """The answer to a poll, empty without one: with TLS 1.3 a certificate is refused where the answer would arrive."""
    body = json.dumps({"kinds": ["rds"], "have": {}, "wait": 0}).encode()
    answer = b""
    with (
        contextlib.suppress(ssl.SSLError, ConnectionError),
        socket.create_connection(("127.0.0.1", door.port), 5) as plain,
        context.wrap_socket(plain, server_hostname=CONTROL_PLANE_NAME) as secured,
    ):
        head = f"POST /v1/nodes/node-2/poll HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {len(body)}"
        secured.sendall(head.encode() + b"\r\n\r\n" + body)
        while piece := secured.recv(65_536):
            answer += piece
    return answer


def _context(home: Home, identity: Path | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    enrolment = read_enrolment(home)
    assert enrolment is not None
    context.load_verify_locations(cadata=enrolment.ca_pem)
    if identity is not None:
        context.load_cert_chain(identity)
    return context


def test_without_a_certificate_of_the_nodes_authority_there_is_no_handshake(door: Door, tmp_path: Path) -> None:
    home = door.home("node-2")
    partner = _partners_identity(tmp_path / "partner.pem")
    control_planes_own = door.root / "nodes.pem"
    assert b"200 OK" in _exchange(door, _context(home, home.node_identity))
    for identity in (None, partner, control_planes_own):
        assert _exchange(door, _context(home, identity)) == b"", identity
    older = _context(home, home.node_identity)
    older.maximum_version = ssl.TLSVersion.TLSv1_2
    assert _exchange(door, older) == b""


def _partners_identity(path: Path) -> Path:
    """A certificate that this installation's own authority has issued to a client of the same name."""
    ensure_authorities(acting_user=SYSTEM)
    key, authority = ec.generate_private_key(ec.SECP256R1()), load_authority(ISSUING)
    prepared = prepare(
        profiles.CLIENT,
        Subject("node-2", key.public_key()),
        serial=new_serial(),
        not_before=datetime.now(UTC),
        issuer=authority.certificate,
    )
    path.write_text(pem_of(authority.issue(prepared)) + pem_of(authority.certificate) + private_pem(key))
    return path


def test_a_node_talks_to_no_other_control_plane(door: Door, tmp_path: Path) -> None:
    """Neither of another installation, nor to a node that plays control plane."""
    home = door.home("node-2")
    way = Ways(home).find()
    assert isinstance(way, TlsWay)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(home.node_identity)  # of the right authority, but for a client
    with socket.create_server(("127.0.0.1", 0)) as listening:
        impostor = threading.Thread(target=_play_server, args=(listening, context))
        impostor.start()
        with (
            socket.create_connection(listening.getsockname(), 5) as plain,
            pytest.raises(ssl.SSLCertVerificationError, match=r"purpose"),
        ):
            way.context.wrap_socket(plain, server_hostname=way.server_name)
        impostor.join(5)
    stranger = tmp_path / "other.json"
    stranger.write_text(home.node_enrolment.read_text())
    other = json.loads(stranger.read_text())
    ensure_authorities(acting_user=SYSTEM)
    other["ca_pem"] = pem_of(load_authority(ISSUING).certificate)
    home.node_enrolment.write_text(json.dumps(other))
    with pytest.raises(ControlPlaneAway, match=r"(?i)certificate verify failed"):
        ControlPlane(Ways(home), "node-2", Fit()).poll(["rds"], {}, 0)


def _play_server(listening: socket.socket, context: ssl.SSLContext) -> None:
    with listening.accept()[0] as plain, contextlib.suppress(OSError):
        context.wrap_socket(plain, server_side=True)


def test_the_control_planes_certificate_is_kept_for_this_user_alone_and_made_again_when_it_is_no_good(
    door: Door,
) -> None:
    from propylon.controlplane.node_listener import ensure_certificate

    path = door.root / "nodes.pem"
    before = path.read_text()
    ensure_certificate(path)
    assert path.read_text() == before
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text("damaged")
    ensure_certificate(path)
    assert "BEGIN CERTIFICATE" in path.read_text() != before


def test_a_port_that_another_program_has_is_tried_until_it_is_free(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    door = Door(tmp_path)
    try:
        with socket.create_server(("127.0.0.1", door.port)):
            door.start()
            until(lambda: "controlplane.nodes.not_listening" in caplog.messages)
        door.until_open()
        assert door.node("node-2").poll(["rds"], {}, 0).keys() == {"rds"}
    finally:
        door.stop()
        connections.close_all()


@pytest.mark.parametrize("text", ["", "{}", "[1]", "no json"])
def test_what_is_no_bundle_joins_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(PropylonError, match=r"dataplane\.join\.unreadable"):
        join(Home(tmp_path), text)
    assert not (tmp_path / "node").exists()


def test_a_home_belongs_to_one_node_and_never_to_an_installation_too(tmp_path: Path) -> None:
    bundles = {
        name: enrol_node(acting_user=SYSTEM, name=name, address="10.0.0.1:1").as_text() for name in ("node-2", "node-3")
    }
    join(Home(tmp_path), bundles["node-2"])
    with pytest.raises(PropylonError, match=r"dataplane\.join\.other_node"):
        join(Home(tmp_path), bundles["node-3"])
    installation = Home(tmp_path / "installation")
    installation.sealing_key.parent.mkdir(parents=True)
    installation.sealing_key.write_text("key")
    with pytest.raises(PropylonError, match=r"dataplane\.join\.installation"):
        join(installation, bundles["node-3"])
