"""Addresses of this area."""

from __future__ import annotations

from django.urls import path

from propylon.portal.home import guide_views, news_views, views

app_name = "portal_home"
urlpatterns = [
    path("", views.home, name="home"),
    path("getting-started", guide_views.getting_started, name="getting_started"),
    path("guides", guide_views.guide_list, name="guides"),
    path("guides/<slug:slug>", guide_views.show_guide, name="guide"),
    path("news", news_views.news, name="news"),
    path("news/<slug:slug>", news_views.article, name="article"),
    path("terms", views.terms, name="terms"),
    path("privacy", views.privacy, name="privacy"),
]
