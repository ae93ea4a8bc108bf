"""The bank's customer: login, consent, a token for their accounts only, and its end."""

from __future__ import annotations

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from propylon.cli.demo.form_browser import FormBrowser
from propylon.cli.demo.http_session import Answer, HttpSession
from propylon.cli.demo.stage import Stage, wait_for

_CALLBACK = "https://localhost/callback"


def customer_flow(stage: Stage) -> None:
    """O2: authorization code with PKCE."""
    tell = stage.narrator
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    with (
        tell.step("The web application sends the bank's customer to log in and consent"),
        stage.authorization() as session,
    ):
        code = _log_in_and_allow(stage, session, verifier, state)
    with tell.step("The web application redeems the code"), stage.authorization() as session:
        answer = _token(
            stage,
            session,
            {"grant_type": "authorization_code", "code": code, "redirect_uri": _CALLBACK, "code_verifier": verifier},
        )
        tell.expect(answer.status == 200, "an access token and a refresh token")
        tokens = answer.json()
        _sees_own_accounts(stage, session, tokens["access_token"])
    with tell.step("The access token is renewed"), stage.authorization() as session:
        answer = _token(stage, session, {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
        tell.expect(answer.status == 200, "the refresh token gives a new access token")
        tokens |= answer.json()
        _sees_own_accounts(stage, session, tokens["access_token"])
    with tell.step("The web application gives the access back"), stage.authorization() as session:
        form = {"token": tokens["refresh_token"], "token_type_hint": "refresh_token"}
        answer = session.post_form("/oauth/revoke", form, Authorization=_basic(stage))
        tell.expect(answer.status == 200, "revoked (RFC 7009)")
        refused = wait_for(lambda: _if_refused(stage, session, tokens["access_token"]), "the refusal")
        tell.show(refused)
        tell.expect(refused.status == 401, "the access token of the same grant is refused, too")


def _log_in_and_allow(stage: Stage, session: HttpSession, verifier: str, state: str) -> str:
    """The code, after login with a sandbox identity and a yes on the consent page."""
    tell = stage.narrator
    identity = stage.demo["identities"][0]
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    query = urlencode({
        "response_type": "code", "client_id": _client_id(stage), "redirect_uri": _CALLBACK,
        "scope": "accounts transactions", "state": state,
        "code_challenge": challenge, "code_challenge_method": "S256",
    })  # fmt: skip
    browser = FormBrowser(session)
    page = browser.open(f"{session.origin}/oauth/authorize?{query}")
    tell.say(f"login page at {urlsplit(page.url).path}; identity number {identity['identity_number']}")
    fill = {"identity-number": identity["identity_number"], "password": identity["password"]}
    page = browser.submit(page, "login-form", fill=fill, press="login-submit")
    tell.say("consent page: the customer allows")
    page = browser.submit(page, "consent-form", fill={}, press="consent-allow")
    answer = parse_qs(urlsplit(page.url).query)
    tell.expect(page.url.startswith(_CALLBACK + "?"), f"back at {_CALLBACK} with a code")
    tell.expect(answer.get("state") == [state], "with the state that was sent")
    tell.expect(answer.get("iss") == [stage.demo["issuer"]], "and with the issuer (RFC 9207)")
    return answer["code"][0]


def _sees_own_accounts(stage: Stage, session: HttpSession, token: str) -> None:
    answer = _accounts(stage, session, token)
    stage.narrator.show(answer)
    stage.narrator.expect(answer.status == 200, f"the customer's own accounts: {answer.json()['paging']['totalCount']}")


def _accounts(stage: Stage, session: HttpSession, token: str) -> Answer:
    return session.get(f"{stage.product}/accounts", Authorization=f"Bearer {token}")


def _if_refused(stage: Stage, session: HttpSession, token: str) -> Answer | None:
    answer = _accounts(stage, session, token)
    return answer if answer.status != 200 else None


def _token(stage: Stage, session: HttpSession, form: dict[str, str]) -> Answer:
    return session.post_form("/oauth/token", form, Authorization=_basic(stage))


def _client_id(stage: Stage) -> str:
    client_id: str = stage.web_application["clients"][0]["client_id"]
    return client_id


def _basic(stage: Stage) -> str:
    pair = f"{_client_id(stage)}:{stage.web_application['client_secret']}"
    return "Basic " + base64.b64encode(pair.encode()).decode()
