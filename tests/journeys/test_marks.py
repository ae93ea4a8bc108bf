"""What must act at once: refused within a second, also on a connection that is open, and nobody else notices."""

from __future__ import annotations

import contextlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from journeys.customers import get_code, redeem
from journeys.management_client import ManagementClient
from journeys.partners import SANDBOX, Partner, bearer, claims_of, partner
from propylon.cli.demo.http_session import Answer, HttpSession
from running_system import RunningSystem, wait_until

ACCOUNTS = f"{SANDBOX}/accounts?limit=1"
AT_ONCE = 1.0  # seconds
# A token endpoint may go on from a client in memory for a second: its tokens are of an old generation, and refused.
LONGEST_STALE = 3.0
PACE = 0.025  # seconds between calls: below the plan's 50 a second


@dataclass
class Bystander(threading.Thread):
    """Another application that calls all the time on one connection; `disturbed` says what it noticed."""

    partner: Partner
    answered: int = 0
    disturbed: list[str] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        token = self.partner.token()
        with self.partner.mutual() as session:
            while not self.stopping.wait(PACE):
                try:
                    answer = session.get(ACCOUNTS, **bearer(token))
                except OSError as error:
                    self.disturbed.append(repr(error))
                    continue
                if answer.status != 200 or answer.headers.get("connection") == "close":
                    self.disturbed.append(f"{answer.status} {answer.headers.get('connection')}")
                self.answered += 1


@dataclass
class Scene:
    system: RunningSystem
    developer: ManagementClient
    operator: ManagementClient
    folder: Path

    @contextlib.contextmanager
    def server(self, **wishes: object) -> Iterator[Partner]:
        with partner(self.system, self.developer, self.folder, **wishes) as found:
            yield found


@pytest.fixture(scope="module")
def scene(running_system: RunningSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with (
        ManagementClient(running_system, "developer") as developer,
        ManagementClient(running_system, "operator") as operator,
    ):
        yield Scene(running_system, developer, operator, tmp_path_factory.mktemp("marks"))


@pytest.fixture(scope="module", autouse=True)
def bystander(scene: Scene) -> Iterator[Bystander]:
    """At the end of this file it must have noticed nothing."""
    with scene.server() as its_partner:
        found = Bystander(its_partner)
        found.start()
        yield found
        found.stopping.set()
        found.join(10)
    assert found.answered > 20
    assert found.disturbed == []


def refused_at_once(session: HttpSession, token: str, change: Callable[[], object]) -> tuple[Answer, float]:
    """The first refusal after the change was answered, on the connection that was open before; and how late it came."""
    before = session.get(ACCOUNTS, **bearer(token))
    assert before.status == 200, before.body
    socket = session._connection_to(session.origin).sock
    change()
    began = time.monotonic()
    while (answer := session.get(ACCOUNTS, **bearer(token))).status == 200:
        assert time.monotonic() - began < AT_ONCE, "still answered"
        time.sleep(PACE)
    seconds = time.monotonic() - began
    assert session._connection_to(session.origin).sock is socket, "the connection was another one"
    assert seconds < AT_ONCE
    return answer, seconds


def told_no_token(server: Partner, session: HttpSession) -> tuple[int, str]:
    """What the token endpoint says; a token that it still gives is worth nothing."""
    answer = server.ask_for_token(session)
    if answer.status == 200:
        token = answer.json()["access_token"]
        assert session.get(ACCOUNTS, **bearer(token)).status == 401
    return answer.status, answer.json().get("error", "")


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["code"]


def test_a_deleted_application(scene: Scene, record_property: Callable[[str, object], None]) -> None:
    with scene.server() as server, server.mutual() as session:
        token = server.token()
        answer, seconds = refused_at_once(
            session, token, lambda: scene.developer("DELETE", f"/applications/{server.application_id}", status=204)
        )
        record_property("seconds", seconds)
        assert told(answer) == (401, "gateway.token.revoked")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]
        wait_until(lambda: told_no_token(server, session) == (401, "invalid_client"), LONGEST_STALE)
        record = scene.operator.record(answer.tracking_id)
        assert (record["application_id"], record["refusal_code"]) == (server.application_id, "gateway.token.revoked")


def test_a_revoked_access_token_and_no_other_one_of_the_same_client(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """RFC 7009."""
    with scene.server() as server, server.mutual() as session:
        token, other = server.token(), server.token()

        def revoke() -> None:
            answer = session.post_form("/oauth/revoke", {"token": token, "client_id": server.client_id})
            assert answer.status == 200, answer.body

        answer, seconds = refused_at_once(session, token, revoke)
        record_property("seconds", seconds)
        assert told(answer) == (401, "gateway.token.revoked")
        assert session.get(ACCOUNTS, **bearer(other)).status == 200
        assert scene.operator.record(answer.tracking_id)["jti"] == claims_of(token)["jti"]


def test_another_client_cannot_revoke_it(scene: Scene, bystander: Bystander) -> None:
    """RFC 7009 section 2.1; the answer tells nothing about the token."""
    with scene.server() as server, server.mutual() as session, bystander.partner.mutual() as others:
        token = server.token()
        marks = scene.operator("GET", "/marks?kind=token")["data"]
        form = {"token": token, "client_id": bystander.partner.client_id}
        assert others.post_form("/oauth/revoke", form).status == 200
        assert scene.operator("GET", "/marks?kind=token")["data"] == marks
        assert session.get(ACCOUNTS, **bearer(token)).status == 200


def test_a_revoked_certificate_on_open_connections_and_in_new_handshakes(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """The mark acts on the open connection, the revocation list on the next handshake."""
    with scene.server() as server, server.mutual() as session:
        token = server.token()
        answer, seconds = refused_at_once(
            session,
            token,
            lambda: scene.developer(
                "POST", f"/certificates/{server.certificate_id}/revocation", {"reason": "key_compromise"}
            ),
        )
        record_property("seconds", seconds)
        assert told(answer) == (401, "gateway.certificate.revoked")
        assert told_no_token(server, session) == (401, "invalid_client")

        began = time.monotonic()
        wait_until(lambda: handshake_is_refused(server, token), 5)
        record_property("handshake_seconds", time.monotonic() - began)


def handshake_is_refused(server: Partner, token: str) -> bool:
    """As long as it is not, what is asked on the new connection is refused all the same."""
    with server.mutual() as session:
        try:
            answer = session.get(ACCOUNTS, **bearer(token))
        except ssl.SSLError as error:
            return "revoked" in str(error).lower()
        except OSError:  # closed before the alert was read
            return True
    assert told(answer) == (401, "gateway.certificate.revoked")
    return False


def test_narrowed_source_ranges(scene: Scene, record_property: Callable[[str, object], None]) -> None:
    with scene.server(source_ranges=["127.0.0.1/32"]) as server, server.mutual() as session:
        token = server.token()
        address = f"/clients/{server.client_id}/source-ranges"
        with server.mutual(source_address="127.0.0.2") as elsewhere:
            wait_until(lambda: elsewhere.get(ACCOUNTS, **bearer(token)).status == 403, AT_ONCE)
        answer, seconds = refused_at_once(
            session, token, lambda: scene.developer("PUT", address, {"source_ranges": ["127.0.0.2/32"]})
        )
        record_property("seconds", seconds)
        assert told(answer) == (403, "gateway.source.refused")
        with server.mutual(source_address="127.0.0.2") as elsewhere:
            assert elsewhere.get(ACCOUNTS, **bearer(token)).status == 200
            assert server.ask_for_token(elsewhere).status == 200


def test_a_consent_that_the_application_gives_back(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    """RFC 7009 section 2.1: with the refresh token the grant ends, and with it its access tokens."""
    with scene.server(type_="web") as web, web.public() as session:
        tokens = redeem(web, session, *get_code(web)).json()
        form = {"token": tokens["refresh_token"]}
        answer, seconds = refused_at_once(
            session,
            tokens["access_token"],
            lambda: session.post_form("/oauth/revoke", form, Authorization=web.basic),
        )
        record_property("seconds", seconds)
        assert told(answer) == (401, "gateway.token.revoked")
        assert scene.operator.record(answer.tracking_id)["grant_id"] == claims_of(tokens["access_token"])["gid"]


def test_a_subscription_that_ended(scene: Scene, record_property: Callable[[str, object], None]) -> None:
    with scene.server() as server, server.mutual() as session:
        token = server.token()
        subscriptions = scene.developer("GET", f"/clients/{server.client_id}/subscriptions")["data"]
        address = f"/clients/{server.client_id}/subscriptions/{subscriptions[0]['id']}"
        answer, seconds = refused_at_once(session, token, lambda: scene.developer("DELETE", address, status=204))
        record_property("seconds", seconds)
        assert told(answer) == (401, "gateway.token.revoked")
        wait_until(lambda: told_no_token(server, session) == (400, "invalid_scope"), LONGEST_STALE)
