"""“Try it”: every step of a login that needs no customer, and in words what fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from propylon.customers.directory_errors import DirectoryUnavailable
from propylon.customers.directory_records import secret_of, settings_of
from propylon.customers.directory_settings import LdapSettings, OpenIdSettings
from propylon.customers.models import CustomerDirectory
from propylon.customers.provider_login import ask_token
from propylon.customers.provider_metadata import read_keys, read_metadata
from propylon.design.refusal_words import in_words
from propylon.kernel.secret import Secret


@dataclass(frozen=True, slots=True)
class Step:
    """`reason` says what is wrong and what to look at; empty when it went well."""

    title: str | Promise
    reason: str = ""

    @property
    def words(self) -> str:
        """The reason in the page's language."""
        return in_words(self.reason)

    @property
    def is_good(self) -> bool:
        return not self.reason


def try_directory(row: CustomerDirectory) -> list[Step]:
    """The steps up to the first that fails. Nothing is stored, nobody is logged in."""
    settings, secret = settings_of(row), secret_of(row)
    steps = _ldap_steps(settings, secret) if isinstance(settings, LdapSettings) else _openid_steps(settings, secret)
    found: list[Step] = []
    try:
        for title in steps:
            found.append(Step(title))  # noqa: PERF401  (those before a failure are told, too)
    except _Failed as failure:
        found.append(Step(failure.title, failure.reason))
    return found


class _Failed(Exception):  # noqa: N818
    def __init__(self, title: str | Promise, reason: str) -> None:
        self.title, self.reason = title, reason


def _doing(title: str | Promise, work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DirectoryUnavailable as error:
        raise _Failed(title, error.reason) from error


def _ldap_steps(settings: LdapSettings, secret: Secret) -> Iterator[str | Promise]:
    from propylon.customers.ldap_directory import bound, search

    reach = _("Reach the server over TLS, and bind as the account of the search")
    try:
        with bound(settings, secret) as connection:
            yield reach
            base = _("Search below the base")
            everybody = settings.filter or "(objectClass=*)"
            _doing(base, lambda: search(connection, settings, everybody, ["1.1"], most=1))
            yield base
            for attribute in (settings.login_attribute, settings.subject_attribute, settings.name_attribute):
                title = _("Find somebody who has the attribute %(name)s") % {"name": attribute}
                wanted = f"(&{everybody}({attribute}=*))"
                if not _doing(title, partial(search, connection, settings, wanted, ["1.1"], most=1)):
                    raise _Failed(title, f"No entry that counts as a customer has the attribute {attribute}.")
                yield title
    except DirectoryUnavailable as error:
        raise _Failed(reach, error.reason) from error


def _openid_steps(settings: OpenIdSettings, secret: Secret) -> Iterator[str | Promise]:
    title: str | Promise = _("Read the provider's metadata")
    metadata = _doing(title, lambda: read_metadata(settings))
    yield title
    title = _("Read its keys")
    _doing(title, lambda: read_keys(settings, metadata))
    yield title
    title = _("Be known at its token endpoint")
    form = {"grant_type": "authorization_code", "code": "trial", "redirect_uri": "https://trial.invalid/"}
    answer = _doing(title, lambda: ask_token(settings, metadata, secret, form | {"code_verifier": "t" * 43}))
    # A provider that knows us refuses the code; one that does not refuses us (RFC 6749, 5.2).
    error = str(answer.object().get("error", ""))[:80]
    if error not in {"invalid_grant", "invalid_request"}:
        reason = f"The provider answers {answer.status} {error}: check client_id, the secret and how it is sent."
        raise _Failed(title, reason)
    yield title
