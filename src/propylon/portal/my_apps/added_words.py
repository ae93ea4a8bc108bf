"""What is said when an application has come into an environment."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _

from propylon.applications.models import Client
from propylon.applications.selectors import subscriptions_of
from propylon.kernel.errors import PropylonError


def tell_added(request: HttpRequest, client: Client, problem: PropylonError | None) -> None:
    """That it was added, what it is subscribed to, and why its certificate was not ordered, if it was not."""
    products = [row.product.title for row in subscriptions_of(client)]
    facts = {"name": client.application.name, "environment": client.environment.title, "products": ", ".join(products)}
    said = [
        _("%(name)s was added to %(environment)s and has its keys.")
        if client.environment.approves_by_itself
        else _("%(name)s was added. The operator decides about %(environment)s.")
    ]
    if products:
        said.append(_("It is subscribed to %(products)s."))
    if client.orders_certificate:
        said.append(_("Once it is approved, its certificate is made, and a mail brings the link."))
    messages.success(request, " ".join(said) % facts)
    if not products:
        messages.warning(request, _("It is subscribed to no product yet: its tokens open nothing until it is."))
    if problem is not None:
        reasons = " ".join([problem.message, *(each.reason for each in problem.errors)])
        messages.warning(request, _("Its certificate was not ordered. %(reasons)s") % {"reasons": reasons})
