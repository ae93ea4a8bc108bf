"""What must be refused, and how soon; and every refusal found again by its tracking id."""

from __future__ import annotations

import time
from pathlib import Path

from propylon.cli.demo.http_session import Answer, ClientIdentity, HttpSession
from propylon.cli.demo.narrator import StepFailedError
from propylon.cli.demo.partner_steps import ask_for_token
from propylon.cli.demo.stage import MANAGE, Stage, wait_for

_LONGEST_DELETION = 1000.0  # milliseconds from the answer of the deletion to the refusal


def other_certificate(stage: Stage) -> None:
    """RFC 8705 section 3: a token is worth nothing with another certificate."""
    other = next(app for app in stage.demo["applications"] if app["certificate_file"])
    identity = ClientIdentity(Path(other["certificate_file"]), Path(other["private_key_file"]))
    with (
        stage.narrator.step("Call with another application's certificate"),
        stage.mutual(stage.access_token, identity=identity) as session,
    ):
        _refused(stage, "another certificate", session.get(_sample(stage)), 401)


def missing_scope(stage: Stage) -> None:
    """RFC 6750 section 3.1: insufficient_scope."""
    with stage.narrator.step("Call without the scope that the operation asks for"), stage.mutual() as session:
        token = ask_for_token(stage, session, "accounts").json()["access_token"]
        answer = session.get(stage.large_account, Authorization=f"Bearer {token}")
        _refused(stage, "a missing scope", answer, 403)


def foreign_address(stage: Stage) -> None:
    """C2: calls come from the allow-listed addresses only."""
    with (
        stage.narrator.step("Call from 127.0.0.2, which is not among the application's source ranges"),
        stage.mutual(stage.access_token, source_address="127.0.0.2") as session,
    ):
        _refused(stage, "a foreign address", session.get(_sample(stage)), 403)


def narrowed_ranges(stage: Stage) -> None:
    """Source ranges act at once, on a connection that is open."""
    tell = stage.narrator
    address = f"{MANAGE}/clients/{stage.client['client_id']}/source-ranges"
    with (
        tell.step("Narrow the source ranges while the connection is open, and widen them again"),
        stage.public(stage.partner_token) as manage,
        stage.mutual(stage.access_token) as session,
    ):
        tell.expect(session.get(_sample(stage)).status == 200, "the connection is open and answers")
        changed = manage.send_json("PUT", address, {"source_ranges": ["192.0.2.0/24"]})
        tell.expect(changed.status == 200, "narrowed to 192.0.2.0/24")
        _within_a_second(stage, session, "a narrowed source range", 403)
        manage.send_json("PUT", address, {"source_ranges": ["127.0.0.1/32"]})
        wait_for(lambda: session.get(_sample(stage)).status == 200, "the widened range")
        tell.expect(condition=True, what="widened again, and it answers again")


def deleted_application(stage: Stage) -> None:
    """A4: its tokens are refused within a second, on an open connection."""
    tell = stage.narrator
    with (
        tell.step("Delete the application while a connection with its token is open"),
        stage.public(stage.partner_token) as manage,
        stage.mutual(stage.access_token) as session,
    ):
        tell.expect(session.get(_sample(stage)).status == 200, "the connection is open and answers")
        answer = manage.request("DELETE", f"{MANAGE}/applications/{stage.application['id']}")
        tell.show(answer)
        tell.expect(answer.status == 204, "deleted")
        _within_a_second(stage, session, "a deleted application", 401)
        again = ask_for_token(stage, session, "accounts")
        tell.show(again)
        tell.expect(again.status in {400, 401}, "and there are no new tokens for it")


def find_again(stage: Stage) -> None:
    """P8, G1: each refusal by its RequestTrackingId, with its reason."""
    tell = stage.narrator
    with (
        tell.step("Find the refused calls again by their RequestTrackingId"),
        stage.public(stage.staff_token()) as session,
    ):
        for what, tracking_id in stage.refused.items():
            record = _record(session, tracking_id)
            tell.expect(
                record["tracking_id"] == tracking_id and bool(record["refusal_code"]),
                f"{what}: {record['status']} {record['refusal_code']} ({tracking_id})",
            )


def _record(session: HttpSession, tracking_id: str) -> dict[str, object]:
    def find() -> Answer | None:
        answer = session.get(f"{MANAGE}/calls/{tracking_id}")
        return answer if answer.status == 200 else None

    record: dict[str, object] = wait_for(find, f"the record of {tracking_id}").json()
    return record


def _within_a_second(stage: Stage, session: HttpSession, what: str, status: int) -> None:
    """Call again and again on the open connection until it is refused; how long that took."""
    began = time.perf_counter()
    calls = 0
    while (answer := session.get(_sample(stage))).status != status:
        calls += 1
        if (time.perf_counter() - began) * 1000 > _LONGEST_DELETION:
            message = f"still answered {answer.status} after {_LONGEST_DELETION:.0f} ms"
            raise StepFailedError(message)
    milliseconds = (time.perf_counter() - began) * 1000
    _refused(stage, what, answer, status)
    stage.narrator.say(f"refused {milliseconds:.0f} ms after the change was answered; {calls} calls still passed")


def _refused(stage: Stage, what: str, answer: Answer, status: int) -> None:
    """The status, the standard error body, and the same tracking id in header and body."""
    tell = stage.narrator
    tell.show(answer)
    tell.expect(answer.status == status, f"refused with {status}: {answer.json().get('code')}")
    tell.expect(answer.json().get("trackingId") == answer.tracking_id, "header and body name the same tracking id")
    stage.refused[what] = answer.tracking_id


def _sample(stage: Stage) -> str:
    return f"{stage.mutual_product}/accounts"
