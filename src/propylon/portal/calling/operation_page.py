"""What the includes `portal/calling/try.html` and `portal/calling/samples.html` need, put together once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest

from propylon.accounts.access import visible_organizations
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.applications.models import Client
from propylon.applications.selectors import own_clients
from propylon.catalog.models import Operation, ProductVersion
from propylon.customers.selectors import sandbox_identities
from propylon.kernel.errors import PropylonError
from propylon.openapi.examples import ExampleRequest
from propylon.portal.calling.addresses import base_url_of
from propylon.portal.calling.choices import callable_clients, calling_facts, is_in_source_ranges
from propylon.portal.calling.documents import example_of
from propylon.portal.calling.downloads import Sample, samples
from propylon.portal.calling.gateway_call import own_address
from propylon.portal.calling.shown_answer import ShownAnswer
from propylon.portal.calling.try_form import TryForm

_MOST_CHOICES = 100  # a list to choose from; `?client=` chooses any other
_CHOSEN = "calling.client"  # in the session: the application that was called with last


@dataclass(frozen=True, slots=True)
class Calling:
    """`calling` in the templates. `obstacle` says why nothing can be called: sign-in, role, application, unpublished,
    unsubscribed (the one asked for), environment, certificate, undescribed; "" if the form is there."""

    operation: Operation
    obstacle: str
    page: str  # the address of the page that shows this, without its query
    clients: list[Client] = field(default_factory=list)
    client: Client | None = None
    unsubscribed: Client | None = None  # asked for by its id, and the reader's own
    samples: list[Sample] = field(default_factory=list)
    form: TryForm | None = None
    base_url: str = ""
    refused_address: str = ""  # the portal's own, where the client's source ranges leave it out
    answer: ShownAnswer | None = None

    @property
    def title(self) -> str:
        return self.operation.summary or str(self.operation)

    @property
    def product(self) -> str:
        return self.operation.product_version.product.name

    @property
    def version(self) -> str:
        return self.operation.product_version.version


def user_of(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None


def calling_of(
    request: HttpRequest, operation: Operation, *, data: Any = None, answer: ShownAnswer | None = None
) -> Calling:
    """For a page of this operation. `data` is what was sent of the form, `answer` what came of it."""
    user, page = user_of(request), _page(request)
    clients = choices_of(request, operation.product_version)
    unsubscribed = _unsubscribed(request, operation.product_version, clients)
    client = clients[0] if clients and unsubscribed is None else None
    try:
        example, listed = example_of(operation), samples(operation, client)
    except PropylonError as error:
        obstacle = "unpublished" if error.code == "catalog.version.unpublished" else "undescribed"
        return Calling(operation, obstacle, page)
    if unsubscribed is not None:
        return Calling(operation, "unsubscribed", page, clients=clients, unsubscribed=unsubscribed, samples=listed)
    obstacle = _obstacle(user, client, operation)
    if obstacle or client is None:
        return Calling(operation, obstacle, page, clients=clients, client=client, samples=listed)
    form = form_for(example, operation, client, data)
    listener = form.listeners[0]
    base_url = base_url_of(client.environment, listener)
    address = own_address(base_url)
    return Calling(
        operation,
        "",
        page,
        clients=clients,
        client=client,
        samples=listed,
        form=form,
        base_url=base_url + operation.product_version.mount_path,
        refused_address="" if is_in_source_ranges(client, address) else address,
        answer=answer,
    )


def form_for(example: ExampleRequest, operation: Operation, client: Client, data: Any) -> TryForm:
    facts = calling_facts(client)
    product = operation.product_version.product.name
    identities = []
    if not facts.uses_client_credentials and not operation.is_public:
        found = sandbox_identities(client.environment.name, product)
        identities = list(found.values_list("identity_number", "name"))
    return TryForm(data, example=example, listeners=facts.listeners_for(operation), identities=identities)


def choices_of(request: HttpRequest, version: ProductVersion) -> list[Client]:
    """The clients to choose from, the chosen one first: by `client` in the request, else the one chosen last."""
    user = user_of(request)
    if user is None:
        return []
    found = callable_clients(user, version)
    wanted = request.POST.get("client") or request.GET.get("client") or ""
    kept = wanted or request.session.get(_CHOSEN, "")
    chosen = found.filter(client_id=kept).first() if kept else None
    if chosen is not None and wanted and request.session.get(_CHOSEN) != wanted:
        request.session[_CHOSEN] = wanted
    listed = list(found[:_MOST_CHOICES])
    return [chosen, *(each for each in listed if each.pk != chosen.pk)] if chosen else listed


def _unsubscribed(request: HttpRequest, version: ProductVersion, clients: list[Client]) -> Client | None:
    """The reader's own client that the address names, if it cannot call for want of a subscription."""
    user, wanted = user_of(request), request.POST.get("client") or request.GET.get("client") or ""
    if user is None or not wanted or any(each.client_id == wanted for each in clients[:1]):
        return None
    return own_clients(user).filter(client_id=wanted).exclude(subscriptions__product=version.product_id).first()


def _page(request: HttpRequest) -> str:
    """Where the reader is: with htmx not the address that is asked, but the one that asks."""
    htmx = getattr(request, "htmx", None)
    return urlsplit(htmx.current_url_abs_path or "").path or request.path if htmx else request.path


def _obstacle(user: User | None, client: Client | None, operation: Operation) -> str:
    if user is None:
        return "sign-in"
    if client is None:
        return "application" if visible_organizations(user, Permission.MANAGE_APPLICATIONS).exists() else "role"
    if not client.environment.approves_by_itself:
        return "environment"
    return "" if calling_facts(client).listeners_for(operation) else "certificate"
