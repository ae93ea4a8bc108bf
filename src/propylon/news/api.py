"""Articles in the management API: everybody reads what is published, operators write."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router, Status

from propylon.accounts.access import actor_of, may, require
from propylon.accounts.api_auth import current_user
from propylon.accounts.models import User
from propylon.accounts.roles import Permission
from propylon.audit.paging import PageQuery, page_of
from propylon.news import actions, selectors
from propylon.news.schemas import ArticleChange, ArticleIn, ArticleOut, ArticlePage, article_out, article_summary

router = Router(tags=["News"])


class ArticleQuery(PageQuery):
    kind: str = ""


@router.get("", response=ArticlePage, summary="News, blog and solutions, newest first; drafts for the program's staff")
def list_articles(request: HttpRequest, query: Query[ArticleQuery]) -> ArticlePage:
    found = selectors.articles(also_drafts=may(current_user(request), Permission.VIEW_PROGRAM), kind=query.kind)
    page = page_of(found, query, name="articles", filters={"kind": query.kind})
    return ArticlePage(data=[article_summary(row) for row in page.rows], paging=page.paging)


@router.post("", response={201: ArticleOut}, summary="Write an article")
def write(request: HttpRequest, payload: ArticleIn) -> Status[ArticleOut]:
    user = _writer(request)
    return Status(201, article_out(actions.write_article(acting_user=actor_of(user), wish=payload.wish())))


@router.get("/{slug}", response=ArticleOut, summary="One article with its text")
def show(request: HttpRequest, slug: str) -> ArticleOut:
    also_drafts = may(current_user(request), Permission.VIEW_PROGRAM)
    return article_out(selectors.article_named(slug, also_drafts=also_drafts))


@router.put("/{slug}", response=ArticleOut, summary="Change an article, publish it or take it back")
def change(request: HttpRequest, slug: str, payload: ArticleChange) -> ArticleOut:
    user = _writer(request)
    article = selectors.article_named(slug, also_drafts=True)
    return article_out(actions.change_article(acting_user=actor_of(user), article=article, wish=payload.wish()))


@router.delete("/{slug}", response={204: None}, summary="Delete an article")
def delete(request: HttpRequest, slug: str) -> Status[None]:
    user = _writer(request)
    actions.delete_article(acting_user=actor_of(user), article=selectors.article_named(slug, also_drafts=True))
    return Status(204, None)


def _writer(request: HttpRequest) -> User:
    user = current_user(request)
    require(user, Permission.MANAGE_PROGRAM)
    return user
