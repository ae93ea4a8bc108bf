"""Every address of portal and console that answers GET is in the table of pages, or is said to be none."""

from __future__ import annotations

import inspect
from typing import Any

from django.urls import get_resolver

from browser.addresses import addresses
from browser.pages import NO_PAGES, PAGES, PICTURES


def test_every_address_that_answers_get_is_in_the_table() -> None:
    listed = {each.name for each in PAGES} | set(NO_PAGES)
    missing = [each for each in addresses() if each.name not in listed and _answers_get(each.name)]
    assert not missing, "\n".join(f"{each.name} ({each.route})" for each in missing)


def test_the_table_names_what_there_is() -> None:
    known = {each.name for each in addresses()}
    listed = {each.name for each in PAGES if not each.path} | set(NO_PAGES)
    assert listed <= known, sorted(listed - known)


def test_titles_are_unique_and_pictures_are_of_pages() -> None:
    titles = [each.title for each in PAGES]
    assert sorted(titles) == sorted(set(titles))
    assert set(PICTURES) <= set(titles)


def _answers_get(name: str) -> bool:
    """A view that only takes POST says so with `require_POST`, whose wrapper holds the methods."""
    view: Any = _view(name)
    methods: list[str] | None = None
    while view is not None and methods is None:
        closure = inspect.getclosurevars(view).nonlocals if inspect.isfunction(view) else {}
        methods = closure.get("request_method_list")
        view = getattr(view, "__wrapped__", None)
    return methods is None or "GET" in methods


def _view(name: str) -> Any:
    *spaces, last = name.split(":")
    resolver: Any = get_resolver()
    for space in spaces:
        resolver = resolver.namespace_dict[space][1]
    return next(each.callback for each in resolver.url_patterns if getattr(each, "name", None) == last)
