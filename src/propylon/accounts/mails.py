"""The mails of this room: what they say, in the language of who gets them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import MappingProxyType
from urllib.parse import urlencode

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _

from propylon.accounts.models import Invitation, Organization, SignUp, User
from propylon.accounts.role_words import TITLES
from propylon.accounts.roles import Permission, roles_with
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail

PASSWORD_CHANGED = "password_changed"  # noqa: S105  (what happened)
SECURITY_WORDS: MappingProxyType[str, str | Promise] = MappingProxyType(
    {
        PASSWORD_CHANGED: gettext_lazy("Your password was changed"),
        "totp_added": gettext_lazy("An authenticator app was added to your account"),
        "totp_removed": gettext_lazy("The authenticator app was removed from your account"),
        "webauthn_added": gettext_lazy("A passkey was added to your account"),
        "webauthn_removed": gettext_lazy("A passkey was removed from your account"),
        "recovery_codes_reset": gettext_lazy("New recovery codes were made for your account"),
    }
)


def verify_address(request: SignUp, secret: Secret) -> None:
    with _language(request.language):
        _send(
            request.email,
            _("Please verify your address"),
            _("Hello %(name)s,") % {"name": request.name},
            _("somebody, most likely you, signed up with this address. Open this link within 24 hours to finish:"),
            _link("/verify-email", secret),
            _("If it was not you, do nothing: without the link no account is made."),
        )


def already_registered(user: User) -> None:
    with _language(user.language):
        _send(
            user.email,
            _("You have an account already"),
            _("Hello,"),
            _(
                "somebody, perhaps you, signed up with this address, which has an account already. "
                "Nothing was changed: sign in as usual."
            ),
            f"{settings.PROPYLON_PUBLIC_URL}/sign-in",
            _("If you forgot your password, set a new one:"),
            f"{settings.PROPYLON_PUBLIC_URL}/password/forgotten",
            _("If it was not you, there is nothing to do."),
        )


def prospect_asks(organization: Organization, user: User) -> None:
    """To those who can invite the person; to the program's operators when there is nobody."""
    able = {"memberships__role__in": roles_with(Permission.MANAGE_MEMBERS), "is_active": True}
    people = list(User.objects.filter(memberships__organization=organization, **able).distinct())
    people = people or list(User.objects.filter(memberships__organization__is_operator=True, **able).distinct())
    facts = {"name": user.name, "email": user.email, "organization": organization.name}
    for person in people:
        with _language(person.language):
            _send(
                person.email,
                _("%(name)s asks to join %(organization)s") % facts,
                _("Hello %(name)s,") % {"name": person.name},
                _(
                    "%(name)s <%(email)s> signed up and named %(organization)s as their organization. "
                    "They see nothing of it yet. If they belong to it, invite them; if not, do nothing."
                )
                % facts,
                f"{settings.PROPYLON_PUBLIC_URL}/organizations/{organization.public_id}/members",
            )


def invitation(row: Invitation, secret: Secret) -> None:
    known = User.objects.filter(email=row.email).first()
    with _language(known.language if known else ""):
        facts = {"organization": row.organization.name, "role": TITLES[row.role]}
        _send(
            row.email,
            _("Invitation to %(organization)s") % facts,
            _("Hello,"),
            _("you are invited to %(organization)s as %(role)s. Open this link within 7 days to accept:") % facts,
            _link("/accept-invitation", secret),
            _("If you do not know why you get this mail, do nothing."),
        )


def password_reset(user: User, path: str) -> None:
    with _language(user.language):
        _send(
            user.email,
            _("Set a new password"),
            _("Hello %(name)s,") % {"name": user.name},
            _("somebody, most likely you, asked for a new password. Open this link within two hours to set it:"),
            f"{settings.PROPYLON_PUBLIC_URL}{path}",
            _("If it was not you, do nothing: your password stays as it is."),
        )


def security_notice(user: User, what: str) -> None:
    """`what` is a key of SECURITY_WORDS."""
    with _language(user.language):
        _send(
            user.email,
            str(SECURITY_WORDS[what]),
            _("Hello %(name)s,") % {"name": user.name},
            f"{SECURITY_WORDS[what]}.",
            _("If it was not you, set a new password at once and look at your sessions:"),
            f"{settings.PROPYLON_PUBLIC_URL}/password/forgotten",
            f"{settings.PROPYLON_PUBLIC_URL}/account/sessions",
        )


def _send(to: str, subject: str, *paragraphs: str) -> None:
    queue_mail(to=to, subject=subject, body="\n\n".join(paragraphs) + "\n")


def _language(wanted: str) -> AbstractContextManager[None]:
    return override(wanted or get_language() or settings.LANGUAGE_CODE)


def _link(path: str, secret: Secret) -> str:
    return f"{settings.PROPYLON_PUBLIC_URL}{path}?{urlencode({'token': secret.reveal()})}"
