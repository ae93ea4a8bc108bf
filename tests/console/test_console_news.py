"""News in the console: written, previewed, scheduled, changed, withdrawn, deleted; readers see what they should."""

from __future__ import annotations

from datetime import timedelta

import pytest
from console_visitor import Visitor
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from management import Program
from propylon.audit.models import Event
from propylon.kernel.actor import SYSTEM
from propylon.news.actions import ArticleWish, write_article
from propylon.news.models import Article

FORM = {"title": "Rates", "kind": "news", "summary": "Daily.", "text": "**Every** day", "publishing": "draft"}
HERE = "/console/news/articles/rates"


@pytest.fixture
def operator(program: Program) -> Visitor:
    return Visitor(program.people["operator"])


def in_minutes(minutes: int) -> str:
    return (timezone.now() + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.django_db
def test_a_draft_is_read_by_the_staff_only_and_published_by_everybody(operator: Visitor) -> None:
    reader = Visitor(None)
    assert operator.post("/console/news/new", FORM)["Location"] == HERE
    assert reader.get("/news/rates").status_code == 404
    assert "<strong>Every</strong>" in operator.text("/news/rates")
    assert operator.post(HERE, {**FORM, "publishing": "now", "title": "Rates of today"}).status_code == 303
    assert "Rates of today" in reader.text("/news/rates")
    assert "Rates of today" in reader.text("/news")
    first = Article.objects.get().published_at
    operator.post(HERE, {**FORM, "publishing": "now"})
    assert Article.objects.get().published_at == first, "a change is no new article"


@pytest.mark.django_db
def test_what_is_scheduled_appears_by_itself(operator: Visitor) -> None:
    sent = {**FORM, "publishing": "later", "publish_at": in_minutes(60)}
    assert operator.post("/console/news/new", sent).status_code == 303
    reader = Visitor(None)
    assert reader.get("/news/rates").status_code == 404
    assert "Rates" not in reader.text("/news")
    assert "Scheduled" in operator.text("/console/news?state=scheduled")
    assert "Rates" not in operator.text("/console/news?state=published")
    Article.objects.update(published_at=timezone.now())
    assert "Rates" in reader.text("/news/rates")


@pytest.mark.django_db
def test_what_is_scheduled_keeps_its_time_when_it_is_changed(operator: Visitor) -> None:
    operator.post("/console/news/new", {**FORM, "publishing": "later", "publish_at": in_minutes(60)})
    planned = Article.objects.get().published_at
    assert planned is not None
    shown = planned.strftime("%Y-%m-%dT%H:%M")
    assert f'value="{shown}"' in operator.text(HERE)
    operator.post(HERE, {**FORM, "title": "Other", "publishing": "later", "publish_at": shown})
    assert Article.objects.get().published_at == planned


@pytest.mark.django_db
@pytest.mark.parametrize("publish_at", ["", "soon", "2020-01-01T00:00"])
def test_publishing_later_needs_a_time_to_come(operator: Visitor, publish_at: str) -> None:
    answer = operator.post("/console/news/new", {**FORM, "publishing": "later", "publish_at": publish_at})
    assert answer.status_code == 400
    assert 'id="id_publish_at_error"' in answer.content.decode()
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_an_article_can_be_withdrawn_and_deleted(operator: Visitor) -> None:
    article = write_article(acting_user=SYSTEM, wish=ArticleWish("Rates", text="x", is_published=True))
    reader = Visitor(None)
    assert operator.post(f"{HERE}/withdrawal").status_code == 303
    assert reader.get("/news/rates").status_code == 404
    article.refresh_from_db()
    assert (article.published_at, article.text) == (None, "x")
    assert operator.post(f"{HERE}/deletion").status_code == 303
    assert not Article.objects.exists()
    told = Event.objects.filter(object_kind="article").order_by("pk").values_list("action", flat=True)
    assert list(told) == ["article.written", "article.changed", "article.deleted"]


@pytest.mark.django_db
def test_the_preview_shows_markdown_and_stores_nothing(operator: Visitor) -> None:
    sent = {**FORM, "step": "preview", "text": "# Head\n\n**bold** <script>alert(1)</script>"}
    text = operator.post("/console/news/new", sent).content.decode()
    assert "<strong>bold</strong>" in text
    assert "<script>alert(1)" not in text
    assert text.count("<h1>") == 1
    assert not Article.objects.exists()


@pytest.mark.django_db
def test_a_refusal_says_what_is_wrong_at_its_field(operator: Visitor) -> None:
    answer = operator.post("/console/news/new", {**FORM, "title": "!", "product": "no-such"})
    assert answer.status_code == 400
    assert "No product has this name" in answer.content.decode()
    answer = operator.post("/console/news/new", {**FORM, "slug": "Not A Slug"})
    assert 'id="id_slug_error"' in answer.content.decode()
    operator.post("/console/news/new", FORM)
    assert operator.post("/console/news/new", FORM).status_code == 409
    assert Article.objects.count() == 1


@pytest.mark.django_db
def test_staff_without_the_permission_read_and_change_nothing(program: Program) -> None:
    write_article(acting_user=SYSTEM, wish=ArticleWish("Rates", text="**Every** day"))
    text = Visitor(program.people["auditor"]).text(HERE)
    assert "<strong>Every</strong>" in text
    assert "<textarea" not in text
    assert "/console/news/new" not in Visitor(program.people["auditor"]).text("/console/news")


@pytest.mark.django_db
def test_the_list_asks_the_same_number_of_queries_for_many(
    operator: Visitor, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        write_article(acting_user=SYSTEM, wish=ArticleWish(f"Number {number}"))
    with django_assert_max_num_queries(16):
        text = operator.text("/console/news")
    assert "Number 59" in text
    assert "Number 3<" not in text
