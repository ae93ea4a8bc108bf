"""Mails about the profile `legacy`: developers read what is weaker, until when, and what to build instead."""

from __future__ import annotations

from django.utils.translation import gettext as _

from propylon.applications.legacy_words import legacy_advice
from propylon.applications.mails import Told, developers, facts_of, moment, page_of, tell
from propylon.applications.models import Client


def allowed(client: Client) -> None:
    facts = {**facts_of(client), "end": moment(client.legacy_ends_at)}

    def told() -> Told:
        return _("%(name)s in %(place)s: old security allowed until %(end)s") % facts, [
            _("the operator allows %(name)s in %(place)s the profile legacy until %(end)s.") % facts,
            _("Reason: %(reason)s") % {"reason": client.legacy_reason},
            legacy_advice(client.application.type),
            page_of(client),
        ]

    tell(developers(client), told)


def ended(client: Client, reason: str) -> None:
    """`reason` is empty if the day has come."""
    facts = facts_of(client)

    def told() -> Told:
        said = [_("the profile legacy of %(name)s in %(place)s has ended. Only the standard profile works.") % facts]
        if reason:
            said.append(_("Reason: %(reason)s") % {"reason": reason})
        said.append(legacy_advice(client.application.type))
        return _("%(name)s in %(place)s: old security has ended") % facts, [*said, page_of(client)]

    tell(developers(client), told)
