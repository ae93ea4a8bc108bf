"""What the worker repeats for this room."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from propylon.accounts.models import AttemptCounter, Invitation, PersonalAccessToken, SignUp
from propylon.kernel.periodic import Periodic

_KEPT = timedelta(days=30)


def forget_what_ended() -> None:
    """Sign-ups and counters at once, invitations and tokens a month after their end."""
    now = timezone.now()
    SignUp.objects.filter(expires_at__lt=now).delete()
    AttemptCounter.objects.filter(window_ends_at__lt=now).delete()
    Invitation.objects.filter(expires_at__lt=now - _KEPT).delete()
    PersonalAccessToken.objects.filter(expires_at__lt=now - _KEPT).delete()


PERIODIC = (Periodic("forget_what_ended", 3600, forget_what_ended),)
