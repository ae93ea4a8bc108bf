"""Mails about versions: one to each person of an organization whose applications subscribe to the product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from propylon.applications.mails import Told, developers, moment, tell
from propylon.applications.models import Client
from propylon.applications.version_news import VersionNews
from propylon.catalog.selectors import environment_titles

_NAMED = 30  # operations and applications in one mail


def version_told(news: VersionNews, clients: Sequence[Client], operations: Sequence[str]) -> None:
    """`clients` are of one organization, `operations` those that changed and that they may call."""
    tell(_people(clients), lambda: _written(news, clients, operations))


def _people(clients: Iterable[Client]) -> Iterator[tuple[str, str]]:
    """Everybody once, however many of the applications are theirs."""
    seen: set[str] = set()
    for client in clients:
        for address, language in developers(client):
            if address.lower() not in seen:
                seen.add(address.lower())
                yield address, language


def _written(news: VersionNews, clients: Sequence[Client], operations: Sequence[str]) -> Told:
    version = news.version
    facts = {"product": version.product.title, "version": version.version}
    subject, said = _news(news, facts)
    names = list(dict.fromkeys(client.application.name for client in clients))
    said.append(_("Your applications that subscribe to it: %(names)s.") % {"names": _some(names, ", ")})
    if operations:
        said += [_changed_operations(news), _list(news, operations)]
    if news.kind == "withdrawn":
        product = f"{settings.PROPYLON_PUBLIC_URL}/products/{version.product.name}"
        return subject, [*said, _("What the product offers now:"), product]
    page = f"{settings.PROPYLON_PUBLIC_URL}/products/{version.product.name}/{_shown(news)}"
    return subject, [*said, _("Every change, and what can break a program:"), page]


def _news(news: VersionNews, facts: dict[str, str]) -> tuple[str, list[str]]:
    """Subject and first sentences."""
    version = news.version
    if news.kind == "new":
        older = news.older.version if news.older else ""
        first = _("%(product)s has the new version %(version)s beside %(older)s.") % {**facts, "older": older}
        return _("%(product)s: version %(version)s") % facts, [first]
    if news.kind == "changed":
        return _("%(product)s %(version)s was changed") % facts, [_("%(product)s %(version)s was changed.") % facts]
    if news.kind == "withdrawn":
        facts = {**facts, "place": environment_titles().get(news.environment, news.environment)}
        first = _("%(product)s %(version)s no longer answers in %(place)s: calls of it are refused with 404.") % facts
        return _("%(product)s %(version)s was taken back from %(place)s") % facts, [first, *_successor(news)]
    if news.kind == "ended":
        said = [_("%(product)s %(version)s has ended: the gateway refuses its calls with 410.") % facts]
        return _("%(product)s %(version)s has ended") % facts, [*said, *_successor(news)]
    said = [_("%(product)s %(version)s is deprecated from %(day)s.") % {**facts, "day": moment(version.deprecated_at)}]
    if version.sunset_at is not None:
        what = _("It ends on %(day)s; calls are refused then.") if version.ends_at_sunset else _("It ends on %(day)s.")
        said.append(what % {"day": moment(version.sunset_at)})
    said += _successor(news)
    if version.lifecycle_link:
        said.append(version.lifecycle_link)
    return _("%(product)s %(version)s ends") % facts, said


def _successor(news: VersionNews) -> list[str]:
    after = news.version.successor
    return [_("Use %(version)s instead.") % {"version": after.version}] if after else []


def _changed_operations(news: VersionNews) -> str:
    if news.kind == "withdrawn":
        return _("These operations are gone there:")
    if news.kind in {"ending", "ended"}:
        after = news.version.successor
        if after is None:
            return _("These operations end with it:")
        return _("%(version)s changes these operations:") % {"version": after.version}
    return _("These operations changed:")


def _list(news: VersionNews, operations: Sequence[str]) -> str:
    warning = _("(can break a program)")
    lines = [f"  {name} {warning}" if name in news.breaking else f"  {name}" for name in operations]
    return _some(lines, "\n")


def _some(names: Sequence[str], between: str) -> str:
    rest = len(names) - _NAMED
    more = [ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}] if rest > 0 else []
    return between.join([*names[:_NAMED], *more])


def _shown(news: VersionNews) -> str:
    """The portal's page of what differs."""
    if news.kind in {"ending", "ended"} and news.version.successor is not None:
        return f"{news.version.successor.version}/versions?since={news.version.version}"
    since = f"?since={news.older.version}" if news.older else ""
    return f"{news.version.version}/versions{since}"
