"""The token endpoint's decision, RFC 6749 section 3.2: which rules each grant type passes, in this order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from propylon.oauth.attempts import TokenAttempt
from propylon.oauth.authorization_details import Detail
from propylon.oauth.errors import OAuthError, invalid_grant, invalid_request, invalid_scope
from propylon.oauth.granted_details import PARAMETER, accounts_for, add_details, details_for, scopes_of
from propylon.oauth.policy import AUTHORIZATION_CODE, CIBA, CLIENT_CREDENTIALS, LEGACY_GRANTS, PASSWORD, REFRESH_TOKEN
from propylon.oauth.records import ClientRecord, GrantRecord
from propylon.oauth.rules.check_approval_given import check_approval_given
from propylon.oauth.rules.check_auth_req_id_valid import check_auth_req_id_valid
from propylon.oauth.rules.check_body import check_body
from propylon.oauth.rules.check_code_valid import check_code_valid
from propylon.oauth.rules.check_code_verifier import check_code_verifier
from propylon.oauth.rules.check_customer_known import check_customer_known
from propylon.oauth.rules.check_grant_alive import check_grant_alive
from propylon.oauth.rules.check_grant_allowed import check_grant_allowed
from propylon.oauth.rules.check_listener import check_listener
from propylon.oauth.rules.check_password_sent import check_password_sent
from propylon.oauth.rules.check_proof_key import check_proof_key
from propylon.oauth.rules.check_redirect_uri_repeated import check_redirect_uri_repeated
from propylon.oauth.rules.check_refresh_token_valid import check_refresh_token_valid
from propylon.oauth.rules.check_source_range import check_source_range
from propylon.oauth.rules.check_token_bound import check_token_bound
from propylon.oauth.scopes import OPENID, parse_scope, require_known
from propylon.oauth.tokens import ACCESS_TOKEN_TTL, Issue, access_token_claims, bind_to_key, id_token_claims

Rule = Callable[[TokenAttempt], None]

CALLER_RULES: tuple[Rule, ...] = (check_listener, check_source_range)  # at every back-channel endpoint
_ALWAYS: tuple[Rule, ...] = (check_body, check_grant_allowed, *CALLER_RULES, check_token_bound)
BEFORE_PASSWORD: tuple[Rule, ...] = (*_ALWAYS, check_password_sent)  # the directory is not asked before these passed

RULES: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        CLIENT_CREDENTIALS: _ALWAYS,
        AUTHORIZATION_CODE: (
            *_ALWAYS,
            check_code_valid,
            check_grant_alive,
            check_redirect_uri_repeated,
            check_code_verifier,
            check_proof_key,
        ),
        REFRESH_TOKEN: (*_ALWAYS, check_refresh_token_valid, check_grant_alive, check_proof_key),
        CIBA: (*_ALWAYS, check_auth_req_id_valid, check_approval_given, check_grant_alive),
        PASSWORD: (*BEFORE_PASSWORD, check_customer_known),
    }
)
STANDARD_GRANTS = tuple(name for name in RULES if name not in LEGACY_GRANTS)  # what metadata and documents name


def grant_type_of(form: Mapping[str, str]) -> str:
    """The grant type, if there is such a one here (password for who is allowed it: see check_grant_allowed)."""
    grant_type = form.get("grant_type", "")
    if not grant_type:
        raise invalid_request("The parameter grant_type is missing.")
    if grant_type not in RULES:
        raise OAuthError("unsupported_grant_type", f"The grant types are {', '.join(STANDARD_GRANTS)}.")
    return grant_type


def check_caller(attempt: TokenAttempt) -> None:
    """What PAR, revocation and introspection ask of an authenticated client."""
    for rule in CALLER_RULES:
        rule(attempt)


def check_before_password(attempt: TokenAttempt) -> None:
    """What must hold before a customer's name and password are looked at."""
    for rule in BEFORE_PASSWORD:
        rule(attempt)


def decide(attempt: TokenAttempt, *, issuer: str, jti: str) -> Issue:
    """What to issue; raises the first rule's refusal."""
    for rule in RULES[attempt.grant_type]:
        rule(attempt)
    details = details_for(attempt)
    scope = " ".join(_scope(attempt, details))
    record = attempt.record
    grant = record.grant if record else attempt.password_grant
    claims = access_token_claims(
        attempt.client,
        grant,
        certificate=attempt.certificate,
        scope=scope,
        issuer=issuer,
        jti=jti,
        now=attempt.now,
        ttl=_lifetime(attempt.client, grant, attempt.now),
    )
    if attempt.proof:
        bind_to_key(claims, attempt.proof.thumbprint)
    accounts = record.grant.accounts if record else {}
    add_details(claims, details, accounts_for(scope.split(), details, attempt.client.detail_types, accounts))
    login = attempt.code or attempt.backchannel
    id_claims = None
    if login is not None and OPENID in scope.split(" "):
        id_claims = id_token_claims(login, issuer=issuer, now=attempt.now)
    return Issue(claims, id_claims, scope, attempt.grant_type, attempt.proof)


def _lifetime(client: ClientRecord, grant: GrantRecord | None, now: int) -> int:
    """What an operator allowed until a day gives no token that outlives it."""
    is_legacy = grant is not None and grant.made_by in LEGACY_GRANTS
    return min(ACCESS_TOKEN_TTL, client.legacy_ends_at - now) if is_legacy else ACCESS_TOKEN_TTL


def _scope(attempt: TokenAttempt, details: Sequence[Detail]) -> tuple[str, ...]:
    """What the token may do: never more than asked, granted, and still subscribed to; with what details stand for."""
    implied = scopes_of(details, attempt.client.detail_types)
    record = attempt.record
    if record is None:
        return _own_scope(attempt, implied)
    granted = tuple(dict.fromkeys((*record.scope.split(), *implied)))
    if attempt.refresh and "scope" in attempt.form:  # RFC 6749, 6: the same or less
        asked = parse_scope(attempt.form["scope"])
        require_known(asked, frozenset(granted))
        granted = asked
    left = tuple(name for name in granted if name == OPENID or name in attempt.client.scopes)
    if not left and not details:
        raise invalid_grant("nothing that was granted is still subscribed to")
    return left


def _own_scope(attempt: TokenAttempt, implied: tuple[str, ...]) -> tuple[str, ...]:
    """RFC 6749, 3.3: without scope and details, a client's own token carries all that it is subscribed to."""
    text = attempt.form.get("scope", "")
    if text:
        asked = parse_scope(text)
        require_known(asked, attempt.client.scopes)
        return tuple(dict.fromkeys((*asked, *implied)))
    if PARAMETER in attempt.form:
        return implied
    if not attempt.client.scopes:
        raise invalid_scope("This client is not subscribed to any product yet. Subscribe first.")
    return tuple(sorted(attempt.client.scopes))
