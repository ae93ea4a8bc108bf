"""What the management API takes and says of articles."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema
from pydantic import AwareDatetime

from propylon.audit.paging import Paging
from propylon.news.actions import ArticleWish
from propylon.news.models import Article


class ArticleChange(Schema):
    title: str = Field(max_length=120)
    kind: str = Field("news", max_length=10, description="news, blog or solution")
    summary: str = Field("", max_length=300)
    text: str = Field("", max_length=100_000, description="Markdown.")
    product: str = Field("", max_length=60, description="Name of the product that it is about.")
    is_published: bool = Field(False, description="False takes the article back.")
    publish_at: AwareDatetime | None = Field(
        None, description="Of a published article: when readers begin to see it. Left out, they do at once."
    )

    def wish(self) -> ArticleWish:
        return ArticleWish(**self.model_dump())


class ArticleIn(ArticleChange):
    slug: str = Field("", max_length=80, description="Its address; made from the title unless given.")


class ArticleSummary(Schema):
    slug: str
    kind: str
    title: str
    summary: str
    product: str
    state: str = Field(description="draft, scheduled or published")
    created_at: datetime
    published_at: datetime | None = Field(description="Since when readers see it, or from when on they will.")


class ArticleOut(ArticleSummary):
    text: str


class ArticlePage(Schema):
    data: list[ArticleSummary]
    paging: Paging


def article_summary(row: Article) -> ArticleSummary:
    return ArticleSummary(
        slug=row.slug,
        kind=row.kind,
        title=row.title,
        summary=row.summary,
        product=row.product,
        state=row.state,
        created_at=row.created_at,
        published_at=row.published_at,
    )


def article_out(row: Article) -> ArticleOut:
    return ArticleOut(**article_summary(row).model_dump(), text=row.text)
