"""The second step of a customer's sign-in, beside the password: a code of six digits, by mail.

Sandbox identities have a published one, as their passwords are: what a partner tries out is how an application leads
customers there, not whether a code is secret.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from propylon.customers.models import Customer
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail
from propylon.sealing.entropy import new_code

SANDBOX_CODE = "246810"


def has_second_step(environment: str, subject: str) -> bool:
    customer = _customer(environment, subject)
    return customer is not None and (customer.is_sandbox_identity or bool(customer.email))


def mailed_to(environment: str, subject: str) -> str:
    """Enough of the address for its owner to know it: `m…@bank.example`; "" where no mail is sent."""
    customer = _customer(environment, subject)
    if customer is None or customer.is_sandbox_identity or not customer.email:
        return ""
    name, _at, host = customer.email.partition("@")
    return f"{name[:1]}…@{host}"


def begin_second_step(environment: str, subject: str, *, application: str) -> Secret | None:
    """The code that the customer will be asked for, on its way; None if they have no second step."""
    customer = _customer(environment, subject)
    if customer is None or not has_second_step(environment, subject):
        return None
    if customer.is_sandbox_identity:
        return Secret(SANDBOX_CODE)
    code = new_code()
    said = [
        _("Hello %(name)s,") % {"name": customer.name},
        _("Your code is %(code)s. It is for the login that you have begun for %(application)s, and for nothing else.")
        % {"code": code.reveal(), "application": application},
        _("If you have not begun one, somebody knows your password: change it. Tell the code to nobody."),
    ]
    queue_mail(to=customer.email, subject=_("Your code to log in"), body="\n\n".join(said) + "\n")
    return code


def _customer(environment: str, subject: str) -> Customer | None:
    return Customer.objects.filter(environment=environment, subject=subject).first()
