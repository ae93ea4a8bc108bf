"""The form of a type of `authorization_details`: its schema is written as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from propylon.catalog.detail_type_wish import DetailTypeWish
from propylon.catalog.models import DetailType, Product
from propylon.console.products.forms import code_input
from propylon.design.forms import PageForm

_AREA = {"rows": 18, "class": "mono", "spellcheck": "false", "autocapitalize": "none"}


class DetailTypeForm(PageForm):
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=code_input(placeholder="account_information"),
        help_text=_("What applications send as type. It stays: consents name it."),
    )
    title = forms.CharField(
        label=_("What customers read when they consent"), max_length=200, help_text=_("“See your accounts”")
    )
    versions = forms.MultipleChoiceField(
        label=_("Versions"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The type exists in an environment where one of them answers."),
    )
    schema = forms.CharField(
        label=_("JSON Schema"),
        strip=False,
        widget=forms.Textarea(attrs=_AREA),
        help_text=_(
            "Of an object, without its type. Titles of members are what customers read; members that are not named "
            "are refused."
        ),
    )
    account_member = forms.CharField(
        label=_("Member for the accounts that the customer chooses"),
        required=False,
        max_length=60,
        widget=code_input(placeholder="accounts"),
        help_text=_("A list of strings, or a string for one account. Left empty: the customer chooses none."),
    )
    scope = forms.ChoiceField(
        label=_("Scope that its tokens carry"),
        required=False,
        help_text=_("With it the gateway lets them call. Without, applications ask for a scope beside the details."),
    )

    def __init__(self, *args: Any, product: Product, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = product.versions.order_by("version").values_list("version", flat=True)
        scopes = product.scopes.order_by("name").values_list("name", flat=True)
        _choose(self.fields["versions"], [(each, each) for each in versions])
        _choose(self.fields["scope"], [("", _("None")), *((each, each) for each in scopes)])
        if not is_new:
            del self.fields["name"]

    def clean_schema(self) -> dict[str, Any]:
        try:
            found = json.loads(self.cleaned_data["schema"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(
                _("This is not JSON: %(reason)s"), params={"reason": str(error)[:200]}
            ) from None
        if not isinstance(found, dict):
            raise forms.ValidationError(_("Write one JSON object."))
        return found

    def wish(self, name: str = "") -> DetailTypeWish:
        told = self.cleaned_data
        return DetailTypeWish(
            name=name or told["name"],
            title=told["title"],
            schema=told["schema"],
            versions=told["versions"],
            account_member=told["account_member"],
            scope=told["scope"],
        )


class AccountScopesForm(PageForm):
    """For which scopes customers choose accounts."""

    scopes = forms.MultipleChoiceField(
        label=_("Customers choose accounts for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A consent to one of these scopes covers only the accounts that the customer ticks."),
    )

    def __init__(self, *args: Any, product: Product, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = product.scopes.order_by("name").values_list("name", "title")
        _choose(self.fields["scopes"], [(name, f"{title} ({name})") for name, title in rows])


def initial_of(row: DetailType) -> dict[str, Any]:
    return {
        "title": row.title,
        "versions": sorted(row.versions.values_list("version", flat=True)),
        "schema": json.dumps(row.schema, indent=2, ensure_ascii=False),
        "account_member": row.account_member,
        "scope": row.scope.name if row.scope else "",
    }


def _choose(field: forms.Field, choices: Sequence[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)  # noqa: S101  (both are)
    field.choices = choices
