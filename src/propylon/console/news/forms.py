"""Forms about articles."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.selectors import product_titles
from propylon.console.pages import ChoiceFilter, Filters
from propylon.design.forms import LongSelect, PageForm, two_lines
from propylon.news.actions import LONGEST_TEXT, ArticleWish
from propylon.news.models import Article, ArticleKind

KIND_TITLES = {ArticleKind.NEWS: _("News"), ArticleKind.BLOG: _("Blog"), ArticleKind.SOLUTION: _("Solution")}
DRAFT, NOW, LATER = "draft", "now", "later"
_CODE = {"class": "mono", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
_MINUTES = "%Y-%m-%dT%H:%M"


class ArticleFilters(Filters):
    kind = ChoiceFilter(label=_("Kind"), anything=_("Every kind"), choices=KIND_TITLES.items())
    state = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[("draft", _("Draft")), ("scheduled", _("Scheduled")), ("published", _("Published"))],
    )


class ArticleForm(PageForm):
    title = forms.CharField(label=_("Title"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=list(KIND_TITLES.items()))
    summary = forms.CharField(
        label=_("Summary"),
        required=False,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Stands in lists and above the text."),
    )
    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 16, "class": "mono"}),
        help_text=_("Markdown: **bold**, `code`, - lists, [links](https://…), ## headings."),
    )
    product = forms.ChoiceField(
        label=_("Product"),
        required=False,
        widget=LongSelect,
        help_text=_("The one that it is about: a button below the text leads there."),
        error_messages={"invalid_choice": _("No product has this name. Choose one of the list.")},
    )
    slug = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs=_CODE),
        help_text=_("The last part of /news/…; made from the title if you leave it empty, and never changed."),
    )
    publishing = forms.ChoiceField(label=_("Who reads it"), widget=forms.RadioSelect, initial=DRAFT)
    publish_at = forms.DateTimeField(
        label=_("Published from (UTC)"),
        required=False,
        input_formats=[_MINUTES],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MINUTES),
    )

    def __init__(self, *args: Any, article: Article | None = None, **kwargs: Any) -> None:
        if article is not None:
            kwargs["initial"] = _as_it_is(article)
        super().__init__(*args, **kwargs)
        self.article = article
        self.fields["product"].choices = _products(article)  # type: ignore[attr-defined]  # of the choice field
        if article is not None:
            del self.fields["slug"]
        is_out = article is not None and article.state == "published"
        when = _("Everybody, as it is now.") if is_out else _("Everybody, at once.")
        self.fields["publishing"].choices = [  # type: ignore[attr-defined]  # of the choice field
            (DRAFT, two_lines(str(_("Draft")), str(_("The program's staff, and nobody else.")))),
            (
                NOW,
                two_lines(str(_("Published")), str(when)),
            ),
            (LATER, two_lines(str(_("Published later")), str(_("Everybody, from a time that you choose.")))),
        ]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("publishing") == LATER and not told.get("publish_at") and "publish_at" not in self.errors:
            self.add_error("publish_at", _("Say from when on."))
        return told

    def wish(self) -> ArticleWish:
        """Of a form that is valid."""
        told = dict(self.cleaned_data)
        publishing, publish_at = told.pop("publishing"), told.pop("publish_at")
        return ArticleWish(
            **told, is_published=publishing != DRAFT, publish_at=publish_at if publishing == LATER else None
        )


def _products(article: Article | None) -> list[tuple[str, Any]]:
    """Every product by its title, and what the article names already, even if there is no such product any more."""
    found = [
        (name, title if is_visible else _("%(title)s (hidden)") % {"title": title})
        for name, title, is_visible in product_titles()
    ]
    if article is not None and article.product and article.product not in dict(found):
        found.append((article.product, article.product))
    return [("", _("None")), *found]


def _as_it_is(article: Article) -> dict[str, Any]:
    publishing = {"draft": DRAFT, "published": NOW, "scheduled": LATER}[article.state]
    texts = {name: getattr(article, name) for name in ("title", "kind", "summary", "text", "product")}
    publish_at = article.published_at if publishing == LATER else None
    return {**texts, "publishing": publishing, "publish_at": publish_at}
