"""Forms about applications and their clients."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from propylon.applications.overlaps import USUAL_OVERLAP
from propylon.catalog.selectors import environments
from propylon.console.pages import ChoiceFilter, Filters, TextFilter
from propylon.design.forms import PageForm, TextNeededAtTimes, two_lines
from propylon.oauth.policy import TYPES


class ApplicationFilters(Filters):
    text = TextFilter(label=_("Name or client id"))
    status = ChoiceFilter(
        label=_("State"),
        anything=_("Every state"),
        choices=[("pending", _("Waiting")), ("approved", _("Approved")), ("rejected", _("Rejected"))],
    )
    type = ChoiceFilter(
        label=_("Type"), anything=_("Every type"), choices=[(name, _(policy.title)) for name, policy in TYPES.items()]
    )
    environment = forms.ChoiceField(label=_("Environment"), required=False)
    organization = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(row.name, row.title) for row in environments()]
        field = ChoiceFilter(label=_("Environment"), anything=_("Every environment"), choices=choices)
        self.fields["environment"] = field


class DeciderForm(PageForm):
    """A decision by one of two buttons named `decision`: the button `refusing` needs the text `why`."""

    problems_title = _("Nothing was decided yet. Correct what is marked below.")
    refusing = "refuse"
    why = "reason"

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if self.data.get("decision") == self.refusing and self.why not in self.errors and not told.get(self.why):
            self.add_error(self.why, _("Say why not: the developers read it, and know what to do next."))
        return told


class DecisionForm(DeciderForm):
    """`seen_status` is what the page showed: a decision on what has changed meanwhile is refused."""

    refusing = "reject"
    reason = TextNeededAtTimes(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "You must give one to reject, and may give one to approve. "
            "The developers read it on the application's page and in the mail."
        ),
    )
    seen_status = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)


class ReasonForm(PageForm):
    problems_title = _("Nothing was changed yet. Correct what is marked below.")
    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the application's history, and goes to its developers by mail."),
    )


class TokensForm(ReasonForm):
    """Why all tokens of a client are refused."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the application's history, where its developers read it."),
    )


_OVERLAPS = (
    ("none", _("None: somebody else may have it"), _("It ends at once, and its tokens are refused.")),
    ("1h", _("One hour"), ""),
    ("24h", _("24 hours"), _("Time for a change without an interruption.")),
    ("7d", _("7 days"), ""),
)


class OverlapField(forms.ChoiceField):
    """How long the old secret works beside the new one."""

    def __init__(self, **kwargs: Any) -> None:
        wishes = {"label": _("How long the old secret works"), "widget": forms.RadioSelect, "initial": USUAL_OVERLAP}
        super().__init__(**{**wishes, **kwargs}, choices=_overlap_choices)


def _overlap_choices() -> list[tuple[str, Any]]:
    return [(name, two_lines(str(title), str(note))) for name, title, note in _OVERLAPS]


class SecretForm(ReasonForm):
    overlap = OverlapField()


class KeyRequestForm(DeciderForm):
    """The decision about a request for new keys."""

    why = "note"
    overlap = OverlapField()
    note = TextNeededAtTimes(
        label=_("Note to the developers"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "You must write one to refuse, and may write one to approve. "
            "The developers read it on the page of the keys and in the mail."
        ),
    )


class TypedForm(PageForm):
    """Something that cannot be taken back: the name must be typed."""

    problems_title = _("Nothing was done yet. Correct what is marked below.")

    typed = forms.CharField(
        max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.wanted = wanted
        self.fields["typed"].label = gettext("Type %(name)s to confirm") % {"name": wanted}

    def clean_typed(self) -> str:
        typed = str(self.cleaned_data["typed"]).strip()
        if typed != self.wanted:
            raise forms.ValidationError(gettext("This is not “%(name)s”.") % {"name": self.wanted})
        return typed
