"""Articles of the operator: written, published, taken back; every step in the event log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from management import Program
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.kernel.errors import PropylonError
from propylon.news.actions import ArticleWish, write_article
from propylon.news.models import Article


def test_an_article_is_a_draft_until_it_is_published(program: Program) -> None:
    operator, analyst = program.callers["operator"], program.callers["analyst"]
    made = operator.post("/news", {"title": "Rates come in December", "kind": "blog"})
    assert made.status == 201
    slug = made.body["slug"]
    assert slug == "rates-come-in-december"
    assert analyst.get(f"/news/{slug}").status == 404
    assert analyst.get("/news").body["data"] == []
    assert operator("PUT", f"/news/{slug}", {"title": "Rates", "is_published": True}).status == 200
    first = analyst.get(f"/news/{slug}").body
    assert first["title"] == "Rates"
    operator("PUT", f"/news/{slug}", {"title": "Rates!", "is_published": True})
    assert analyst.get(f"/news/{slug}").body["published_at"] == first["published_at"], "a change is no new article"
    assert operator("DELETE", f"/news/{slug}").status == 204
    assert analyst.get(f"/news/{slug}").status == 404
    actions = list(Event.objects.filter(object_kind="article").order_by("pk").values_list("action", flat=True))
    assert actions == ["article.written", "article.changed", "article.changed", "article.deleted"]


def test_what_is_scheduled_is_read_by_the_staff_only_until_then(program: Program) -> None:
    operator, analyst = program.callers["operator"], program.callers["analyst"]
    later = (timezone.now() + timedelta(hours=1)).isoformat()
    made = operator.post("/news", {"title": "Rates", "is_published": True, "publish_at": later})
    assert made.body["state"] == "scheduled"
    assert analyst.get("/news").body["data"] == []
    assert [each["slug"] for each in operator.get("/news").body["data"]] == ["rates"]
    now = operator("PUT", "/news/rates", {"title": "Rates", "is_published": True})
    assert now.body["state"] == "published"
    assert analyst.get("/news/rates").status == 200
    past = operator(
        "PUT", "/news/rates", {"title": "Rates", "is_published": True, "publish_at": "2020-01-01T00:00:00Z"}
    )
    assert past.status == 400
    assert past.body["errors"][0]["field"] == "publish_at"


@pytest.mark.django_db
def test_every_mistake_is_named_and_nothing_is_stored() -> None:
    wish = ArticleWish(title=" ", kind="rumour", summary="x" * 301, slug="Not A Slug")
    with pytest.raises(PropylonError) as refused:
        write_article(acting_user=SYSTEM, wish=wish)
    assert {error.field for error in refused.value.errors} == {"title", "kind", "summary", "slug"}
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_an_address_is_taken_once() -> None:
    write_article(acting_user=SYSTEM, wish=ArticleWish("Same"))
    with pytest.raises(PropylonError, match="exists already"):
        write_article(acting_user=SYSTEM, wish=ArticleWish("Same"))
    assert Article.objects.count() == 1
