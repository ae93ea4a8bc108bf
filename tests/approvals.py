"""A question that waits for a customer, as an application asks it by CIBA, without the endpoint."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from propylon.applications.models import Client
from propylon.customers.approvals import Question, approver_for
from propylon.kernel.actor import SYSTEM


def question(client: Client, subject: str, *, message: str = "W4SCT", environment: str = "sandbox") -> str:
    """Its id."""
    asked = Question(
        environment=environment,
        subject=subject,
        client_id=client.client_id,
        application=client.application.name,
        organization=client.application.organization.name,
        organization_id=client.application.organization.public_id,
        allows=("See your accounts",),
        binding_message=message,
        expires_at=timezone.now() + timedelta(minutes=5),
    )
    with transaction.atomic():
        return approver_for(environment).ask(asked, acting_user=SYSTEM)
