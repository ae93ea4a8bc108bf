"""Articles: list, write, change, schedule, take back, delete."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from propylon.accounts.access import actor_of
from propylon.accounts.roles import Permission
from propylon.audit.paging import page_of
from propylon.console.access import staff_change, staff_form, staff_only, staff_page, staff_user
from propylon.console.news.forms import KIND_TITLES, ArticleFilters, ArticleForm
from propylon.console.pages import console_page, done, filters, page_query, status_of
from propylon.kernel.errors import PropylonError
from propylon.news import actions, selectors
from propylon.news.models import Article, ArticleKind


@dataclass(frozen=True, slots=True)
class Preview:
    """What readers would see of a form as it is now."""

    title: str
    summary: str
    text: str


@staff_page
def articles(request: HttpRequest) -> HttpResponse:
    form = filters(ArticleFilters, request)
    found = selectors.articles(also_drafts=True, **form.chosen).defer("text")
    page = page_of(found, page_query(request), name="console news", filters=form.query)
    rows = [(row, KIND_TITLES[ArticleKind(row.kind)]) for row in page.rows]
    return console_page(request, "news/list.html", {"rows": rows, "paging": page.paging, "filters": form})


@staff_only(Permission.MANAGE_PROGRAM)
def write(request: HttpRequest) -> HttpResponse:
    return _writing(request, None)


@staff_form(Permission.MANAGE_PROGRAM)
def article(request: HttpRequest, slug: str) -> HttpResponse:
    return _writing(request, selectors.article_named(slug, also_drafts=True))


@staff_change(Permission.MANAGE_PROGRAM)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    found = selectors.article_named(slug, also_drafts=True)
    actions.withdraw_article(acting_user=actor_of(staff_user(request)), article=found)
    there = reverse("console_news:article", args=[slug])
    return done(request, _("The article is a draft again. Readers no longer see it."), there)


@staff_change(Permission.MANAGE_PROGRAM)
def delete(request: HttpRequest, slug: str) -> HttpResponse:
    found = selectors.article_named(slug, also_drafts=True)
    actions.delete_article(acting_user=actor_of(staff_user(request)), article=found)
    return done(request, _("The article was deleted."), reverse("console_news:list"))


def _writing(request: HttpRequest, found: Article | None) -> HttpResponse:
    """The form of a new article or of one that there is; its second button shows what readers would see."""
    form = ArticleForm(request.POST or None, article=found)
    preview, status = None, 200
    if request.method == "POST" and request.POST.get("step") == "preview":
        form.is_valid()
        preview = _preview(request)
    elif request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                stored = _store(request, form)
            except PropylonError as error:
                form.add_refusal(error)
                status = status_of(error)
            else:
                return done(request, _SENTENCES[stored.state](), reverse("console_news:article", args=[stored.slug]))
    context = {"form": form, "article": found, "preview": preview}
    return console_page(request, "news/article.html", context, status=status)


def _store(request: HttpRequest, form: ArticleForm) -> Article:
    actor = actor_of(staff_user(request))
    if form.article is None:
        return actions.write_article(acting_user=actor, wish=form.wish())
    return actions.change_article(acting_user=actor, article=form.article, wish=form.wish())


_SENTENCES = {
    "draft": lambda: _("Saved as a draft. Only the program's staff reads it."),
    "scheduled": lambda: _("Saved. It appears by itself at the time that you chose."),
    "published": lambda: _("Saved. Everybody reads it now."),
}


def _preview(request: HttpRequest) -> Preview:
    return Preview(
        title=request.POST.get("title", "")[:120],
        summary=request.POST.get("summary", "")[:300],
        text=request.POST.get("text", "")[: actions.LONGEST_TEXT],
    )
