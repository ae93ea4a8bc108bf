"""Refusals in the page's language: what is listed is what the code says, and what is not listed stays English."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django import forms
from django.utils.translation import override

import propylon
from propylon.design import refusals_of_calls, refusals_of_pages
from propylon.design.forms import PageForm
from propylon.design.refusal_words import SENTENCES, in_words
from propylon.gateway.refusals import OTHER_FAULT, OTHER_REFUSAL, REFUSALS
from propylon.kernel.errors import FieldError, Kind, PropylonError
from propylon.oauth.error_table import OAUTH_ERRORS

PACKAGE = Path(propylon.__file__).parent
TABLES = {Path(each.__file__) for each in (refusals_of_calls, refusals_of_pages)}
FILLED_IN = re.compile(r" \((?:%[^%]*%|\{\}%?|%REQ\(\{\}\)%)\)")  # by the gateway, when it refuses


def said() -> set[str]:
    """Every text of the code, with {} where a value goes."""
    found: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        if file not in TABLES:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, (ast.Constant, ast.JoinedStr)):
                    found.add(FILLED_IN.sub("", _text(node)))
    return found


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return str(node.value) if isinstance(node, ast.Constant) else ""


def test_every_listed_sentence_is_one_that_the_code_says() -> None:
    known = said()
    unsaid = [each for each in SENTENCES if re.sub(r"\{\w+\}", "{}", each) not in known]
    assert unsaid == [], "reworded or gone: change the table"


def test_whatever_a_call_is_refused_with_is_listed() -> None:
    sentences = [each.message for each in (*REFUSALS, OTHER_FAULT, OTHER_REFUSAL)]
    sentences += [said for each in OAUTH_ERRORS for said in (each.meaning, each.remedy)]
    assert [each for each in sentences if FILLED_IN.sub("", each) not in SENTENCES] == []


def test_no_sentence_is_listed_twice() -> None:
    assert len(set(SENTENCES)) == len(SENTENCES)


def test_an_english_page_says_what_the_error_says() -> None:
    with override("en"):
        assert in_words("takes 2 to 120 characters") == "takes 2 to 120 characters"


@pytest.mark.parametrize(
    ("sentence", "swedish"),
    [
        ("must not be empty", "får inte vara tomt"),
        ("takes 2 to 120 characters", "ska ha 2 till 120 tecken"),
        ("at most 60 characters", "högst 60 tecken"),
        ("at most 16", "högst 16"),
        ("between 0 and 9, or empty for unlimited", "mellan 0 och 9, eller tomt för obegränsat"),
        (
            "Your role does not allow you to decide about requests. Ask your organization's manager.",
            "Din roll tillåter inte att du beslutar om ärenden. Vänd dig till den som är ansvarig i din organisation.",
        ),
        ("'x': every address; list none instead", "'x': alla adresser; ange ingen i stället"),
        ("Nobody has translated this.", "Nobody has translated this."),
    ],
)
def test_a_swedish_page_says_it_in_swedish_with_the_same_values(sentence: str, swedish: str) -> None:
    with override("sv"):
        assert in_words(sentence) == (
            swedish or "{}: inte ett IPv4- eller IPv6-nät som 192.0.2.0/24 eller 2001:db8::/32"
        )


class NameForm(PageForm):
    name = forms.CharField()


def test_a_form_shows_each_reason_in_the_page_s_language() -> None:
    form = NameForm({"name": "x"})
    form.is_valid()
    mistakes = [FieldError("name", "body", "takes 2 to 120 characters"), FieldError("other", "body", "missing")]
    with override("sv"):
        form.add_refusal(PropylonError("x.y", "Correct it.", kind=Kind.MALFORMED, errors=mistakes))
    assert form.errors == {"name": ["ska ha 2 till 120 tecken"], "__all__": ["other: saknas"]}
