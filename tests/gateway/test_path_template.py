"""Path templates: what they match, and which comes first."""

from __future__ import annotations

import re

import pytest

from propylon.gateway.path_template import parse_path_template


@pytest.mark.parametrize(
    ("template", "path", "matches"),
    [
        ("/accounts", "/accounts", True),
        ("/accounts", "/accounts/", False),
        ("/accounts/{id}", "/accounts/1", True),
        ("/accounts/{id}", "/accounts/", False),
        ("/accounts/{id}", "/accounts/1/2", False),
        ("/{payment-service}/{payment-product}", "/payments/sepa", True),
        ("/files/{id}.json", "/files/a.json", True),
        ("/files/{id}.json", "/files/axjson", False),
        ("/a+b(c)", "/a+b(c)", True),
        ("/", "/", True),
    ],
)
def test_a_template_matches_whole_segments(template, path, matches):
    assert bool(re.fullmatch(parse_path_template(template).regex, path)) is matches


@pytest.mark.parametrize(
    "text", ["", "accounts", "/a//b", "/a/{}", "/a/{x", "/a/x}", "/a/{x/y}", "/a?b", "/a#b", "/a b", "/../a", "/ä"]
)
def test_what_is_no_template(text):
    assert parse_path_template(text) is None


def test_literal_before_mixed_before_variable():
    texts = ["/{a}/{b}", "/{a}/x", "/x/{b}", "/x/y", "/x/{b}.json"]
    ordered = sorted(texts, key=lambda text: parse_path_template(text).precedence)
    assert ordered == ["/x/y", "/x/{b}.json", "/x/{b}", "/{a}/x", "/{a}/{b}"]


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("/x/{a}", "/{b}/y", True),
        ("/x/{a}", "/y/{a}", False),
        ("/x", "/x/y", False),
        ("/{a}.json", "/b.xml", False),
        ("/{a}.json", "/{b}", True),
    ],
)
def test_two_templates_overlap_when_one_path_matches_both(one, other, overlap):
    first, second = parse_path_template(one), parse_path_template(other)
    assert first.overlaps(second) is overlap
    assert second.overlaps(first) is overlap


def test_names_of_variables_make_no_difference():
    assert parse_path_template("/a/{x}") == parse_path_template("/a/{y}")
