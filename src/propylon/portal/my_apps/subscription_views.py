"""The products that an application may call (FEATURES A5)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from propylon.applications import actions
from propylon.applications.selectors import product_to_subscribe, subscription_of, subscriptions_of
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import app_page
from propylon.portal.my_apps.product_choice import product_choice
from propylon.usage.quotas import quota_use


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def subscriptions(request: HttpRequest, application_id: str) -> HttpResponse:
    """What it has, and a search for more; POST subscribes to one."""
    page = app_page(request, application_id, "subscriptions")
    if request.method == "POST":
        product = product_to_subscribe(request.POST.get("product", "")[:60])
        actions.subscribe(acting_user=page.actor, client=page.client, product=product)
        facts = {"product": product.title, "application": page.application.name}
        messages.success(request, _("%(application)s is subscribed to %(product)s.") % facts)
        return page.leads_to("subscriptions")
    rows = list(subscriptions_of(page.client))
    text = request.GET.get("q", "")
    names = [row.product.name for row in rows]
    context = {
        "page_of": page,
        "subscriptions": rows,
        "products": product_choice(text, without=names, environment=page.client.environment),
        "quota": quota_use(page.client) if page.may_see_usage else None,
        "keeps": request.GET.get("environment", ""),
    }
    return render(request, "portal/apps/subscriptions.html", context)


@require_POST
@signed_in
def unsubscribe(request: HttpRequest, application_id: str, subscription_id: str) -> HttpResponse:
    page = app_page(request, application_id, "subscriptions")
    subscription = subscription_of(page.client, subscription_id)
    actions.unsubscribe(acting_user=page.actor, subscription=subscription)
    facts = {"product": subscription.product.title}
    messages.success(request, _("The subscription to %(product)s has ended. Tokens got before are refused.") % facts)
    return page.leads_to("subscriptions")
