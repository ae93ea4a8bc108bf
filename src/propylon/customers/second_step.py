"""The second step of a customer's sign-in, beside the password: a code of six digits.

Sandbox identities have a published one, as their passwords are: what a partner tries out is how an application leads
customers there, not whether a code is secret.
"""

from __future__ import annotations

from propylon.customers.models import Customer
from propylon.kernel.secret import Secret

SANDBOX_CODE = "246810"


def has_second_step(environment: str, subject: str) -> bool:
    return Customer.objects.filter(environment=environment, subject=subject, is_sandbox_identity=True).exists()


def begin_second_step(environment: str, subject: str) -> Secret | None:
    """The code that the customer will be asked for; None if they have no second step."""
    return Secret(SANDBOX_CODE) if has_second_step(environment, subject) else None
