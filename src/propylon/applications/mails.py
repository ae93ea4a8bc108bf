"""Mails to the people of an application, in their languages, and to those who decide. Each leads to where one acts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from propylon.accounts.models import User
from propylon.accounts.roles import Permission, roles_with
from propylon.applications.models import Client, ClientStatus, Regeneration
from propylon.applications.overlaps import NO_OVERLAP
from propylon.notifications.actions import queue_mail

_MOST_READERS = 50  # of one mail: an organization may have many developers
Told = tuple[str, list[str]]  # subject, paragraphs


def moment(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if at else ""


def request_waits(client: Client) -> None:
    """To those who decide: the application asks for its environment, for the first time or again."""
    facts = facts_of(client)

    def told() -> Told:
        if client.requests > 1:
            what = _("%(organization)s asks again for %(name)s in %(place)s.")
        else:
            what = _("%(organization)s asks for %(name)s in %(place)s.")
        said = [what % facts]
        if client.request_note:
            said.append(_("The developers say: %(note)s") % {"note": client.request_note})
        page = f"{settings.PROPYLON_PUBLIC_URL}/console/clients/{client.client_id}/decision"
        return _("%(name)s in %(place)s waits for a decision") % facts, [*said, _("Decide here:"), page]

    tell(deciders(), told)


def client_decided(client: Client) -> None:
    """To the application's contact."""
    facts = {**facts_of(client), "client_id": client.client_id}
    is_approved = client.status == ClientStatus.APPROVED

    def told() -> Told:
        if is_approved:
            subject, what = (
                _("%(name)s in %(place)s: approved"),
                _("your application %(name)s was approved for %(place)s."),
            )
        else:
            subject, what = (
                _("%(name)s in %(place)s: rejected"),
                _("your application %(name)s was rejected for %(place)s."),
            )
        said = [what % facts]
        if client.decision_reason:
            said.append(_("Reason: %(reason)s") % {"reason": client.decision_reason})
        said.append(_("Its client id is %(client_id)s.") % facts)
        if is_approved:
            return subject % facts, [*said, _("Its keys and the next step are here:"), page_of(client)]
        return subject % facts, [*said, _("Change what the reason names, then ask again:"), page_of(client, "/request")]

    tell(_contact(client), told)


def plan_given(client: Client) -> None:
    facts = {**facts_of(client), "plan": client.plan.title}
    tell(
        _contact(client),
        lambda: (
            _("%(name)s in %(place)s: plan %(plan)s") % facts,
            [
                _("your application %(name)s has the plan %(plan)s in %(place)s from now on.") % facts,
                _("Tokens that it asks for from now on carry it. Its limits are here:"),
                page_of(client),
            ],
        ),
    )


def regeneration_asked(request: Regeneration) -> None:
    """To those who decide."""
    facts = facts_of(request.client)
    who = request.asked_by.name if request.asked_by else ""
    tell(
        deciders(),
        lambda: (
            _("%(name)s in %(place)s: new keys asked for") % facts,
            [
                _("%(who)s of %(organization)s asks for a new client secret of %(name)s in %(place)s.")
                % {**facts, "who": who},
                _("Reason: %(reason)s") % {"reason": request.reason},
                _("Until you decide, the keys stay as they are. Decide here:"),
                f"{settings.PROPYLON_PUBLIC_URL}/console/key-requests/{request.public_id}",
            ],
        ),
    )


def regeneration_refused(request: Regeneration) -> None:
    facts = facts_of(request.client)
    tell(
        developers(request.client),
        lambda: (
            _("%(name)s in %(place)s: no new keys") % facts,
            [
                _(
                    "the request for a new client secret of %(name)s in %(place)s was refused; "
                    "the keys stay as they are."
                )
                % facts,
                _("Reason: %(reason)s") % {"reason": request.note},
                page_of(request.client, "/keys"),
            ],
        ),
    )


def secret_replaced(request: Regeneration) -> None:
    client = request.client
    facts = {**facts_of(client), "end": moment(client.old_secret_ends_at)}

    def told() -> Told:
        if request.overlap == NO_OVERLAP:
            what = _(
                "the client secret of %(name)s in %(place)s was replaced. The old one no longer works, and tokens got "
                "with it are refused."
            )
        else:
            what = _(
                "the client secret of %(name)s in %(place)s was replaced. The old one works until %(end)s; put the new "
                "one in its place before that."
            )
        said = [what % facts, _("Reason: %(reason)s") % {"reason": request.reason}]
        if request.note:
            said.append(_("The operator says: %(note)s") % {"note": request.note})
        return _("%(name)s: new client secret") % facts, [*said, _("Show the new one here:"), page_of(client, "/keys")]

    tell(developers(client), told)


def old_secret_ended(client: Client) -> None:
    facts = facts_of(client)
    tell(
        developers(client),
        lambda: (
            _("%(name)s in %(place)s: the old client secret has ended") % facts,
            [
                _(
                    "the operator ended the old client secret of %(name)s in %(place)s before its time. "
                    "Only the new one works."
                )
                % facts,
                _("Show the new one here:"),
                page_of(client, "/keys"),
            ],
        ),
    )


def facts_of(client: Client) -> dict[str, str]:
    application = client.application
    return {
        "name": application.name,
        "place": client.environment.title,
        "organization": application.organization.name,
    }


def page_of(client: Client, tab: str = "") -> str:
    """A page of the application in the client's environment; "" is its overview."""
    path = f"/apps/{client.application.public_id}{tab}?environment={client.environment.name}"
    return f"{settings.PROPYLON_PUBLIC_URL}{path}"


def deciders() -> Iterator[tuple[str, str]]:
    """Address and language of the operator's people who decide."""
    found = User.objects.filter(
        memberships__organization__is_operator=True,
        memberships__role__in=roles_with(Permission.APPROVE),
        is_active=True,
    )
    for user in found.distinct()[:_MOST_READERS]:
        yield user.email, user.language


def _contact(client: Client) -> Iterator[tuple[str, str]]:
    """Address and language of the application's contact; a mail to somebody unknown is in the program's language."""
    contact = client.application.contact_email
    known = User.objects.filter(email__iexact=contact).first()
    yield contact, (known.language if known else "") or settings.LANGUAGE_CODE


def developers(client: Client) -> Iterator[tuple[str, str]]:
    """Address and language: the application's contact, and everybody who may see its keys."""
    contact = client.application.contact_email
    yield from _contact(client)
    people = User.objects.filter(
        memberships__organization=client.application.organization,
        memberships__role__in=roles_with(Permission.SHOW_SECRETS),
        is_active=True,
    )
    for user in people.exclude(email__iexact=contact).distinct()[:_MOST_READERS]:
        yield user.email, user.language


def tell(readers: Iterator[tuple[str, str]], told: Callable[[], Told]) -> None:
    """`told` is asked once for each reader, while the reader's language is the present one."""
    for address, language in readers:
        with _language(language):
            subject, paragraphs = told()
            queue_mail(to=address, subject=subject, body="\n\n".join([_("Hello,"), *paragraphs]) + "\n")


def _language(wanted: str) -> AbstractContextManager[None]:
    return override(wanted or get_language() or settings.LANGUAGE_CODE)
