"""Forms of pages: refusals in the words of the page, and quick to render."""

from __future__ import annotations

from django import forms
from pytest_django.asserts import assertHTMLEqual

from propylon.design.forms import LongSelect, PageForm, TextNeededAtTimes
from propylon.kernel.errors import FieldError, Kind, PropylonError


class Limits(PageForm):
    calls_per_day = forms.IntegerField(label="Calls a day")
    burst = forms.IntegerField(label="At once")
    note = TextNeededAtTimes(label="Note")


def test_a_refusal_names_fields_by_their_labels() -> None:
    form = Limits({"calls_per_day": "1", "burst": "2"})
    assert form.is_valid()
    mistakes = [FieldError("burst", "body", "at most calls_per_day"), FieldError("calls_per_day", "body", "too few")]
    form.add_refusal(PropylonError("limits.invalid", "Correct them.", kind=Kind.MALFORMED, errors=mistakes))
    assert form.errors == {"burst": ["at most “Calls a day”"], "calls_per_day": ["too few"]}


def test_all_forms_share_the_compiled_templates_of_widgets() -> None:
    """Compiling them anew for each form took 10 to 20 ms of a page."""
    assert Limits().renderer is PageForm().renderer


def test_a_long_select_is_what_django_would_render() -> None:
    choices = [("", "None"), ("a&b", '<i>"A"</i>'), (3, "Three")]
    names = {"name": "thing", "value": 3, "attrs": {"id": "id_thing"}}
    long, short = (kind(choices=choices).render(**names) for kind in (LongSelect, forms.Select))
    assertHTMLEqual(long, short)
