"""Searching the catalogue: in the database, by what the import left there for it; no document is read."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from propylon.audit.paging import Page, PageQuery, page_of
from propylon.catalog.access import Visitor, visible_products
from propylon.catalog.models import Product, Publication
from propylon.catalog.search_text import search_words

PAGE = 24
ACCESS = ("open", "psd2")


def found_products(user: Visitor, *, text: str = "", environment: str = "", access: str = "") -> QuerySet[Product]:
    """Products that hold every word, answer there, and are for everybody ("open") or for licensed parties ("psd2")."""
    found = visible_products(user).defer("description", "search_text")
    for word in search_words(text):
        found = found.filter(search_text__contains=word)
    if environment:
        published = Publication.objects.filter(product_version__product=OuterRef("pk"), environment__name=environment)
        found = found.filter(Exists(published))
    return found.filter(is_psd2_only=access == "psd2") if access in ACCESS else found


def product_page(found: QuerySet[Product], after: str, filters: dict[str, str]) -> Page[Product]:
    """By title."""
    query = PageQuery(limit=PAGE, after=after)
    return page_of(found, query, name="catalogue", filters=filters, newest_first=False, by="title")
