"""All that changes applications and their clients."""

from propylon.applications.actions.asking_customers import allow_asking_customers
from propylon.applications.actions.certificate_names import set_certificate_name
from propylon.applications.actions.changes import change_application, set_redirect_uris, set_source_ranges
from propylon.applications.actions.contracts import (
    change_contract,
    create_contract,
    end_contract,
    tell_contract_ends,
)
from propylon.applications.actions.decisions import approve_client, reject_client
from propylon.applications.actions.deletion import delete_application
from propylon.applications.actions.detail_types import set_authorization_details_types
from propylon.applications.actions.fetched_keys import claim_fetch, fetch_due_keys, fetched, keep_fetched
from propylon.applications.actions.legacy import allow_legacy, end_legacy, note_ended_legacy
from propylon.applications.actions.plans import give_plan
from propylon.applications.actions.public_keys import set_public_keys
from propylon.applications.actions.regenerations import (
    approve_regeneration,
    ask_for_regeneration,
    refuse_regeneration,
    regenerate_secret,
    withdraw_regeneration,
)
from propylon.applications.actions.registration import BY_RULE, add_client, register_application
from propylon.applications.actions.second_requests import ask_again
from propylon.applications.actions.secrets import end_old_secret, reveal_secret, show_secret
from propylon.applications.actions.self_registration import (
    MOST_DAYS,
    MOST_USES,
    change_registration,
    end_registration_token,
    make_registration_token,
    register_client,
)
from propylon.applications.actions.subscriptions import subscribe, unsubscribe
from propylon.applications.actions.tokens import refuse_tokens
from propylon.applications.actions.version_news import tell_version_news

__all__ = [
    "BY_RULE",
    "MOST_DAYS",
    "MOST_USES",
    "add_client",
    "allow_asking_customers",
    "allow_legacy",
    "approve_client",
    "approve_regeneration",
    "ask_again",
    "ask_for_regeneration",
    "change_application",
    "change_contract",
    "change_registration",
    "claim_fetch",
    "create_contract",
    "delete_application",
    "end_contract",
    "end_legacy",
    "end_old_secret",
    "end_registration_token",
    "fetch_due_keys",
    "fetched",
    "give_plan",
    "keep_fetched",
    "make_registration_token",
    "note_ended_legacy",
    "refuse_regeneration",
    "refuse_tokens",
    "regenerate_secret",
    "register_application",
    "register_client",
    "reject_client",
    "reveal_secret",
    "set_authorization_details_types",
    "set_certificate_name",
    "set_public_keys",
    "set_redirect_uris",
    "set_source_ranges",
    "show_secret",
    "subscribe",
    "tell_contract_ends",
    "tell_version_news",
    "unsubscribe",
    "withdraw_regeneration",
]
