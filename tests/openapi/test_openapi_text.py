"""Text to JSON values: YAML without YAML 1.1's surprises, mistakes with line and column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from propylon.openapi.mistakes import DocumentRejectedError, Mistake
from propylon.openapi.text import MAX_TEXT, read_text, text_of


def mistakes_in(text: str) -> list[str]:
    with pytest.raises(DocumentRejectedError) as rejected:
        read_text(text)
    return [str(mistake) for mistake in rejected.value.mistakes]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("2020-12-31", "2020-12-31"),
        ("12:30", "12:30"),
        ("0123", 123),
        ("0x1F", 31),
        ("1e3", 1000.0),
        ("true", True),
        ("~", None),
        ("", None),
        ("1_000", "1_000"),
        (".inf", ".inf"),
    ],
)
def test_values_follow_the_json_schema_of_yaml_1_2(written: str, value: object) -> None:
    assert read_text(f"key: {written}\n") == {"key": value}


def test_keys_are_texts_even_when_they_look_like_numbers() -> None:
    assert read_text("responses: {200: {}, true: 1, null: 2}") == {"responses": {"200": {}, "true": 1, "null": 2}}


def test_json_is_read_too() -> None:
    assert read_text('\ufeff{"a": [1, 2.5, null, "x\\u00e9"]}') == {"a": [1, 2.5, None, "xé"]}


def test_merge_keys_and_aliases_are_followed() -> None:
    assert read_text("a: &a {x: 1}\nb: {<<: *a, y: 2}") == {"a": {"x": 1}, "b": {"x": 1, "y": 2}}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("a: [1\nb: 2\n", "line 2, column 2"),
        ("a:\n  b: 1\n c: 2\n", "line 3, column 2"),
        ('{"a": 1,}}', "line 1"),
        ('{"a": 1\n "b": 2}', "line 2, column 2"),
        ("a: *nowhere\n", "line 1, column 4"),
        ("a: 1\n\x00", "line 2"),
        ("", "line 1"),
        ("just words", "line 1"),
        ("- a\n- b\n", "line 1"),
        ("a: 1\n---\nb: 2\n", "line"),
        ("a: " + "[" * 200_000, "line 1"),  # a native stack must not overflow
        ("- " * 200_000 + "a", "line 1"),
        ('{"a": ' + "[" * 200_000 + "]" * 200_000 + "}", "line 1"),
        ("x" * (MAX_TEXT + 1), "line 1"),
    ],
)
def test_text_that_is_no_document_names_the_line(text: str, place: str) -> None:
    assert all(mistake.startswith(place) for mistake in mistakes_in(text))


def test_every_duplicate_key_is_named_with_both_lines() -> None:
    found = mistakes_in("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert len(found) == 2
    assert any("line 5" in mistake and "line 1" in mistake for mistake in found)
    assert any("line 4" in mistake and "line 3" in mistake for mistake in found)


def test_no_tag_makes_an_object_of_python() -> None:
    assert "no JSON type" in mistakes_in("a: !!python/object/apply:os.system ['true']")[0]
    assert "no JSON type" in mistakes_in("a: !!binary aGk=")[0]


def test_a_small_text_cannot_grow_without_end() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    assert "too large" in mistakes_in("\n".join(lines))[0]
    assert "too large" in mistakes_in("a: &a [*a]")[0]


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_rejected_with_a_place(text: str) -> None:
    mistakes: tuple[Mistake, ...] = ()
    try:
        assert isinstance(read_text(text), dict)
    except DocumentRejectedError as rejected:
        mistakes = rejected.mistakes
        assert mistakes
    assert all(mistake.place and mistake.reason for mistake in mistakes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_a_file_is_read_in_every_encoding_that_says_what_it_is(encoding: str) -> None:
    assert text_of('{"info": "Größe"}'.encode(encoding)) == '{"info": "Größe"}'


def test_another_encoding_is_told_with_its_line() -> None:
    with pytest.raises(DocumentRejectedError) as rejected:
        text_of("a: 1\nb: Größe\n".encode("latin-1"))
    assert str(rejected.value.mistakes[0]) == "line 2: this is no text in UTF-8"


def test_a_key_twice_in_json_is_told_with_both_lines() -> None:
    with pytest.raises(DocumentRejectedError) as rejected:
        read_text('{\n "a": 1,\n "b": {"c": 1,\n  "c": 2}\n}')
    (mistake,) = rejected.value.mistakes
    assert mistake.place == "line 4, column 3"
    assert "'c' is here a second time; the first is in line 3" in mistake.reason


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("a: *gone\n", "line 1, column 4: no YAML: the alias 'gone' names no anchor"),
        ("a: 1\n---\nb: 2\n", "line 2, column 1: no YAML: a second document begins here"),
        ("a: &a [*a]\n", "too large or nested too deeply"),
        ("? [1]\n: 2\n", "line 1, column 3: a key must be plain text"),
        ("a: {<<: 1}\n", "'<<' takes a mapping, or a list of mappings"),
        ("a: !!binary x\n", "is no JSON type"),
    ],
)
def test_what_is_no_tree_of_texts_is_told(text: str, mistake: str) -> None:
    assert mistake in mistakes_in(text)[0]


def test_a_mapping_says_more_than_what_it_merges() -> None:
    text = "x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\nz: {<<: [*x, *y], a: 0}\n"
    assert read_text(text)["z"] == {"a": 0, "b": 2, "c": 4}


def test_what_an_alias_repeats_is_a_thing_of_its_own() -> None:
    found = read_text("x: &x {a: 1}\ny: *x\n")
    found["y"]["a"] = 2
    assert found["x"] == {"a": 1}
