"""What to do next with an application, in order, with what is done already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from django.utils.translation import gettext as _

from propylon.applications.models import ClientStatus, Subscription
from propylon.applications.selectors import subscriptions_of
from propylon.catalog.sample_operations import SampleOperation, sample_operations
from propylon.certificates.selectors import active_certificates_of
from propylon.oauth.policy import Certificate
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
    products = [row.product for row in subscribed[:_MOST_PRODUCTS]]
    found = sample_operations(products, page.client.environment) if products else []
    return [FirstCall(each, _try_address(each, page.client.client_id)) for each in found]


def _try_address(operation: SampleOperation, client_id: str) -> str:
    name = quote(operation.operation_id, safe="")
    return f"/products/{operation.product}/{operation.version}/reference/{name}?app={client_id}#try"


def steps(
    page: AppPage, subscribed: Sequence[Subscription], calls: Sequence[FirstCall], *, has_called: bool
) -> list[Step]:
    """Approval, subscription, keys, certificate, first call: those that this application needs."""
    found = []
    if page.client.status == ClientStatus.REJECTED:
        text = _("Change what the reason names, then ask again. The operator sees your note beside the last reason.")
        address = page.address("ask_again") if page.may_manage else ""
        found.append(Step(_("Ask again"), text, address, _("Ask again") if address else ""))
    elif not page.is_approved:
        found.append(Step(_("Wait for the approval"), _("The operator decides, and a mail tells your contact.")))
    if not subscribed:
        address = page.address("subscriptions")
        text = _("A subscription lets the application ask for the product's scopes.")
        found.append(Step(_("Subscribe to a product"), text, address, _("Choose products")))
    if page.policy.has_secret:
        text = _("Client id and secret are what your code asks for tokens with.")
        found.append(Step(_("Take the keys"), text, page.address("keys"), _("Show the keys")))
    if page.client.binds_tokens_to_certificate or page.policy.certificate is Certificate.REQUIRED:
        found.append(_certificate_step(page))
    text = _("From this site, with a token that is made for you: nothing has to be installed.")
    address = calls[0].address if calls else ""
    found.append(Step(_("Make the first call"), text, address, _("Try it now") if address else "", has_called))
    return found


def _certificate_step(page: AppPage) -> Step:
    has_one = active_certificates_of(page.client).exists()
    text = (
        _("The mail that brought it holds a link for one download.") if has_one else _("Calls prove with it who calls.")
    )
    return Step(_("Get the certificate"), text, page.address("certificates"), _("Certificates"), has_one)


def subscribed_products(page: AppPage) -> list[Subscription]:
    return list(subscriptions_of(page.client))
