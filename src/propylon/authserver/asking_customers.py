"""The backchannel authentication endpoint, OpenID Connect CIBA Core 1.0 section 7: a customer is asked elsewhere."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from propylon.applications.models import Client
from propylon.authserver.customer_hints import customer_meant
from propylon.authserver.detail_types import scopes_that_ask_accounts
from propylon.authserver.models import BackchannelRequest
from propylon.authserver.proofs import remember_request
from propylon.authserver.selectors import scope_titles
from propylon.authserver.strength import refuse_high_risk
from propylon.customers.approvals import Question, approver_for
from propylon.customers.models import Customer
from propylon.customers.selectors import waiting_approvals
from propylon.customers.throttle import MOST_WAITING
from propylon.kernel.actor import Actor
from propylon.oauth.attempts import BackchannelAttempt
from propylon.oauth.backchannel_request import PARAMETERS, CheckedBackchannel, check_backchannel, not_asked
from propylon.oauth.records import ClientRecord
from propylon.oauth.request_object import signed_backchannel
from propylon.oauth.tokens import POLL_INTERVAL
from propylon.sealing.entropy import digest, new_secret


def ask_customer(form: dict[str, str], client: ClientRecord) -> dict[str, Any]:
    """The answer of section 7.3. Raises `OAuthError`; then nobody was asked."""
    now = int(time.time())
    checked = _checked(form, client, now)
    refuse_high_risk(checked.scope)
    customer = customer_meant(client, checked)
    return _ask(client, checked, customer, now)


def _checked(form: dict[str, str], client: ClientRecord, now: int) -> CheckedBackchannel:
    if "request" not in form:
        return check_backchannel(BackchannelAttempt(client, form))
    signed = signed_backchannel(form["request"], client, issuer=settings.PROPYLON_ISSUER_URL, now=now)
    beside = PARAMETERS.intersection(form)
    checked = check_backchannel(BackchannelAttempt(client, signed.parameters, is_signed=True, beside=beside))
    remember_request(signed.used)
    return checked


@transaction.atomic
def _ask(client: ClientRecord, checked: CheckedBackchannel, customer: Customer, now: int) -> dict[str, Any]:
    waiting = waiting_approvals().filter(environment=customer.environment, subject=customer.subject).count()
    if waiting >= MOST_WAITING:
        raise not_asked(f"{waiting} questions wait for this customer")
    expires_at = datetime.fromtimestamp(now + checked.lifetime, UTC)
    question = Question(
        environment=customer.environment,
        subject=customer.subject,
        client_id=client.client_id,
        application=client.application_name,
        organization=client.organization_name,
        organization_id=client.organization,
        allows=tuple(scope_titles(checked.scope)),
        binding_message=checked.binding_message,
        expires_at=expires_at,
        asks_accounts=bool(scopes_that_ask_accounts(checked.scope)) if checked.scope else False,
    )
    actor = Actor("client", client.client_id, client.application_name)
    auth_req_id = new_secret()
    BackchannelRequest.objects.create(
        digest=digest(auth_req_id),
        client=Client.objects.get(client_id=client.client_id),
        subject=customer.subject,
        scope=" ".join(checked.scope),
        approval=approver_for(customer.environment).ask(question, acting_user=actor),
        interval=POLL_INTERVAL,
        created_at=datetime.fromtimestamp(now, UTC),
        expires_at=expires_at,
    )
    return {"auth_req_id": auth_req_id.reveal(), "expires_in": checked.lifetime, "interval": POLL_INTERVAL}
