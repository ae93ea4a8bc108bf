"""The partner's way in: sign up, verify, add an application, keys, certificate, token, pages."""

from __future__ import annotations

import base64
import io
import os
import zipfile

from propylon.cli.demo.http_session import Answer, ClientIdentity, HttpSession
from propylon.cli.demo.stage import MANAGE, Stage, sign_in

PAGE_SIZE = 500


def sign_up(stage: Stage) -> None:
    """P1: self sign-up with mail verification, then an access token for the management API."""
    tell = stage.narrator
    with tell.step("Sign up as a developer of a new partner"), stage.public() as session:
        answer = session.send_json(
            "POST",
            f"{MANAGE}/sign-ups",
            {
                "email": stage.email,
                "name": "Demo Developer",
                "password": stage.password,
                "organization_name": f"Partner {stage.suffix}",
            },
        )
        tell.show(answer)
        tell.expect(answer.status == 202, "accepted; a mail with a link is on its way")
        early = sign_in(session, stage.email, stage.password)
        tell.show(early)
        tell.expect(early.status == 401, "nobody signs in before the address is verified")
    with tell.step("Verify the address with the link of the mail"), stage.public() as session:
        token = stage.mailed_link(stage.email, r"verify-email\?token=(\S+)")
        tell.say("the link was read from the outbox, as the operator sees it")
        answer = session.send_json("POST", f"{MANAGE}/email-verifications", {"token": token})
        tell.show(answer)
        tell.expect(answer.status == 201, "the account exists")
        again = session.send_json("POST", f"{MANAGE}/email-verifications", {"token": token})
        tell.expect(again.status == 400, "the same link does not work twice")
    with tell.step("Sign in: a personal access token for the management API"), stage.public() as session:
        answer = sign_in(session, stage.email, stage.password)
        tell.expect(answer.status == 201, "signed in")
        stage.partner_token = answer.json()["access_token"]


def add_application(stage: Stage) -> None:
    """A1, C2: a server application gets a service account; a web application gets keys."""
    tell = stage.narrator
    with tell.step("Add a server application, called from 127.0.0.1 only"), _manage(stage) as session:
        answer = session.send_json("POST", f"{MANAGE}/applications", _application(stage, "Ledger", "server"))
        tell.show(answer)
        tell.expect(answer.status == 201, "added")
        stage.application = answer.json()
        client = stage.client
        tell.expect(client["status"] == "approved", "approved by itself: that is the sandbox's rule")
        tell.expect(client["service_account"].startswith("svc"), f"its service account is {client['service_account']}")
    with tell.step("Add a web application, and Show its keys"), _manage(stage) as session:
        answer = session.send_json("POST", f"{MANAGE}/applications", _application(stage, "Budget", "web"))
        tell.expect(answer.status == 201, "added")
        stage.web_application = answer.json()
        client_id = stage.web_application["clients"][0]["client_id"]
        wrong = session.send_json("POST", f"{MANAGE}/clients/{client_id}/secret", {"password": "not my password"})
        tell.show(wrong)
        tell.expect(wrong.status in {401, 403}, "Show asks for the password again")
        shown = session.send_json("POST", f"{MANAGE}/clients/{client_id}/secret", {"password": stage.password})
        keys = shown.json()
        decoded = base64.b64decode(keys["basic"]).decode()
        tell.expect(shown.status == 200, f"client id {client_id}, client secret shown (not printed here)")
        tell.expect(decoded == f"{client_id}:{keys['client_secret']}", "and the Base64 of key:secret beside it")
        stage.web_application["client_secret"] = keys["client_secret"]


def get_certificate(stage: Stage) -> None:
    """C4: order, mail with a one-time link, download, and the link is dead."""
    tell = stage.narrator
    with tell.step("Order a certificate for the service account"), _manage(stage) as session:
        answer = session.send_json("POST", f"{MANAGE}/clients/{stage.client['client_id']}/certificate-orders")
        tell.show(answer)
        tell.expect(answer.status == 201, "ordered; the internal CA signs, a mail brings the link")
    with tell.step("Download it with the one-time link"), stage.public() as session:
        token = stage.mailed_link(stage.email, r"/certificates/download\?token=(\S+)")
        body = {"token": token, "format": "pem"}
        answer = session.send_json("POST", f"{MANAGE}/certificate-downloads", body)
        tell.expect(answer.status == 200, "a zip with certificate.crt, chain.crt and private.key")
        stage.identity = _unpack(stage, base64.b64decode(answer.json()["content"]))
        again = session.send_json("POST", f"{MANAGE}/certificate-downloads", body)
        tell.show(again)
        tell.expect(again.status in {404, 409}, "the link works once")


def get_token(stage: Stage) -> None:
    """O1: client_credentials with two-way TLS."""
    tell = stage.narrator
    with tell.step("Ask for a token on the mutual port"), stage.mutual() as session:
        answer = ask_for_token(stage, session, "accounts transactions")
        # The token itself is not printed: this text ends in logs.
        tell.say(f"← {answer.status} in {answer.milliseconds:.0f} ms  RequestTrackingId {answer.tracking_id}")
        tell.expect(answer.status == 200, "a token bound to the certificate")
        stage.access_token = answer.json()["access_token"]


def page_through(stage: Stage) -> None:
    """G4, G5: every transaction of the large account, following `next`."""
    tell = stage.narrator
    with tell.step("Page through the account with 10,000 transactions"), stage.mutual(stage.access_token) as session:
        accounts = session.get(f"{stage.mutual_product}/accounts?limit=100")
        tell.show(accounts)
        tell.expect(accounts.status == 200, f"{len(accounts.json()['data'])} accounts")
        totals = {path: _total(session, path) for path in _transaction_lists(stage, accounts)}
        path, total = max(totals.items(), key=lambda entry: entry[1])
        stage.large_account = path
        seen: set[str] = set()
        query, pages, milliseconds = f"limit={PAGE_SIZE}", 0, []
        while query:
            answer = session.get(f"{path}?{query}")
            tell.expect_quietly(answer.status == 200, f"page {pages + 1} answers")
            if pages == 0:
                tell.show(answer)
            seen |= {item["id"] for item in answer.json()["data"]}
            milliseconds.append(answer.milliseconds)
            query, pages = answer.json()["paging"]["next"], pages + 1
        tell.say(f"{pages} pages; the first took {milliseconds[0]:.1f} ms, the last {milliseconds[-1]:.1f} ms")
        tell.expect(len(seen) == total == 10_000, "each of the 10,000 transactions came exactly once")


def ask_for_token(stage: Stage, session: HttpSession, scope: str) -> Answer:
    return session.post_form(
        stage.mutual_token_endpoint,
        {"grant_type": "client_credentials", "client_id": stage.client["client_id"], "scope": scope},
    )


def _manage(stage: Stage) -> HttpSession:
    return stage.public(stage.partner_token)


def _application(stage: Stage, name: str, type_: str) -> dict[str, object]:
    wish: dict[str, object] = {
        "name": f"{name} {stage.suffix}",
        "type": type_,
        "contact_email": stage.email,
        "products": [stage.demo["products"][0]["name"]],
    }
    if type_ == "server":
        return wish | {"source_ranges": ["127.0.0.1/32"]}
    return wish | {"redirect_uris": ["https://localhost/callback"]}


def _unpack(stage: Stage, content: bytes) -> ClientIdentity:
    """The zip's files, and one file with certificate and chain, as TLS clients want them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    certificate, key = stage.folder / "certificate.crt", stage.folder / "private.key"
    certificate.write_bytes(files["certificate.crt"] + files.get("chain.crt", b""))
    with os.fdopen(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(files["private.key"])
    return ClientIdentity(certificate, key)


def _transaction_lists(stage: Stage, accounts: Answer) -> list[str]:
    return [f"{stage.mutual_product}/accounts/{account['id']}/transactions" for account in accounts.json()["data"]]


def _total(session: HttpSession, path: str) -> int:
    total: int = session.get(f"{path}?limit=1").json()["paging"]["totalCount"]
    return total
