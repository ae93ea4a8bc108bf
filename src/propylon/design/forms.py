"""Forms of pages: a refusal of the domain becomes words at the field it is about."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from django import forms
from django.forms.renderers import BaseRenderer, DjangoTemplates
from django.forms.utils import flatatt
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from propylon.design.refusal_words import in_words
from propylon.kernel.errors import PropylonError


class PageForm(forms.Form):
    """A form whose mistakes come from the rooms' own checks: it says what the fields are, not what is right."""

    use_required_attribute = True
    error_css_class = ""
    default_renderer = DjangoTemplates()  # one for all: each keeps the templates of widgets that it has compiled
    problems_title: str | Promise = ""  # above the form when something is wrong; empty: that it was not stored yet

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal_code = ""

    def add_refusal(self, error: PropylonError) -> None:
        """Each reason at its field (`redirect_uris.0` is at `redirect_uris`); all others above the form."""
        self.refusal_code = error.code
        if not error.errors:
            self.add_error(None, in_words(error.message))
        for mistake in error.errors:
            name = mistake.field.split(".")[0].split("[")[0]
            if name in self.fields:
                self.add_error(name, self._in_words(mistake.reason))
            else:
                reason = in_words(mistake.reason)
                self.add_error(None, f"{mistake.field}: {reason}" if mistake.field else reason)

    def _in_words(self, reason: str) -> str:
        """In the page's language, with labels instead of the names that the API has ("requests_per_second")."""
        reason = in_words(reason)
        for name, field in self.fields.items():
            if "_" in name and field.label:
                reason = re.sub(rf"\b{name}\b", f"“{field.label}”", reason)
        return reason


class TextNeededAtTimes(forms.CharField):
    """Some of the form's buttons need it, others do not: its hint says which, so nothing says "(optional)"."""

    is_needed_at_times = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})


class Radios(forms.ChoiceField):
    """A choice that always has a value, of which "" is one: so nothing says "(optional)"."""

    widget = forms.RadioSelect
    is_needed_at_times = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, **kwargs})


class LongSelect(forms.Select):
    """A list of a thousand things to choose from: Django renders a template for each, which takes a tenth of a second.

    Without groups; whatever else a select may have, it may, too.
    """

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        chosen = set(self.format_value(value))
        options = "\n".join(_option(str(key), str(title), str(key) in chosen) for key, title in self.choices)
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))  # noqa: S308  escaped by _option


def _option(value: str, title: str, is_selected: bool) -> str:
    return f'<option value="{escape(value)}"{" selected" if is_selected else ""}>{escape(title)}</option>'


class LinesField(forms.CharField):
    """One thing per line: redirect URIs, source ranges. Cleans to a list without empty lines."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 20_000, **kwargs})
        self.widget.attrs.update({"rows": 3, "class": "mono", "spellcheck": "false", "autocapitalize": "none"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        return [line.strip() for line in (super().clean(value) or "").splitlines() if line.strip()]


def two_lines(title: str, note: str) -> SafeString:
    """The label of a choice that says what it means."""
    return format_html('<strong>{}</strong><span class="soft">{}</span>', title, note)
