"""The design system: what it escapes, what it loads, what its forms say."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.test import Client as Browser
from django.test import override_settings
from django.utils.translation import override

from propylon.design.forms import LinesField, PageForm
from propylon.design.highlighting import code_html
from propylon.design.markdown import to_html
from propylon.design.templatetags.design import _kept_code, code
from propylon.kernel.errors import FieldError, Kind, PropylonError

pytestmark = pytest.mark.django_db


class ExampleForm(PageForm):
    name = forms.CharField()
    uris = LinesField()


def test_the_gallery_loads_everything_from_this_host_and_nothing_inline() -> None:
    answer = Browser().get("/design-system", secure=True)
    text = answer.content.decode()
    assert answer.status_code == 200
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text)
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_code_that_is_kept_looks_the_same_in_every_language_and_other_code_is_not_kept() -> None:
    """Answers, certificates and keys are shown by the same component: nothing of them may stay in memory."""
    _kept_code.cache_clear()
    for language, word in (("en", "Copied"), ("sv", "Kopierat")):
        with override(language):
            kept = [str(code("json", '{"a": "<b>"}', "Title", is_kept=True)) for _ in range(2)]
            assert kept == [str(code("json", '{"a": "<b>"}', "Title"))] * 2
            assert word in kept[0]
            assert "<b>" not in kept[0]
    assert _kept_code.cache_info().currsize == 2


def test_a_static_file_is_served_for_ever_under_its_hash() -> None:
    text = Browser().get("/design-system", secure=True).content.decode()
    address = re.search(r'href="(/static/design/design\.css\?v=[0-9a-f]{12})"', text)
    assert address
    answer = Browser().get(address[1], secure=True)
    assert answer.status_code == 200
    assert "max-age=31536000" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](http://elsewhere/)",
    ],
)
def test_markdown_makes_no_script_and_loads_nothing(text: str) -> None:
    html = to_html(text)
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html


def test_markdown_leaves_the_first_heading_to_the_page() -> None:
    assert to_html("# One\n\n## Two") == "<h2>One</h2>\n<h3>Two</h3>\n"


def test_code_is_escaped_with_and_without_colours() -> None:
    assert "<b>" not in code_html("<b>", "json")
    assert "<b>" not in code_html("<b>", "unknown language")


def test_a_refusal_is_shown_at_the_field_that_it_names_and_above_the_form_otherwise() -> None:
    form = ExampleForm({"name": "x", "uris": "one\n\n two \n"})
    assert form.is_valid()
    assert form.cleaned_data["uris"] == ["one", "two"]
    mistakes = [FieldError("uris.1", "body", "must be https"), FieldError("plan", "body", "is missing")]
    form.add_refusal(PropylonError("a.code", "Correct this.", kind=Kind.MALFORMED, errors=mistakes))
    assert form.errors["uris"] == ["must be https"]
    assert form.non_field_errors() == ["plan: is missing"]
    assert form.refusal_code == "a.code"


def test_preferences_are_kept_and_lead_back_to_our_own_pages_only() -> None:
    browser = Browser()
    answer = browser.post("/preferences", {"theme": "dark", "next": "/design-system"}, secure=True)
    assert (answer.status_code, answer["Location"]) == (303, "/design-system")
    assert 'data-theme="dark"' in browser.get("/design-system", secure=True).content.decode()
    for there in ("https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"):
        assert browser.post("/preferences", {"language": "sv", "next": there}, secure=True)["Location"] == "/"
    assert '<html lang="sv"' in browser.get("/design-system", secure=True).content.decode()


def test_an_unknown_address_is_a_page_that_names_its_code() -> None:
    answer = Browser().get("/nothing/here", secure=True)
    assert answer.status_code == 404
    assert "request.path.unknown" in answer.content.decode()


@override_settings(DEBUG=False)
def test_a_stale_form_is_a_page_that_says_what_to_do() -> None:
    answer = Browser(enforce_csrf_checks=True).post("/preferences", {"theme": "dark"}, secure=True)
    assert answer.status_code == 403
    assert "request.form.stale" in answer.content.decode()
