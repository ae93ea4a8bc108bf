"""Mails about end users: to those who decide, to the developers, and to each person who was added."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _

from propylon.accounts.models import User
from propylon.applications.mails import deciders, developers, facts_of, page_of, tell
from propylon.applications.models import EndUserRequest


def asked(request: EndUserRequest) -> None:
    facts = {**facts_of(request.client), "count": str(len(request.persons))}
    tell(
        deciders(),
        lambda: (
            _("%(name)s in %(place)s: end users asked for") % facts,
            [
                _("%(organization)s asks for %(count)s end users of %(place)s, to use %(name)s.") % facts,
                _("Reason: %(reason)s") % {"reason": request.reason},
                _("Decide here:"),
                f"{settings.PROPYLON_PUBLIC_URL}/console/end-user-requests/{request.public_id}",
            ],
        ),
    )


def refused(request: EndUserRequest) -> None:
    facts = facts_of(request.client)
    tell(
        developers(request.client),
        lambda: (
            _("%(name)s in %(place)s: no end users") % facts,
            [
                _("the request for end users of %(name)s in %(place)s was refused.") % facts,
                _("Reason: %(reason)s") % {"reason": request.note},
                page_of(request.client, "/end-users"),
            ],
        ),
    )


def approved(request: EndUserRequest) -> None:
    facts = facts_of(request.client)
    tell(
        developers(request.client),
        lambda: (
            _("%(name)s in %(place)s: end users added") % facts,
            [
                _("the end users that you asked for are customers of %(place)s now.") % facts,
                _("Each has a mail with a link to choose a password, and can log in then."),
                page_of(request.client, "/end-users"),
            ],
        ),
    )


def invited(email: str, name: str, link: str) -> None:
    """To the person, who may be known to the portal, and then has a language."""
    known = User.objects.filter(email__iexact=email).first()
    language = known.language if known else settings.LANGUAGE_CODE
    tell(
        iter([(email, language)]),
        lambda: (
            _("Choose your password"),
            [
                _("%(name)s, you were added as a customer, so that you can try applications.") % {"name": name},
                _("Choose your password here within seven days. The link works once:"),
                link,
            ],
        ),
    )
