"""What stands between a customer's login and the consent page: the right customer, signed in strongly enough."""

from __future__ import annotations

from propylon.authserver.answers import Answer
from propylon.authserver.expected_customer import is_expected
from propylon.authserver.interactions import refuse
from propylon.authserver.models import AuthorizationRequest
from propylon.authserver.strength import must_have_second_step, needs_second_step
from propylon.customers.second_step import has_second_step
from propylon.kernel.actor import Actor
from propylon.oauth.errors import OAuthError
from propylon.oauth.records import ClientRecord


def before_consent(row: AuthorizationRequest, client: ClientRecord, reference: str) -> Answer:
    """Where the browser goes instead of the consent page; "" if nothing stands between."""
    if not is_expected(row, client):
        error = OAuthError("login_required", "Another customer has signed in than the one that was asked for.")
        return refuse(acting_user=Actor("customer", row.subject, "customer"), row=row, client=client, error=error)
    if not needs_second_step(row, client):
        return ""
    if has_second_step(client.environment, row.subject) or must_have_second_step(row, client):
        return f"/oauth/second-step?request={reference}"
    return ""
