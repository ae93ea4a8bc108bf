"""A new customer of the built-in directory chooses a password, by the link of a mail."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from propylon.authserver.login_pages import own_form
from propylon.authserver.pages import error_page, page
from propylon.catalog.models import Environment
from propylon.customers.models import Customer
from propylon.customers.password_links import PATH, choose_password, customer_of
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import Kind, PropylonError
from propylon.oauth.errors import OAuthError, invalid_request


@csrf_exempt  # the link's token is known to nobody else
@require_http_methods(["GET", "HEAD", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    try:
        return _password(request)
    except PropylonError as error:
        refused = invalid_request(in_words(error.message), status=404)
        return error_page(request, refused)
    except OAuthError as refused:
        return error_page(request, refused)


def _password(request: HttpRequest) -> HttpResponse:
    form = own_form(request) if request.method == "POST" else {}
    token = form.get("token", "") or request.GET.get("token", "")
    customer = customer_of(token)
    if request.method != "POST":
        return _page(request, customer, token, [])
    chosen = form.get("password", "")
    if chosen != form.get("again", ""):
        return _page(request, customer, token, [_("The two passwords are not the same.")])
    try:
        choose_password(token=token, password=chosen)
    except PropylonError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        return _page(request, customer, token, [in_words(each.reason) for each in error.errors])
    return page(request, "authserver/password", {"is_done": True, "environment": _place(customer)})


def _page(request: HttpRequest, customer: Customer, token: str, problems: list[str]) -> HttpResponse:
    context = {
        "token": token,
        "customer": customer,
        "problems": problems,
        "action": PATH,
        "environment": _place(customer),
    }
    return page(request, "authserver/password", context, status=400 if problems else 200)


def _place(customer: Customer) -> Environment | None:
    return Environment.objects.filter(name=customer.environment).first()
