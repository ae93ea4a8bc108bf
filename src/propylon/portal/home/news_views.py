"""News, blog and solutions (FEATURES P6)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from propylon.accounts.access import may
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.news.models import ArticleKind
from propylon.news.selectors import article_named, published
from propylon.portal.catalogue.views import visitor_of

_PAGE = 12


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """All kinds, or one of them."""
    kind = request.GET.get("kind", "")
    kind = kind if kind in ArticleKind.values else ""
    query = PageQuery(limit=_PAGE, after=request.GET.get("after", ""))
    rows = published(*([kind] if kind else []))
    page = page_of(rows, query, name="news", filters={"kind": kind}, by="published_at")
    context = {"articles": page.rows, "paging": page.paging, "kind": kind}
    return render(request, "portal/home/news.html", context)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """Drafts are shown to the program's staff only."""
    user = visitor_of(request)
    also_drafts = isinstance(user, User) and may(user, Permission.VIEW_PROGRAM)
    return render(request, "portal/home/article.html", {"article": article_named(slug, also_drafts=also_drafts)})
