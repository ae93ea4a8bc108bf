"""How every view of the console answers: a page in the console's shell, or a redirect with a message."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from propylon.audit.paging import PageQuery
from propylon.console.access import can, staff_user
from propylon.console.queue.waiting import counts
from propylon.controlplane.kill_switches import kill_switches
from propylon.design.refusal_words import in_words
from propylon.kernel.errors import Kind, PropylonError

ROWS = 25
_LONGEST_CURSOR = 400


def console_page(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """`template` lies below console/. The navigation's counts, the banner and what the person may do come with it."""
    told = {"can": can(staff_user(request)), "stopped": kill_switches(), **(context or {})}
    if "waiting" not in told:
        told["waiting"] = counts()
    return render(request, f"console/{template}", told, status=status)


def done(request: HttpRequest, sentence: str, address: str) -> HttpResponse:
    """After a change: say so, and lead on."""
    messages.success(request, sentence)
    return HttpResponseRedirect(address, status=303)


def not_done(request: HttpRequest, error: PropylonError, address: str) -> HttpResponse:
    """For changes that have no page of their own: lead back, with the reason."""
    reasons = " ".join(in_words(each.reason) for each in error.errors)
    messages.error(request, f"{in_words(error.message)} {reasons}".strip())
    return HttpResponseRedirect(address, status=303)


def status_of(error: PropylonError) -> int:
    """Of the page that shows a refusal at its form."""
    return {Kind.CONFLICT: 409, Kind.NOT_FOUND: 404, Kind.FORBIDDEN: 403, Kind.RATE_LIMITED: 429}.get(error.kind, 400)


def nothing_chosen() -> PropylonError:
    """A form with two buttons came without either."""
    return PropylonError("console.decision.missing", "Press one of the two buttons.", kind=Kind.MALFORMED)


def page_query(request: HttpRequest, *, rows: int = ROWS) -> PageQuery:
    """Where a list goes on; how long a page is nobody chooses."""
    return PageQuery(limit=rows, after=request.GET.get("after", "")[:_LONGEST_CURSOR])


class Filters(forms.Form):
    """What narrows a list, from the address. A value that is none of the choices counts as not given."""

    use_required_attribute = False

    @property
    def chosen(self) -> dict[str, Any]:
        """Name to value, for every field; "" or None where nothing is chosen."""
        self.is_valid()
        return {name: self.cleaned_data.get(name, "") for name in self.fields}

    @property
    def query(self) -> dict[str, str]:
        """The same as the next page's address carries it on, without what is not chosen."""
        return {name: self.data.get(name, "") for name, value in self.chosen.items() if value not in {"", None}}

    @property
    def is_narrowed(self) -> bool:
        return bool(self.query)


def filters(form: type[Filters], request: HttpRequest) -> Filters:
    return form(request.GET, auto_id="filter-%s")


class TextFilter(forms.CharField):
    widget = forms.TextInput(attrs={"type": "search"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "max_length": 120, **kwargs})


class ChoiceFilter(forms.ChoiceField):
    """`choices` without the empty one, which is made of `anything`."""

    def __init__(self, *, anything: Any, choices: Any, **kwargs: Any) -> None:
        listed = [("", anything), *choices]
        super().__init__(**{"required": False, "choices": listed, **kwargs})
        self.widget.attrs["data-submit-on-change"] = ""
