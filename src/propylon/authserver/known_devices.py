"""Where customers have logged in before: browsers, by a signed cookie, and networks. See customers.login_risk."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from propylon.audit.actions import record_event
from propylon.authserver.login_pages import source_address
from propylon.authserver.models import AuthorizationRequest, KnownPlace
from propylon.customers.login_risk import Place, is_unusual, network_of
from propylon.customers.models import Customer
from propylon.customers.second_step import has_second_step
from propylon.kernel.actor import Actor
from propylon.kernel.secret import Secret
from propylon.notifications.actions import queue_mail
from propylon.oauth.acr import TWO_STEPS, is_enough
from propylon.sealing.entropy import digest, new_secret

COOKIE = "__Host-device"
REMEMBERED = timedelta(days=400)  # the longest that browsers keep a cookie
_MOST_PLACES = 100  # of one customer; the oldest are forgotten
_signer = Signer(salt="propylon.known-device")


@transaction.atomic
def judge_login(request: HttpRequest, response: HttpResponse, row: AuthorizationRequest, customer: Customer) -> None:
    """After the password: whether it is unusual, which `row` keeps; a usual one is remembered."""
    here = _here(request, response, row)
    rows = KnownPlace.objects.filter(environment=customer.environment, subject=customer.subject)
    before = [Place(*each) for each in rows.values_list("device", "network")]
    row.is_unusual = is_unusual(here, before, is_sandbox_identity=customer.is_sandbox_identity)
    row.device, row.network = here.device, here.network
    row.save(update_fields=["is_unusual", "device", "network"])
    if not row.is_unusual:
        remember_place(row, customer.environment)
        return
    record_event(
        acting_user=Actor("customer", customer.subject, "customer"),
        action="customer.unusual_login",
        object_kind="authorization_request",
        object_id=str(row.pk),
    )
    _tell(request, customer)
    if not has_second_step(customer.environment, customer.subject):
        remember_place(row, customer.environment)  # told once; there is nothing more to ask for


def awaits_second_step(row: AuthorizationRequest, environment: str) -> bool:
    """Until it is taken, the login is good for this authorization's next page alone."""
    return row.is_unusual and not is_enough(row.acr, TWO_STEPS) and has_second_step(environment, row.subject)


def remember_place(row: AuthorizationRequest, environment: str) -> None:
    """From now on a usual one: there was nothing unusual about it, or the second step was taken."""
    if not row.device:
        return
    KnownPlace.objects.update_or_create(
        environment=environment,
        subject=row.subject,
        device=row.device,
        network=row.network,
        defaults={"seen_at": timezone.now()},
    )
    rows = KnownPlace.objects.filter(environment=environment, subject=row.subject).order_by("-seen_at", "-pk")
    KnownPlace.objects.filter(pk__in=list(rows.values_list("pk", flat=True)[_MOST_PLACES:])).delete()


def forget_places() -> None:
    KnownPlace.objects.filter(seen_at__lt=timezone.now() - REMEMBERED).delete()


def _here(request: HttpRequest, response: HttpResponse, row: AuthorizationRequest) -> Place:
    """The cookie is of a browser, not of a customer: it says nothing but that we have seen it."""
    try:
        device = _signer.unsign(request.COOKIES.get(COOKIE, ""))
    except BadSignature:
        device = new_secret().reveal()
    response.set_cookie(COOKIE, _signer.sign(device), max_age=REMEMBERED, secure=True, httponly=True, samesite="Lax")
    return Place(digest(Secret(f"{row.client.environment_id}.{device}")), network_of(source_address(request)))


def _tell(request: HttpRequest, customer: Customer) -> None:
    if not customer.email:
        return
    said = [
        _("Hello %(name)s,") % {"name": customer.name},
        _("somebody has logged in with your identity number and password, in a browser or network that is new to us."),
        _("Address: %(address)s. Browser: %(browser)s.")
        % {"address": source_address(request), "browser": request.headers.get("user-agent", "")[:200]},
        _("If it was you, there is nothing to do. If not, somebody knows your password: change it, and tell the bank."),
    ]
    queue_mail(to=customer.email, subject=_("A login from a new place"), body="\n\n".join(said) + "\n")
