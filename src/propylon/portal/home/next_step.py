"""What somebody who signed in does next: one thing, the first that is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from propylon.accounts.access import may
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.models import Client, ClientStatus, Subscription


@dataclass(frozen=True, slots=True)
class NextStep:
    title: str
    text: str
    address: str
    action: str


def next_step(user: User, clients: Sequence[Client]) -> NextStep:
    """`clients` are the user's own, newest first."""
    if may(user, Permission.VIEW_PROGRAM):
        text = _("Applications and certificate orders that wait for you, and all else that needs a decision.")
        return NextStep(_("Look at the queue"), text, "/console", _("Open the console"))
    if not clients:
        return _without_clients(user)
    approved = [client for client in clients if client.status == ClientStatus.APPROVED]
    if not approved:
        text = _("The operator decides on it; the contact mail is told.")
        return NextStep(_("Your application waits for its approval"), text, _address(clients[0]), _("Open it"))
    has_product = set(Subscription.objects.filter(client__in=approved).values_list("client_id", flat=True))
    bare = next((client for client in approved if client.pk not in has_product), None)
    if bare is not None:
        text = _("Without a subscription an application can ask for no scope.")
        title = _("Subscribe %(name)s to a product") % {"name": bare.application.name}
        return NextStep(title, text, f"{_address(bare)}/subscriptions", _("Choose products"))
    text = _("Open an operation and call it from this site, with a token that is made for you.")
    return NextStep(_("Make a call"), text, "/products", _("Open the products"))


def _without_clients(user: User) -> NextStep:
    if any(may(user, Permission.MANAGE_APPLICATIONS, row.organization) for row in user.memberships.all()):
        text = _("It gives you a client id and keys, in the sandbox at once.")
        return NextStep(_("Add your first application"), text, "/apps/new", _("Add an app"))
    text = _("All documentation is open to you. Applications are added by the developers of your organization.")
    return NextStep(_("Read about the products"), text, "/products", _("Open the products"))


def _address(client: Client) -> str:
    return f"/apps/{client.application.public_id}"
