"""The form of the call console: one field per declared parameter, named by its place so that any name is safe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from propylon.design.forms import PageForm
from propylon.kernel.errors import FieldError, PropylonError
from propylon.openapi.examples import ExampleRequest, Parameter
from propylon.portal.calling.choices import MUTUAL, PUBLIC
from propylon.portal.calling.trying import LONGEST_BODY, LONGEST_VALUE, Wish

_TALLEST = 18  # lines of the body's field


@dataclass(frozen=True, slots=True)
class ParameterField:
    """What the template shows of one parameter beside its widget."""

    parameter: Parameter
    bound: forms.BoundField


class TryForm(PageForm):
    """`listeners` are those that the client may choose from; `identities` pairs of number and name, empty if no
    customer is needed."""

    def __init__(
        self,
        data: Any = None,
        *,
        example: ExampleRequest,
        listeners: Sequence[str],
        identities: Sequence[tuple[str, str]],
    ) -> None:
        self.example = example
        self.listeners = tuple(listeners)
        self._keys = {parameter.key: f"{parameter.location}-{at}" for at, parameter in enumerate(example.parameters)}
        super().__init__(data, initial={"listener": self.listeners[0] if self.listeners else ""}, auto_id="try-%s")
        if identities:
            self.fields["customer"] = forms.ChoiceField(
                label=_("Customer"),
                choices=[(number, f"{name} ({number})") for number, name in identities],
                help_text=_("Whose data is called for. These identities exist in the sandbox only."),
            )
        if len(self.listeners) > 1:
            self.fields["listener"] = forms.ChoiceField(
                label=_("Address"),
                choices=[(name, _listener_title(name)) for name in self.listeners],
                widget=forms.Select,
            )
        for parameter in example.parameters:
            self.fields[self._keys[parameter.key]] = _field(parameter)
        if example.body is not None:
            self.fields["body"] = _body_field(example)

    @property
    def required_parameters(self) -> list[ParameterField]:
        return [field for field in self._parameters() if field.parameter.is_required]

    @property
    def optional_parameters(self) -> list[ParameterField]:
        return [field for field in self._parameters() if not field.parameter.is_required]

    @property
    def uses_optional_parameters(self) -> bool:
        """Is one of them filled in, or wrong?"""
        return any(field.bound.value() or field.bound.errors for field in self.optional_parameters)

    def _parameters(self) -> list[ParameterField]:
        return [ParameterField(each, self[self._keys[each.key]]) for each in self.example.parameters]

    def wish(self) -> Wish:
        """Of a form that is valid."""
        data = self.cleaned_data
        return Wish(
            listener=data.get("listener") or (self.listeners[0] if self.listeners else ""),
            values={key: text for key, name in self._keys.items() if (text := data.get(name, ""))},
            body=data.get("body", ""),
            identity_number=data.get("customer", ""),
        )

    def add_refusal(self, error: PropylonError) -> None:
        """A parameter's reason at its field; the base class knows the others."""
        others = []
        self.refusal_code = error.code
        for mistake in error.errors:
            name = self._keys.get((mistake.location, mistake.field))
            if name:
                self.add_error(name, mistake.reason)
            else:
                others.append(mistake)
        if others or not error.errors:
            super().add_refusal(_with(error, others))


def _with(error: PropylonError, errors: Sequence[FieldError]) -> PropylonError:
    return PropylonError(error.code, error.message, kind=error.kind, errors=errors)


def _listener_title(name: str) -> str:
    return {PUBLIC: _("Public address (TLS)"), MUTUAL: _("Mutual TLS address, with the client certificate")}[name]


def _field(parameter: Parameter) -> forms.Field:
    initial = parameter.example if parameter.is_required else ""
    attributes = {"class": "mono", "spellcheck": "false", "autocapitalize": "none", "autocomplete": "off"}
    choices = parameter.choices or (("true", "false") if parameter.kind == "boolean" else ())
    if choices and parameter.kind != "array":
        empty = [] if parameter.is_required else [("", _("(not sent)"))]
        return forms.ChoiceField(
            label=parameter.name,
            help_text=parameter.description,
            required=parameter.is_required,
            initial=initial,
            choices=[*empty, *((choice, choice) for choice in choices)],
        )
    hint = parameter.default or (parameter.example if parameter.is_given else "")
    return forms.CharField(
        label=parameter.name,
        help_text=parameter.description,
        required=parameter.is_required,
        initial=initial,
        max_length=LONGEST_VALUE,
        widget=forms.TextInput(attrs={**attributes, "placeholder": hint[:60]}),
    )


def _body_field(example: ExampleRequest) -> forms.Field:
    assert example.body is not None  # noqa: S101  (asked before)
    text = example.body.text
    return forms.CharField(
        label=_("Body"),
        required=example.body.is_required,
        strip=False,
        initial=text,
        max_length=LONGEST_BODY,
        help_text=example.body.media_type,
        widget=forms.Textarea(
            attrs={"class": "mono", "rows": min(max(text.count("\n") + 2, 4), _TALLEST), "spellcheck": "false"}
        ),
    )
