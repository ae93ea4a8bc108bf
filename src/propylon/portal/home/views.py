"""The first page, and what stands in the corner of every page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.accounts.legal import LegalText, current_privacy, current_terms
from propylon.accounts.models import User
from propylon.applications.selectors import own_clients
from propylon.catalog.access import Visitor, visible_products
from propylon.catalog.selectors import ending_versions, newest_publications
from propylon.news.models import ArticleKind
from propylon.news.selectors import published
from propylon.portal.catalogue.subject import places_of
from propylon.portal.catalogue.views import visitor_of
from propylon.portal.home.next_step import next_step
from propylon.portal.installation import first_subject, installation, sample_entry

_FEATURED, _ARTICLES, _NEW, _OWN = 6, 3, 5, 4


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this installation offers, and where to begin; for those who signed in, where to go on."""
    user = visitor_of(request)
    subject = first_subject(user)
    context = {
        "facts": installation(),
        "subject": subject,
        "entry": sample_entry(subject.entries) if subject else None,
        "featured": _featured(user),
        "solutions": published(ArticleKind.SOLUTION)[:_ARTICLES],
        "articles": published(ArticleKind.NEWS, ArticleKind.BLOG)[:_ARTICLES],
        "ending": ending_versions(visible_products(user))[:_NEW],
        "new": _new(user),
        **(_own(user) if isinstance(user, User) else {}),
    }
    return render(request, "portal/home/home.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return _legal(request, "terms", current_terms())


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _legal(request, "privacy", current_privacy())


def _legal(request: HttpRequest, name: str, text: LegalText) -> HttpResponse:
    return render(request, "portal/home/legal.html", {"name": name, "legal": text})


def _featured(user: Visitor) -> list[tuple[Any, Any]]:
    """The operator's choice; without one, the newest."""
    found = visible_products(user).defer("description", "search_text")
    rows = list(found.filter(is_featured=True).order_by("title")[:_FEATURED]) or list(found.order_by("-pk")[:3])
    return [
        (row, [place for version in row.versions.all()[:1] for place in places_of(version.publications.all())])
        for row in rows
    ]


def _new(user: Visitor) -> list[dict[str, Any]]:
    """Versions that began to answer lately, each once with all of its environments."""
    found: dict[int, dict[str, Any]] = {}
    for row in newest_publications(visible_products(user))[: _NEW * 4]:
        version = row.product_version
        told = found.setdefault(version.pk, {"version": version, "at": row.created_at, "environments": []})
        told["environments"].append(row.environment.title)
    return list(found.values())[:_NEW]


def _own(user: User) -> dict[str, Any]:
    clients = list(own_clients(user)[:_OWN])
    return {"clients": clients, "next": next_step(user, clients)}
