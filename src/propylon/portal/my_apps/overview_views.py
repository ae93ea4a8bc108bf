"""An application at a glance, and its history."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.applications.contract_words import contract_facts
from propylon.applications.contracts import contract_for, quota_under
from propylon.audit.paging import PageQuery, page_of
from propylon.audit.selectors import events_about
from propylon.catalog.addresses import address_of
from propylon.catalog.quota_words import quota_words
from propylon.certificates.selectors import things_of
from propylon.oauth.policy import Listener
from propylon.portal.account.access import signed_in
from propylon.portal.my_apps.app_page import AppPage, app_page
from propylon.portal.my_apps.event_words import told
from propylon.portal.my_apps.first_steps import FirstCall, first_calls, steps, subscribed_products
from propylon.portal.my_apps.type_words import method_words, policy_facts
from propylon.usage.last_calls import last_call_in

PAGE = 25
_DECISIONS = ("requested", "requested_again", "approved", "rejected")


@require_safe
@signed_in
def overview(request: HttpRequest, application_id: str) -> HttpResponse:
    page = app_page(request, application_id, "detail")
    subscribed = subscribed_products(page)
    calls = first_calls(page, subscribed)
    called_at = last_call_in(page.application.public_id, page.client.environment.name)
    decisions = events_about([("client", page.client.client_id)])
    decisions = decisions.filter(action__in=[f"client.{name}" for name in _DECISIONS]).order_by("-pk")[:10]
    contract = contract_for(page.client)
    context = {
        "page_of": page,
        "addresses": _addresses(page),
        "base_urls": _base_urls(page, calls),
        "method": method_words(page.client.token_endpoint_auth_method),
        "quota": quota_words(quota_under(contract, page.client)),
        "agreed": contract_facts(contract) if contract else None,
        "facts": policy_facts(page.policy),
        "subscribed": subscribed,
        "calls": calls,
        "steps": steps(page, subscribed, calls, has_called=called_at is not None),
        "called_at": called_at,
        "decisions": [told(event) for event in decisions],
    }
    return render(request, "portal/apps/detail.html", context)


@require_safe
@signed_in
def history(request: HttpRequest, application_id: str) -> HttpResponse:
    """Everything that was done with the application, its clients, orders and certificates."""
    page = app_page(request, application_id, "history")
    clients = [("client", client.client_id) for client in page.clients]
    things = [("application", page.application.public_id), *clients, *things_of(page.clients)]
    query = PageQuery(limit=PAGE, after=request.GET.get("after", "")[:400])
    found = page_of(events_about(things), query, name=f"page of history of {page.application.public_id}")
    context = {"page_of": page, "events": [told(event, page.clients) for event in found.rows], "paging": found.paging}
    return render(request, "portal/apps/history.html", context)


def _base_urls(page: AppPage, calls: Sequence[FirstCall]) -> list[tuple[str, str]]:
    """(Address, product's title): an operation's path follows it. Without a product the environment's, and ""."""
    address = address_of(page.client.environment)
    base = address.mutual_url if _is_mutual(page) else address.public_url
    return [(base + call.operation.mount_path, call.operation.title) for call in calls] or [(base, "")]


def _is_mutual(page: AppPage) -> bool:
    return page.client.binds_tokens_to_certificate or page.policy.listener is Listener.MUTUAL


def _addresses(page: AppPage) -> dict[str, str]:
    """Where this client gets its tokens, and what they say where they may be used."""
    issuer = settings.PROPYLON_ISSUER_MUTUAL_URL if _is_mutual(page) else settings.PROPYLON_ISSUER_URL
    found = {"token_endpoint": f"{issuer}/oauth/token"}
    if page.policy.response_types:
        found["authorization_endpoint"] = f"{settings.PROPYLON_ISSUER_URL}/oauth/authorize"
    return {**found, "audience": address_of(page.client.environment).public_url}
