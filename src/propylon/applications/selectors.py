"""Reading applications and clients."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from propylon.accounts.models import Organization, User
from propylon.accounts.roles import Permission, roles_with
from propylon.applications.models import (
    Application,
    Client,
    ClientStatus,
    FetchedKeys,
    Regeneration,
    RegenerationState,
    RegistrationToken,
    ServiceAccount,
    SourceRange,
    Subscription,
)
from propylon.applications.service_account_name import service_account_name, service_account_stem
from propylon.catalog.models import Environment, Plan, Product, Publication
from propylon.catalog.selectors import default_plan
from propylon.gateway.marks import ClientSourceRanges
from propylon.kernel.errors import FieldError, Kind, PropylonError


def complete_clients() -> QuerySet[Client]:
    """Clients with all that an answer of the API shows."""
    return Client.objects.select_related(
        "application__organization", "environment", "plan", "service_account"
    ).prefetch_related("source_ranges", "subscriptions__product__scopes")


def complete_applications(organizations: QuerySet[Organization]) -> QuerySet[Application]:
    """The live applications of these organizations with all that an answer of the API shows."""
    return (
        Application.objects.filter(deleted_at=None, organization__in=organizations)
        .select_related("organization")
        .prefetch_related(Prefetch("clients", queryset=complete_clients().order_by("environment__position", "pk")))
    )


def listed_applications(
    organizations: QuerySet[Organization] | list[Organization], *, text: str = ""
) -> QuerySet[Application]:
    """The live applications of these organizations whose name contains the text, with what a list shows."""
    clients = Client.objects.select_related("environment").order_by("environment__position", "pk")
    found = Application.objects.filter(deleted_at=None, organization__in=organizations)
    if text:
        found = found.filter(name__icontains=text)
    return found.select_related("organization").prefetch_related(Prefetch("clients", queryset=clients))


def clients_of(application: Application) -> QuerySet[Client]:
    """The application in each of its environments, in their order."""
    found = Client.objects.filter(application=application)
    return found.select_related("application__organization", "environment", "plan", "service_account").order_by(
        "environment__position", "pk"
    )


def subscriptions_of(client: Client) -> QuerySet[Subscription]:
    """With product and scopes, by the product's title."""
    found = Subscription.objects.filter(client=client).select_related("product").prefetch_related("product__scopes")
    return found.order_by("product__title", "pk")


def complete_application(application: Application) -> Application:
    return complete_applications(Organization.objects.all()).get(pk=application.pk)


def complete_client(client: Client) -> Client:
    return complete_clients().get(pk=client.pk)


def scopes_of(client: Client) -> tuple[str, ...]:
    """The scopes that the client may ask for: those of its products, sorted."""
    return tuple(sorted({scope.name for row in client.subscriptions.all() for scope in row.product.scopes.all()}))


@dataclass(frozen=True, slots=True)
class ApplicationSearch:
    """What to leave out of a list of applications; "" means all. `text` is looked for in name, id and client id."""

    text: str = ""
    type: str = ""
    status: str = ""  # of one of its clients
    environment: str = ""  # that client's

    def apply(self, found: QuerySet[Application]) -> QuerySet[Application]:
        if self.type:
            found = found.filter(type=self.type)
        if self.text:
            text = self.text.strip()
            has_client = Exists(Client.objects.filter(application=OuterRef("pk"), client_id=text))
            found = found.filter(Q(name__icontains=text) | Q(public_id=text) | has_client)
        if self.status or self.environment:
            clients = Client.objects.filter(application=OuterRef("pk"))
            clients = clients.filter(status=self.status) if self.status else clients
            clients = clients.filter(environment__name=self.environment) if self.environment else clients
            found = found.filter(Exists(clients))
        return found


def clients_subscribed_to(product: Product, environment: Environment) -> QuerySet[Client]:
    """Approved clients there whose calls of the product are let through."""
    found = Client.objects.filter(status=ClientStatus.APPROVED, environment=environment, application__deleted_at=None)
    return found.filter(subscriptions__product=product).select_related("application__organization").distinct()


def waiting_clients() -> QuerySet[Client]:
    """Clients that wait for the operator's decision."""
    return Client.objects.filter(status=ClientStatus.PENDING, application__deleted_at=None)


def regenerations(organizations: QuerySet[Organization], *, state: str = "") -> QuerySet[Regeneration]:
    """Requests for new keys of these organizations' live applications, with all that is shown of them."""
    found = Regeneration.objects.filter(
        client__application__deleted_at=None, client__application__organization__in=organizations
    )
    if state:
        found = found.filter(state=state)
    return found.select_related("client__application__organization", "client__environment", "asked_by", "decided_by")


def regenerations_of(client: Client) -> QuerySet[Regeneration]:
    """The newest first."""
    found = Regeneration.objects.filter(client=client).select_related("asked_by", "decided_by")
    return found.order_by("-asked_at", "-pk")


def waiting_regenerations() -> QuerySet[Regeneration]:
    """Requests for new keys that wait for the operator's decision."""
    return Regeneration.objects.filter(state=RegenerationState.WAITING, client__application__deleted_at=None)


def client_source_ranges() -> tuple[ClientSourceRanges, ...]:
    """For the gateway: every client that may call and is bound to source ranges, sorted."""
    rows = (
        SourceRange.objects.filter(client__status=ClientStatus.APPROVED)
        .order_by("client__client_id", "cidr")
        .values_list("client__client_id", "cidr")
    )
    ranges: dict[str, list[str]] = {}
    for client_id, cidr in rows:
        ranges.setdefault(client_id, []).append(cidr)
    return tuple(ClientSourceRanges(client_id, tuple(cidrs)) for client_id, cidrs in ranges.items())


def names_in_use(organization: Organization, *, except_for: Application | None = None) -> frozenset[str]:
    """The names of its live applications, in lower case."""
    rows = Application.objects.filter(organization=organization, deleted_at=None)
    if except_for is not None:
        rows = rows.exclude(pk=except_for.pk)
    return frozenset(name.lower() for name in rows.values_list("name", flat=True))


def subscribable_products(text: str = "", *, environment: Environment | None = None) -> QuerySet[Product]:
    """Products that partners see and that answer somewhere, or in this environment; by title."""
    place = {"environment": environment} if environment else {}
    versions = Publication.objects.filter(**place).values("product_version__product")
    found = Product.objects.filter(is_visible=True, pk__in=versions)
    if text:
        found = found.filter(Q(title__icontains=text) | Q(name__icontains=text))
    return found.order_by("title", "pk")


def next_service_account_name(organization: Organization) -> str:
    """What the organization's next service account will be called."""
    taken = ServiceAccount.objects.filter(name__startswith=service_account_stem(organization.name))
    return service_account_name(organization.name, set(taken.values_list("name", flat=True)))


def product_to_subscribe(name: str) -> Product:
    """Raises `subscription.product.unknown`."""
    product = Product.objects.filter(name=name, is_visible=True).first()
    if product is None:
        raise PropylonError(
            "subscription.product.unknown",
            "There is no such product. The catalogue lists their names.",
            kind=Kind.MALFORMED,
            errors=[FieldError("product", "body", "there is no such product")],
        )
    return product


def products_by_name(names: list[str]) -> dict[str, Product]:
    return {product.name: product for product in Product.objects.filter(name__in=names, is_visible=True)}


def environment_by_name(name: str) -> Environment | None:
    return Environment.objects.filter(name=name).first()


def own_clients(user: User) -> QuerySet[Client]:
    """Live clients of the organizations whose applications the user manages: test environments first, newest first."""
    memberships = user.memberships.filter(role__in=roles_with(Permission.MANAGE_APPLICATIONS))
    return (
        Client.objects.filter(
            application__deleted_at=None,
            application__organization__in=memberships.values("organization"),
        )
        # Said so that no index of the state is taken: it would read everybody's clients.
        .exclude(status__in=(ClientStatus.REJECTED, ClientStatus.DELETED))
        .select_related("application", "environment")
        .order_by("-environment__approves_by_itself", "environment__position", "-pk")
    )


def clients_to_subscribe(user: User, product: Product, *, text: str = "") -> QuerySet[Client]:
    """Those of them that are where the product answers, and do not have it: newest applications first.

    `text` is looked for in the application's name.
    """
    subscribed = Subscription.objects.filter(client=OuterRef("pk"), product=product)
    answers = Publication.objects.filter(product_version__product=product, environment=OuterRef("environment"))
    found = own_clients(user).filter(Exists(answers), ~Exists(subscribed))
    if text:
        found = found.filter(application__name__icontains=text)
    return found.order_by("-application__pk", "environment__position", "pk")


def plan_of_new_clients() -> Plan:
    """Raises `application.plan.missing` before an operator has made one."""
    plan = default_plan()
    if plan is None:
        raise PropylonError(
            "application.plan.missing",
            "The operator has to make a plan before applications can be added.",
            kind=Kind.CONFLICT,
        )
    return plan


def subscription_of(client: Client, public_id: str) -> Subscription:
    """Raises `subscription.unknown`."""
    found = client.subscriptions.select_related("product").filter(public_id=public_id).first()
    if found is None:
        raise PropylonError(
            "subscription.unknown", "The client has no such subscription. List them first.", kind=Kind.NOT_FOUND
        )
    return found


def keys_are_under_way(client_id: str) -> bool:
    """Somebody asks the address of its keys right now."""
    lately = timezone.now() - timedelta(seconds=3)
    waiting = Q(answered_at=None) | Q(answered_at__lt=F("asked_at"))
    return FetchedKeys.objects.filter(waiting, client__client_id=client_id, asked_at__gt=lately).exists()


def registration_tokens() -> QuerySet[RegistrationToken]:
    """Initial access tokens with what a list shows; `registered` counts the applications made with each."""
    found = RegistrationToken.objects.select_related("organization", "environment", "created_by")
    return found.annotate(registered=Count("clients"))
