"""Articles for the portal's readers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class ArticleKind(models.TextChoices):
    NEWS = "news"
    BLOG = "blog"
    SOLUTION = "solution"  # what partners build with the APIs


class Article(models.Model):
    """A text in Markdown. Without `published_at`, or before it, only the program's staff reads it."""

    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=ArticleKind.choices, default=ArticleKind.NEWS)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    product = models.CharField(max_length=60, blank=True)  # name of the catalogue's product that it is about
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True, db_index=True)

    def __str__(self) -> str:
        return self.slug

    @property
    def state(self) -> str:
        """draft, scheduled or published."""
        if self.published_at is None:
            return "draft"
        return "scheduled" if self.published_at > timezone.now() else "published"
