"""Reading articles."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone

from propylon.kernel.errors import Kind, PropylonError
from propylon.news.models import Article


def articles(*, also_drafts: bool = False, kind: str = "", state: str = "") -> QuerySet[Article]:
    """`also_drafts` gives those too whose time has not come; `state` narrows to one of Article.state."""
    now = timezone.now()
    found = Article.objects.all() if also_drafts else Article.objects.filter(published_at__lte=now)
    if state == "draft":
        found = found.filter(published_at=None)
    elif state == "scheduled":
        found = found.filter(published_at__gt=now)
    elif state == "published":
        found = found.filter(published_at__lte=now)
    return found.filter(kind=kind) if kind else found


def published(*kinds: str) -> QuerySet[Article]:
    """Published articles of these kinds (of all if none is named), newest first, without their texts."""
    found = articles().filter(kind__in=kinds) if kinds else articles()
    return found.defer("text").order_by("-published_at", "-pk")


def article_named(slug: str, *, also_drafts: bool = False) -> Article:
    """Raises `news.article.unknown`."""
    found = articles(also_drafts=also_drafts).filter(slug=slug).first()
    if found is None:
        raise PropylonError(
            "news.article.unknown", "There is no such article. The list names those there are.", kind=Kind.NOT_FOUND
        )
    return found
