"""Mails about contracts, to the organization's managers and to the operators."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from propylon.accounts.models import User
from propylon.accounts.roles import Permission, roles_with
from propylon.applications.mails import Told, tell
from propylon.applications.models import Contract

_MOST_READERS = 50


def contract_ends(contract: Contract, days_left: int) -> None:
    """The notice before its end."""
    facts = {**_facts(contract), "day": contract.ends_on.isoformat() if contract.ends_on else "", "days": days_left}

    def told() -> Told:
        subject = ngettext(
            "Contract %(number)s ends in %(days)s day", "Contract %(number)s ends in %(days)s days", days_left
        )
        said = [_("%(day)s is the last day of the contract %(number)s (%(title)s) with %(organization)s.") % facts]
        if contract.environments:
            said.append(_("From the day after, its applications have the limits of their plans again."))
        return subject % facts, [*said, _("All that is agreed:"), _page(contract)]

    tell(_readers(contract), told)


def contract_ended(contract: Contract) -> None:
    """Before its time."""
    facts = _facts(contract)

    def told() -> Told:
        said = [_("the contract %(number)s (%(title)s) with %(organization)s ended today, before its time.") % facts]
        said.append(_("Reason: %(reason)s") % {"reason": contract.end_reason})
        if contract.environments:
            said.append(_("Its applications have the limits of their plans again."))
        return _("Contract %(number)s has ended") % facts, [*said, _("All that was agreed:"), _page(contract)]

    tell(_readers(contract), told)


def _facts(contract: Contract) -> dict[str, str | int]:
    return {"number": contract.number, "title": contract.title, "organization": contract.organization.name}


def _page(contract: Contract) -> str:
    return f"{settings.PROPYLON_PUBLIC_URL}/organizations/{contract.organization.public_id}/contracts"


def _readers(contract: Contract) -> Iterator[tuple[str, str]]:
    """Address and language of the organization's managers and of the operators."""
    managers = Q(
        memberships__organization=contract.organization, memberships__role__in=roles_with(Permission.MANAGE_MEMBERS)
    )
    operators = Q(
        memberships__organization__is_operator=True, memberships__role__in=roles_with(Permission.MANAGE_PROGRAM)
    )
    for user in User.objects.filter(managers | operators, is_active=True).distinct()[:_MOST_READERS]:
        yield user.email, user.language
