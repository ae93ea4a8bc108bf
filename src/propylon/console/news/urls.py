"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.console.news import views

app_name = "console_news"
_ONE = "console/news/articles/<slug:slug>"
urlpatterns = [
    path("console/news", views.articles, name="list"),
    path("console/news/new", views.write, name="write"),
    path(_ONE, views.article, name="article"),
    path(f"{_ONE}/withdrawal", views.withdraw, name="withdraw"),
    path(f"{_ONE}/deletion", views.delete, name="delete"),
]
