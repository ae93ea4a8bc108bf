"""What every page of one application shows: the application, the chosen environment, what the person may do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of, permissions_of
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.access import access_application, client_in
from propylon.applications.client_policy import policy_of
from propylon.applications.legacy_words import legacy_advice, legacy_allows
from propylon.applications.models import Application, Client, ClientStatus
from propylon.applications.selectors import clients_of
from propylon.catalog.models import Environment
from propylon.catalog.selectors import environments
from propylon.kernel.actor import Actor
from propylon.oauth.policy import ProfilePolicy
from propylon.portal.account.access import signed_in_user
from propylon.portal.my_apps.type_words import STORIES, Story, type_title


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    address: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Place:
    client: Client
    address: str
    is_current: bool


@dataclass
class AppPage:
    """`client` is the application in the chosen environment. An application always has at least one."""

    user: User
    application: Application
    clients: Sequence[Client]
    client: Client
    tab: str

    @property
    def actor(self) -> Actor:
        return actor_of(self.user)

    @cached_property
    def _permissions(self) -> frozenset[Permission]:
        return permissions_of(self.user, self.application.organization)

    @property
    def may_manage(self) -> bool:
        return Permission.MANAGE_APPLICATIONS in self._permissions

    @property
    def may_show_secrets(self) -> bool:
        return Permission.SHOW_SECRETS in self._permissions

    @property
    def may_see_usage(self) -> bool:
        return Permission.VIEW_USAGE in self._permissions

    @property
    def type_title(self) -> str:
        return type_title(self.application.type)

    @property
    def story(self) -> Story:
        return STORIES[self.application.type]

    @property
    def policy(self) -> ProfilePolicy:
        return policy_of(self.client)

    @property
    def legacy(self) -> dict[str, str]:
        """What the profile allows, why that is weaker and what to build instead; in words."""
        return {"allows": legacy_allows(self.application.type), "advice": legacy_advice(self.application.type)}

    @property
    def is_approved(self) -> bool:
        return self.client.status == ClientStatus.APPROVED

    @cached_property
    def further_environments(self) -> list[Environment]:
        """Where the application is not yet."""
        taken = {client.environment_id for client in self.clients}
        return [each for each in environments() if each.pk not in taken]

    @property
    def is_about_one_environment(self) -> bool:
        return self.tab not in {"calls", "history", "delete", "add_environment"}

    @property
    def shows_environments(self) -> bool:
        """Also where one is added: beside those that there are."""
        return self.is_about_one_environment or self.tab == "add_environment"

    @property
    def leads_to_asking_again(self) -> bool:
        """On the pages where one changes what a rejection named."""
        is_rejected = self.client.status == ClientStatus.REJECTED
        return is_rejected and self.may_manage and self.tab in {"settings", "subscriptions", "source_ranges"}

    @property
    def places(self) -> list[Place]:
        """The same page in each environment; the overview where the page is about none of them."""
        tab = self.tab if self.is_about_one_environment else "detail"
        chosen = self.client.pk if self.is_about_one_environment else None
        found = reverse(f"portal_apps:{tab}", args=[self.application.public_id])
        return [
            Place(each, found if each is self.clients[0] else f"{found}?{_query(each)}", each.pk == chosen)
            for each in self.clients
        ]

    @property
    def tabs(self) -> list[Tab]:
        named = [
            ("detail", _("Overview")),
            ("keys", _("Keys")),
            ("certificates", _("Certificates")),
            ("subscriptions", _("Subscriptions")),
            ("source_ranges", _("Source ranges")),
            *([] if self.application.type == "server" else [("end_users", _("End users"))]),
            ("usage", _("Usage")),
            ("calls", _("Calls")),
            ("history", _("History")),
            ("settings", _("Settings")),
        ]
        return [Tab(label, self.address(name), name == self.tab) for name, label in named]

    def address(self, name: str, *args: str) -> str:
        """Of a page of this application, in the chosen environment."""
        found = reverse(f"portal_apps:{name}", args=[self.application.public_id, *args])
        if self.client.pk == self.clients[0].pk:
            return found
        return f"{found}?{_query(self.client)}"

    @property
    def links(self) -> dict[str, str]:
        """For templates, by the pages' names."""
        names = (
            "detail",
            "keys",
            "public_keys",
            "certificates",
            "subscriptions",
            "source_ranges",
            "calls",
            "settings",
            "approvals",
            "delete",
            "add_environment",
            "ask_again",
        )
        return {name: self.address(name) for name in names}

    def choose(self, client_key: int) -> None:
        """The environment of something that the page is about."""
        self.client = next(each for each in self.clients if each.pk == client_key)

    def leads_to(self, name: str, *args: str) -> HttpResponse:
        return HttpResponseRedirect(self.address(name, *args), status=303)


def _query(client: Client) -> str:
    return urlencode({"environment": client.environment.name})


def app_page(
    request: HttpRequest, application_id: str, tab: str, permission: Permission = Permission.VIEW_APPLICATIONS
) -> AppPage:
    """The page's ground, or the refusal: 404 for another organization's id, 403 where the role does not allow it."""
    user = signed_in_user(request)
    application = access_application(user, application_id, permission)
    if request.method not in {"GET", "HEAD"} and permission is Permission.VIEW_APPLICATIONS:
        access_application(user, application_id, Permission.MANAGE_APPLICATIONS)
    clients = list(clients_of(application))
    client = client_in(clients, request.GET.get("environment", ""))
    return AppPage(user, application, clients, client, tab)
