"""What to do next with an application, in order, with what is done already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _

from propylon.applications.models import Client, ClientStatus, Subscription
from propylon.applications.selectors import subscriptions_of
from propylon.catalog.sample_operations import SampleOperation, sample_operations
from propylon.certificates.models import OrderStatus
from propylon.certificates.selectors import active_certificates_of
from propylon.oauth.policy import PRIVATE_KEY_JWT, Certificate
from propylon.portal.my_apps.app_page import AppPage

_MOST_PRODUCTS = 5


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    text: str
    address: str = ""
    action: str = ""
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class FirstCall:
    """The console of an operation, with this application chosen."""

    operation: SampleOperation
    address: str


def first_calls(page: AppPage, subscribed: Sequence[Subscription]) -> list[FirstCall]:
    """None before the approval: there is nothing to call with."""
    products = [row.product for row in subscribed[:_MOST_PRODUCTS]] if page.is_approved else []
    found = sample_operations(products, page.client.environment) if products else []
    return [FirstCall(each, _try_address(each, page.client)) for each in found]


def _try_address(operation: SampleOperation, client: Client) -> str:
    """The console calls test environments only; for the others the code samples are filled in."""
    name = quote(operation.operation_id, safe="")
    place = "try" if client.environment.approves_by_itself else "samples"
    return f"/products/{operation.product}/{operation.version}/reference/{name}?app={client.client_id}#{place}"


def steps(
    page: AppPage, subscribed: Sequence[Subscription], calls: Sequence[FirstCall], *, has_called: bool
) -> list[Step]:
    """Approval, subscription, keys, certificate, first call: those that the application needs in this environment.

    Once all of them are done, what comes after them.
    """
    found = list(_approval_steps(page))
    if not subscribed:
        address = page.address("subscriptions")
        text = _("A subscription lets the application ask for the product's scopes.")
        found.append(Step(_("Subscribe to a product"), text, address, _("Choose products")))
    if page.policy.default_auth_method == PRIVATE_KEY_JWT:
        found.append(_public_keys_step(page))
    elif page.policy.has_secret:
        found.append(_keys_step(page, is_done=has_called))
    if page.client.binds_tokens_to_certificate or page.policy.certificate is Certificate.REQUIRED:
        found.append(_certificate_step(page))
    found.append(_call_step(page, calls, is_done=has_called))
    return [_further_step(page)] if all(step.is_done for step in found) else found


def _approval_steps(page: AppPage) -> Iterator[Step]:
    if page.client.status == ClientStatus.REJECTED:
        text = _("Change what the reason names, then ask again. The operator sees your note beside the last reason.")
        address = page.address("ask_again") if page.may_manage else ""
        yield Step(_("Ask again"), text, address, _("Ask again") if address else "")
    elif not page.is_approved:
        yield Step(_("Wait for the approval"), _("The operator decides, and a mail tells your contact."))


def _keys_step(page: AppPage, *, is_done: bool) -> Step:
    title = _("Take the keys")
    if not page.is_approved:
        return Step(title, _("The client secret is made with the approval. The client id stays the same."))
    text = _("Client id and secret are what your code asks for tokens with.")
    return Step(title, text, page.address("keys"), _("Show the keys"), is_done)


def _public_keys_step(page: AppPage) -> Step:
    text = _("What your code signs is verified with it; the private half stays with you.")
    return Step(
        _("Register the public key"),
        text,
        page.address("public_keys"),
        _("Register it"),
        bool(page.client.public_keys or page.client.jwks_uri),
    )


def _certificate_step(page: AppPage) -> Step:
    title = _("Get the certificate")
    if page.client.orders_certificate:
        return Step(title, _("Once it is approved, its certificate is made, and a mail brings the link."))
    if not page.is_approved:
        return Step(title, _("It can be ordered once the application is approved."))
    orders = list(active_certificates_of(page.client).values_list("order__status", flat=True))
    text = (
        _("It is made. The mail that tells of it holds a link for one download.")
        if orders
        else _("Calls prove with it who calls.")
    )
    # Without an order, a command made it and handed it out at once.
    has_it = any(status in {None, OrderStatus.DOWNLOADED} for status in orders)
    return Step(title, text, page.address("certificates"), _("Certificates"), has_it)


def _call_step(page: AppPage, calls: Sequence[FirstCall], *, is_done: bool) -> Step:
    title = _("Make the first call")
    environment = page.client.environment
    address = calls[0].address if calls else ""
    if environment.approves_by_itself:
        text = _("From this site, with a token that is made for you: nothing has to be installed.")
        return Step(title, text, address, _("Try it now") if address else "", is_done)
    text = _("From your own code: the samples are filled in for this application in %(environment)s.")
    if not page.is_approved:
        text = _("From your own code, once the operator has approved %(environment)s.")
    action = _("Show the samples") if address else ""
    return Step(title, text % {"environment": environment.title}, address, action, is_done)


def _further_step(page: AppPage) -> Step:
    environment = page.client.environment
    further = next((each for each in page.further_environments if not each.approves_by_itself), None)
    if environment.approves_by_itself and further is not None and page.may_manage:
        facts = {"here": environment.title, "there": further.title}
        text = _("It calls in %(here)s. In %(there)s it gets a client id, keys and approval of its own.") % facts
        return Step(_("Ask for %(there)s") % facts, text, page.address("add_environment"), _("Go on"))
    text = _("It calls in %(here)s. Each call is listed with its answer, and with the reason if it was refused.")
    return Step(_("Watch its calls"), text % {"here": environment.title}, page.address("calls"), _("Look at the calls"))


def subscribed_products(page: AppPage) -> list[Subscription]:
    return list(subscriptions_of(page.client))
