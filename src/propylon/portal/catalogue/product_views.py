"""The pages of a product, except its reference."""

from __future__ import annotations

import json
from typing import Any

import yaml
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from propylon.catalog.change_words import told
from propylon.catalog.selectors import detail_types, scopes_asking_accounts
from propylon.catalog.version_difference import version_difference
from propylon.controlplane.kill_switches import stopped
from propylon.customers.models import Customer
from propylon.customers.selectors import sandbox_identities
from propylon.oauth.error_table import OAUTH_ERRORS
from propylon.portal.catalogue import authentication
from propylon.portal.catalogue.refusals import ERROR_EXAMPLE, gateway_errors
from propylon.portal.catalogue.subject import Subject, subject_of
from propylon.portal.catalogue.views import visitor_of
from propylon.portal.installation import clients_for, target_for
from propylon.portal.token_recipes import recipes

_MOST_IDENTITIES = 100
_MOST_CHOICES = 100  # a list to choose from; `?client=` chooses any other
_MOST_CHANGES = 200  # of each kind on a page; the management API lists all


def subject_at(request: HttpRequest, product: str, version: str = "") -> Subject:
    if product == authentication.NAME:
        return authentication.authentication(version)
    return subject_of(visitor_of(request), product, version)


def product_page(request: HttpRequest, template: str, subject: Subject, **more: Any) -> HttpResponse:
    told = {"subject": subject, "stopped": stopped(subject.name) if subject.product else None, **more}
    return render(request, f"portal/catalogue/{template}.html", told)


@require_safe
def overview(request: HttpRequest, product: str, version: str = "") -> HttpResponse:
    subject = subject_at(request, product, version)
    return product_page(request, "overview", subject, first=_first(subject))


@require_safe
def token(request: HttpRequest, product: str, version: str) -> HttpResponse:
    """ "Step 1: token": for each type of application, and the reader's own application first."""
    subject = subject_at(request, product, version)
    user = visitor_of(request)
    target, client = target_for(user, subject, request.GET.get("client", "")[:40])
    clients = list(clients_for(user, subject)[:_MOST_CHOICES]) if client else []
    if client is not None and client not in clients:
        clients.insert(0, client)
    return product_page(request, "token", subject, recipes=recipes(target), client=client, clients=clients)


@require_safe
def scopes(request: HttpRequest, product: str, version: str) -> HttpResponse:
    subject = subject_at(request, product, version)
    rows = [
        (name, title, [entry for entry in subject.entries if name in entry.scopes])
        for name, title in subject.scopes.items()
    ]
    asking = scopes_asking_accounts(product)
    types = [(row, json.dumps(row.schema, indent=2, ensure_ascii=False)) for row in detail_types(product, version)]
    return product_page(request, "scopes", subject, rows=rows, types=types, asking=asking)


@require_safe
def errors(request: HttpRequest, product: str, version: str) -> HttpResponse:
    subject = subject_at(request, product, version)
    tables = {"gateway_errors": gateway_errors(), "oauth_errors": OAUTH_ERRORS}
    return product_page(request, "errors", subject, error_example=ERROR_EXAMPLE, **tables)


@require_safe
def identities(request: HttpRequest, product: str, version: str) -> HttpResponse:
    """Names and numbers for all; the passwords for those who signed in."""
    subject = subject_at(request, product, version)
    groups = [(place, _identities(place.environment, product)) for place in subject.places if place.is_test]
    return product_page(request, "identities", subject, groups=[(place, rows) for place, rows in groups if rows])


@require_safe
def versions(request: HttpRequest, product: str, version: str) -> HttpResponse:
    """`?since=` names the version to compare with; without it, the one that was imported before."""
    subject = subject_at(request, product, version)
    rows = list(subject.product.versions.all()) if subject.product else []
    at = next((number for number, row in enumerate(rows) if row.version == subject.version), 0)
    others = [row for row in rows if row.version != subject.version]
    before = next((row for row in others if row.version == request.GET.get("since")), None)
    before = before or (rows[at + 1] if at + 1 < len(rows) else None)
    found = version_difference(before, subject.row) if before and subject.row else None
    pages = {
        f"{entry.method} {entry.path}": reverse(
            "portal_catalogue:operation", args=[subject.name, subject.version, entry.operation_id]
        )
        for entry in subject.entries
    }
    return product_page(
        request,
        "versions",
        subject,
        versions=rows,
        others=others,
        before=before,
        found=found,
        breaking=told(found.breaking[:_MOST_CHANGES], pages) if found else [],
        harmless=told(found.harmless[:_MOST_CHANGES], pages) if found else [],
    )


@require_safe
def downloads(request: HttpRequest, product: str, version: str) -> HttpResponse:
    return product_page(request, "downloads", subject_at(request, product, version))


@require_safe
def openapi_json(request: HttpRequest, product: str, version: str) -> HttpResponse:
    subject = subject_at(request, product, version)
    text = json.dumps(subject.document(), ensure_ascii=False, indent=2) + "\n"
    return _file(f"{subject.name}-{subject.version}.json", text, "application/json")


@require_safe
def openapi_yaml(request: HttpRequest, product: str, version: str) -> HttpResponse:
    subject = subject_at(request, product, version)
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text = yaml.dump(subject.document(), Dumper=dumper, allow_unicode=True, sort_keys=False, width=120)
    return _file(f"{subject.name}-{subject.version}.yaml", text, "application/yaml")


def _file(filename: str, text: str, content_type: str) -> HttpResponse:
    response = HttpResponse(text, content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    return response


def _identities(environment: str, product: str) -> QuerySet[Customer]:
    return sandbox_identities(environment, product)[:_MOST_IDENTITIES]


def _first(subject: Subject) -> Any:
    """The operation that a reader tries first: a list that needs no parameter."""
    return next(
        (entry for entry in subject.entries if entry.method == "GET" and "{" not in entry.path),
        subject.entries[0] if subject.entries else None,
    )
