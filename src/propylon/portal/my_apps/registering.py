"""Registering an application and ordering its certificate: all is checked before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

from propylon.accounts.access import actor_of
from propylon.accounts.models import User
from propylon.applications.actions import register_application
from propylon.applications.models import Application, Client
from propylon.applications.selectors import next_service_account_name
from propylon.certificates.actions import order_certificate
from propylon.kernel.errors import PropylonError
from propylon.pki.signing_request import check_request
from propylon.portal.my_apps.registration_form import CertificateWish, RegistrationForm


def register(user: User, form: RegistrationForm, products: Sequence[str]) -> tuple[Application, PropylonError | None]:
    """The application; and why its certificate could not be ordered, if that happened after all checks."""
    organization = form.chosen_organization()
    wish, certificate = form.wish(products), form.certificate_wish()
    check_certificate(certificate, next_service_account_name(organization))
    application, client, _ = register_application(
        acting_user=actor_of(user),
        organization=organization,
        name=form.cleaned_data["name"],
        type=wish.type,
        contact_email=form.cleaned_data["contact_email"],
        environment=form.chosen_environment(),
        created_by=user,
        redirect_uris=wish.redirect_uris,
        products=wish.products,
        security_profile=wish.security_profile,
        source_ranges=wish.source_ranges,
        token_endpoint_auth_method=wish.token_endpoint_auth_method,
        binds_tokens_to_certificate=wish.binds_tokens_to_certificate,
        note=wish.note,
        orders_certificate=wish.orders_certificate,
    )
    return application, order(user, client, certificate)


def check_certificate(wish: CertificateWish, service_account: str) -> None:
    """Refuse a signing request that cannot become a certificate, as the order itself would."""
    if wish.csr:
        check_request(wish.csr.encode(), common_name=service_account)


def order(user: User, client: Client, wish: CertificateWish) -> PropylonError | None:
    """Order what was wished, where an order can be placed at once; elsewhere the approval orders it."""
    if not wish.order or not client.environment.approves_by_itself:
        return None
    try:
        order_certificate(acting_user=actor_of(user), client=client, csr_pem=wish.csr)
    except PropylonError as error:
        return error
    return None
