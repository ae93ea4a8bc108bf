"""A customer's login at the bank's OpenID provider: code flow with PKCE, state, nonce and `iss`.

OpenID Connect Core 1.0, 3.1; RFC 7636; RFC 9207.

`depart` → the browser at the provider → `arrive`, which finds the journey by its state and the browser's cookie, once.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote_plus, urlencode

from django.utils import timezone

from propylon.customers.directory_errors import DirectoryUnavailable, LoginRefused
from propylon.customers.directory_records import directory_of, secret_of, settings_of
from propylon.customers.directory_settings import OpenIdSettings
from propylon.customers.foreign_customers import ForeignPerson, known_elsewhere
from propylon.customers.id_token import Expected, UnknownKey, check_id_token
from propylon.customers.models import Customer, CustomerDirectory, ProviderLogin
from propylon.customers.provider_http import Answer, ask
from propylon.customers.provider_metadata import Metadata, keys_of, metadata_of
from propylon.kernel.secret import Secret
from propylon.sealing.entropy import digest, new_secret
from propylon.sealing.installation import sealer

_PURPOSE = "provider-login"
_LIVES = timedelta(minutes=10)
_WANTED = ("name", "email", "email_verified")  # OpenID Connect Core 1.0, 5.1


@dataclass(frozen=True, slots=True)
class Journey:
    """Where the customer goes on after the login: `reference` is of an authorization request.

    Without one, `leads_to` names the page of the customer's own, "" for the consents.
    """

    environment: str
    reference: str
    nonce: str
    verifier: str
    leads_to: str = ""


def provider_of(environment: str) -> OpenIdSettings | None:
    """The provider where the environment's customers log in; None if it uses another directory."""
    row = directory_of(environment)
    settings = settings_of(row) if row else None
    return settings if isinstance(settings, OpenIdSettings) else None


def depart(environment: str, reference: str, browser: Secret, *, redirect_uri: str, leads_to: str = "") -> str:
    """The provider's address for this browser. Raises `DirectoryUnavailable`."""
    settings = provider_of(environment)
    if settings is None:
        raise LoginRefused("the environment uses no OpenID provider")
    metadata = metadata_of(settings)
    state = new_secret()
    journey = Journey(environment, reference, new_secret().reveal(), new_secret().reveal())
    told = json.dumps(
        {"reference": reference, "nonce": journey.nonce, "verifier": journey.verifier, "leads_to": leads_to}
    )
    ProviderLogin.objects.create(
        state_digest=digest(state),
        browser_digest=digest(browser),
        environment=environment,
        journey_sealed=sealer().seal(Secret(told), purpose=_PURPOSE),
        expires_at=timezone.now() + _LIVES,
    )
    query = {
        "response_type": "code",
        "client_id": settings.client_id,
        "redirect_uri": redirect_uri,
        "scope": settings.scope,
        "state": state.reveal(),
        "nonce": journey.nonce,
        "code_challenge": _s256(journey.verifier),
        "code_challenge_method": "S256",
    }
    joined = "&" if "?" in metadata.authorization_endpoint else "?"
    return f"{metadata.authorization_endpoint}{joined}{urlencode(query)}"


def journey_of(state: str, browser: Secret) -> Journey | None:
    """The journey that this answer ends, used up by this look; None: unknown, used, late or of another browser."""
    rows = ProviderLogin.objects.filter(state_digest=digest(Secret(state)), browser_digest=digest(browser))
    row = rows.filter(expires_at__gt=timezone.now()).first()
    if row is None or not ProviderLogin.objects.filter(pk=row.pk).delete()[0]:
        return None
    told = json.loads(sealer().unseal(row.journey_sealed, purpose=_PURPOSE).reveal())
    return Journey(row.environment, told["reference"], told["nonce"], told["verifier"], told["leads_to"])


def arrive(journey: Journey, answer: Mapping[str, str], *, redirect_uri: str) -> Customer:
    """Who the provider says logged in. Raises `LoginRefused` or `DirectoryUnavailable`."""
    row = directory_of(journey.environment)
    settings = settings_of(row) if row else None
    if row is None or not isinstance(settings, OpenIdSettings):
        raise LoginRefused("the directory was changed during the login")
    metadata = metadata_of(settings)
    _check_answer(answer, metadata)
    tokens = _redeem(row, settings, metadata, answer["code"], journey, redirect_uri)
    expected = Expected(metadata.issuer, settings.client_id, journey.nonce, metadata.algorithms, int(time.time()))
    token = str(tokens.get("id_token", ""))
    try:
        claims = check_id_token(token, keys_of(settings, metadata), expected)
    except UnknownKey:
        try:
            claims = check_id_token(token, keys_of(settings, metadata, is_unknown=True), expected)
        except UnknownKey:
            raise LoginRefused("ID token: signed with a key that the provider does not show.") from None
    told = {name: claims[name] for name in _WANTED if name in claims}
    if "name" not in told or ("email" not in told and "email" in settings.scope.split()):
        told = _told_besides(settings, metadata, tokens, claims["sub"]) | told
    email = "" if told.get("email_verified") is False else str(told.get("email") or "")
    person = ForeignPerson(metadata.issuer, claims["sub"].encode(), str(told.get("name") or ""), email)
    return known_elsewhere(row, person)


def _check_answer(answer: Mapping[str, str], metadata: Metadata) -> None:
    named = answer.get("iss", "")
    if (named or metadata.names_itself) and named != metadata.issuer:
        raise LoginRefused("the answer is not of this provider: its iss is missing or another (RFC 9207, 2.4)")
    if "error" in answer:
        error = answer["error"][:80]
        if error in {"temporarily_unavailable", "server_error"}:
            raise DirectoryUnavailable(f"The provider answers {error}.")
        raise LoginRefused(f"the provider answers {error}", is_cancelled=error == "access_denied")
    if not answer.get("code"):
        raise LoginRefused("the answer has no code")


def _redeem(
    row: CustomerDirectory, settings: OpenIdSettings, metadata: Metadata, code: str, journey: Journey, redirect_uri: str
) -> Mapping[str, object]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "code_verifier": journey.verifier,
    }
    answer = ask_token(settings, metadata, secret_of(row), form)
    if answer.status == 200:
        return answer.object()
    error = str(answer.object().get("error", ""))[:80]
    if error == "invalid_grant":
        raise LoginRefused("the provider refuses the code")
    raise DirectoryUnavailable(f"The provider's token endpoint answers {answer.status} {error}.")


def ask_token(settings: OpenIdSettings, metadata: Metadata, secret: Secret, form: dict[str, str]) -> Answer:
    """With client authentication as the provider knows us (RFC 6749, 2.3.1)."""
    headers = {}
    if settings.auth_method == "client_secret_basic":
        pair = f"{quote_plus(settings.client_id)}:{quote_plus(secret.reveal())}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form = form | {"client_id": settings.client_id, "client_secret": secret.reveal()}
    return ask(metadata.token_endpoint, ca_pem=settings.ca_pem, form=form, headers=headers)


def _told_besides(
    settings: OpenIdSettings, metadata: Metadata, tokens: Mapping[str, object], subject: str
) -> dict[str, object]:
    """Name and mail address from userinfo, if it is of the same subject (OpenID Connect Core 1.0, 5.3.2); neither is
    worth a failure."""
    token = tokens.get("access_token")
    if not metadata.userinfo_endpoint or not isinstance(token, str):
        return {}
    try:
        told = ask(metadata.userinfo_endpoint, ca_pem=settings.ca_pem, headers={"Authorization": f"Bearer {token}"})
    except DirectoryUnavailable:
        return {}
    found = told.object()
    return {name: found[name] for name in _WANTED if name in found} if found.get("sub") == subject else {}


def forget_journeys() -> None:
    ProviderLogin.objects.filter(expires_at__lte=timezone.now()).delete()


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
