"""What the worker repeats for the directory."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.customers.ask_attempts import forget_questions
from propylon.customers.attempts import forget_attempts
from propylon.customers.models import Approval
from propylon.customers.pairwise_subjects import deliver_key
from propylon.customers.password_links import forget_links
from propylon.customers.provider_login import forget_journeys
from propylon.kernel.periodic import Periodic

_APPROVALS_KEPT = timedelta(days=1)


def forget_approvals() -> None:
    """A day after their time; the event log keeps who answered what."""
    Approval.objects.filter(expires_at__lte=timezone.now() - _APPROVALS_KEPT).delete()
    forget_questions()


PERIODIC = (
    Periodic("customers.forget_approvals", 300.0, forget_approvals),
    Periodic("customers.forget_addresses", 300.0, forget_attempts),
    Periodic("customers.forget_journeys", 300.0, forget_journeys),
    Periodic("customers.forget_links", 3600.0, forget_links),
    Periodic("customers.deliver_subjects_key", 60.0, deliver_key),
)
