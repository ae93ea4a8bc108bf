"""What the bank's own pages need that nobody signs in to: a request for consent, and a link to a certificate."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlencode

from django.db import transaction
from django.utils import timezone

from propylon.accounts.access import actor_of
from propylon.accounts.models import User
from propylon.applications.actions import allow_asking_customers
from propylon.applications.models import Client
from propylon.authserver.interactions import allow, find_open, note_login, open_request
from propylon.authserver.models import CustomerSession, Grant
from propylon.authserver.selectors import client_record, scope_titles
from propylon.certificates.actions import order_certificate
from propylon.customers.approvals import Question, approver_for
from propylon.customers.models import Customer
from propylon.kernel.actor import Actor
from propylon.notifications.models import Mail
from propylon.oauth.account_choice import Granted
from propylon.oauth.attempts import AuthorizationAttempt
from propylon.oauth.authorization_request import check_authorization
from propylon.sealing.entropy import digest, new_secret

LONG_ENOUGH = timedelta(days=1)  # a person has a quarter of an hour; a round through all pages takes longer
_LINK = re.compile(r"/certificates/download\?token=([\w-]+)")


def order_with_link(user: User) -> None:
    """The sandbox signs at once, and mails the link."""
    client = Client.objects.get(application__name="Payout Service", environment__name="sandbox")
    order_certificate(acting_user=actor_of(user), client=client)


def bank_things() -> dict[str, str]:
    """A request of an application that no test deletes: `authorization` asks, `consent` is logged in, in `browser`."""
    client = Client.objects.get(application__name="Budget Board", environment__name="sandbox")
    sent = {
        "response_type": "code",
        "client_id": client.client_id,
        "redirect_uri": client.redirect_uris[0],
        "scope": "accounts transactions",
        "state": "s",
        "code_challenge": "c" * 43,
        "code_challenge_method": "S256",
    }
    record = client_record(client.client_id)
    assert record is not None
    browser = new_secret()
    reference = open_request(record, check_authorization(AuthorizationAttempt(record, sent, is_pushed=False)), browser)
    row, _ = find_open(reference, browser)
    row.expires_at = timezone.now() + LONG_ENOUGH
    row.save()
    customer = Customer.objects.filter(environment="sandbox").order_by("pk")[0]
    note_login(acting_user=Actor("customer", customer.subject, "customer"), row=row)
    other = open_request(record, check_authorization(AuthorizationAttempt(record, sent, is_pushed=False)), browser)
    given, _ = find_open(other, browser)
    note_login(acting_user=Actor("customer", customer.subject, "customer"), row=given)
    allow(
        acting_user=Actor("customer", customer.subject, "customer"), row=given, client=record, granted=Granted((), {})
    )
    return {
        "authorization": urlencode(sent),
        "consent": reference,
        "browser": browser.reveal(),
        "download": _newest_link(),
        "customer": _customer_session(customer),
        "asking_application": _question(customer),
        "customer_consent": Grant.objects.filter(subject=customer.subject).latest("pk").public_id,
    }


def _question(customer: Customer) -> str:
    """The application that asks a customer on another device, by the approver itself: no poll is needed for a page."""
    client = Client.objects.get(application__name="Account View", environment__name=customer.environment)
    record = client_record(client.client_id)
    assert record is not None
    question = Question(
        environment=customer.environment,
        subject=customer.subject,
        client_id=record.client_id,
        application=record.application_name,
        organization=record.organization_name,
        organization_id=record.organization,
        allows=tuple(scope_titles(("accounts", "transactions"))),
        binding_message="Blue whale 42",
        expires_at=timezone.now() + LONG_ENOUGH,
    )
    actor = Actor("client", record.client_id, record.application_name)
    with transaction.atomic():
        allow_asking_customers(acting_user=actor, client=client, is_allowed=True)
        approver_for(customer.environment).ask(question, acting_user=actor)
    return record.application


def _newest_link() -> str:
    """Empty when no certificate waits to be fetched."""
    mails = Mail.objects.filter(body__contains="/certificates/download?token=").order_by("-pk")
    found = [_LINK.search(mail.body) for mail in mails[:1]]
    return next((each[1] for each in found if each), "")


def _customer_session(customer: Customer) -> str:
    """The cookie of a customer who looks at their consents."""
    token, later = new_secret(), timezone.now() + LONG_ENOUGH
    CustomerSession.objects.create(
        digest=digest(token),
        environment=customer.environment,
        subject=customer.subject,
        begun_at=later,
        used_at=later,
    )
    return token.reveal()
