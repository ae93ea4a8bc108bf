"""Writing articles."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from propylon.audit.actions import record_event
from propylon.kernel.actor import Actor
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.news.models import Article, ArticleKind

LONGEST_TEXT = 100_000
_TEXTS = ("title", "kind", "summary", "text", "product")
_SLUG = re.compile(r"^[a-z0-9](?:[a-z0-9-]{0,78}[a-z0-9])?$")


@dataclass(frozen=True, slots=True)
class ArticleWish:
    """What an article is to say. `slug` "" makes it from the title; `product` is the name of one, or "".

    `publish_at` says from when on readers see what `is_published`; without it they do at once.
    """

    title: str
    kind: str = ArticleKind.NEWS
    summary: str = ""
    text: str = ""
    product: str = ""
    slug: str = ""
    is_published: bool = False
    publish_at: datetime | None = None


@transaction.atomic
def write_article(*, acting_user: Actor, wish: ArticleWish) -> Article:
    """A new article. Raises `news.article.invalid`, `news.article.exists`."""
    slug = wish.slug or re.sub(r"[^a-z0-9]+", "-", wish.title.lower()).strip("-")[:80].strip("-")
    _check(wish, slug, None)
    if Article.objects.filter(slug=slug).exists():
        raise PropylonError(
            "news.article.exists", f"An article {slug!r} exists already. Choose another address.", kind=Kind.CONFLICT
        )
    article = Article(slug=slug, created_at=timezone.now())
    return _store(acting_user, article, wish, "written")


@transaction.atomic
def change_article(*, acting_user: Actor, article: Article, wish: ArticleWish) -> Article:
    """Everything but its address. What is published already keeps its date. Raises `news.article.invalid`."""
    _check(wish, article.slug, article.published_at)
    return _store(acting_user, article, wish, "changed")


def withdraw_article(*, acting_user: Actor, article: Article) -> Article:
    """Take it back: a draft again, as it stands."""
    kept = {name: getattr(article, name) for name in _TEXTS}
    return change_article(acting_user=acting_user, article=article, wish=ArticleWish(**kept))


@transaction.atomic
def delete_article(*, acting_user: Actor, article: Article) -> None:
    _record(acting_user, article, "deleted")
    article.delete()


def _store(acting_user: Actor, article: Article, wish: ArticleWish, what: str) -> Article:
    for name in _TEXTS:
        setattr(article, name, getattr(wish, name))
    if not wish.is_published:
        article.published_at = None
    elif wish.publish_at is not None or article.state != "published":
        article.published_at = wish.publish_at or timezone.now()
    article.save()
    _record(acting_user, article, what)
    return article


def _check(wish: ArticleWish, slug: str, published_at: datetime | None) -> None:
    bounds = {"title": 120, "summary": 300, "text": LONGEST_TEXT, "product": 60}
    errors = [
        FieldError(name, "body", f"at most {longest} characters")
        for name, longest in bounds.items()
        if len(getattr(wish, name)) > longest
    ]
    if not wish.title.strip():
        errors.append(FieldError("title", "body", "missing"))
    if wish.kind not in ArticleKind.values:
        errors.append(FieldError("kind", "body", f"one of {', '.join(ArticleKind.values)}"))
    if not _SLUG.fullmatch(slug):
        errors.append(FieldError("slug", "body", "1 to 80 lower-case letters, digits and hyphens"))
    if wish.publish_at is not None and wish.publish_at != published_at and wish.publish_at <= timezone.now():
        errors.append(FieldError("publish_at", "body", "a time to come; leave it out to publish at once"))
    if errors:
        raise PropylonError(
            "news.article.invalid",
            "Correct the fields named in errors. Nothing was stored.",
            kind=Kind.MALFORMED,
            errors=errors,
        )


def _record(acting_user: Actor, article: Article, what: str) -> None:
    record_event(
        acting_user=acting_user,
        action=f"article.{what}",
        object_kind="article",
        object_id=article.slug,
        data={"kind": article.kind, "title": article.title, "state": article.state, "published_at": _time(article)},
    )


def _time(article: Article) -> str | None:
    return article.published_at.isoformat() if article.published_at else None
