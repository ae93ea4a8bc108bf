"""Which customer a client means (CIBA Core, 7.1), and slowing down who guesses."""

from __future__ import annotations

from propylon.authserver.expected_customer import hinted_subject
from propylon.authserver.pairwise import own_subject
from propylon.customers.ask_attempts import may_ask_about, note_unknown_hint
from propylon.customers.models import Customer
from propylon.customers.selectors import customer_named, customer_with
from propylon.oauth.backchannel_request import CheckedBackchannel, not_asked, unknown_user_id
from propylon.oauth.errors import OAuthError
from propylon.oauth.records import ClientRecord


def customer_meant(client: ClientRecord, checked: CheckedBackchannel) -> Customer:
    """Raises `unknown_user_id`, or `access_denied` for who asks too often: whether there is such a customer or not."""
    subject = _hinted(checked.id_token_hint, client) if checked.id_token_hint else ""
    hint = subject or checked.login_hint or "unreadable"
    if not may_ask_about(client.client_id, hint):
        raise not_asked("too many questions by this client")
    environment, named = client.environment, checked.login_hint
    found = customer_with(environment, subject) if subject else customer_named(environment, named)
    if found is None:
        note_unknown_hint(client.client_id)
        is_unreadable = bool(checked.id_token_hint) and not subject
        raise unknown_user_id("no ID token of ours for this client" if is_unreadable else "no such customer")
    return found


def _hinted(id_token: str, client: ClientRecord) -> str:
    try:
        told = hinted_subject(id_token, client.client_id)
    except OAuthError:
        return ""
    return own_subject(client.client_id, client.environment, told)
